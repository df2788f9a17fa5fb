"""Ask the platform to end a share: with the client's key, or with the partnership.

A partnership is ended only where somebody chose it and nothing else is shared: what
becomes of other shares is unconfirmed (TikTok facts 5.3). Then our own key may ask.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import transaction

from accounts.flows import agency, attempts, connections
from accounts.flows.grants import move
from accounts.flows.lists import Reader
from accounts.flows.sharing import MOST_ATTEMPTS, ONES_FAULT, clients_key
from accounts.models import Connection, GrantAttempt, RoleGrant
from accounts.outbound import OutboundError
from accounts.platforms.registry import platforms
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Operation = GrantAttempt.Operation
Outcome = GrantAttempt.Outcome

TOO_OFTEN = (
    "{n} tries did not end it. {client} ends it instead: the steps and a letter are"
    " on the grant's page."
)
STAYS_PARTNER = (
    "{giver} and {receiver} share more than this, so the partnership stays: this share"
    " alone is ended."
)
UNREAD = (
    "Whether {giver} and {receiver} share more could not be read, so the partnership"
    " stays: this share alone is ended."
)
READS_FIRST = "Before the partnership ends, what else it gives is read: {error}"


class Way(NamedTuple):
    """Which call ends a share, with whose key, and between which two centers."""

    operation: Operation
    key: Connection
    asks: str
    partner: str


def way_of(grant: RoleGrant) -> Way | None:
    """Return the call that ends this share; None when only the client can."""
    giver, receiver = grant.asset.center, grant.grantee
    if giver is None:
        return None
    key = clients_key(grant, even_ending=True)
    ends_partner = grant.ends_partner and is_last_share(grant)
    if key is not None:
        call = Operation.END_PARTNER if ends_partner else Operation.UNSHARE
        return Way(call, key, giver.external_id, receiver.external_id)
    for ours in agency.keys_for(receiver) if ends_partner else ():
        operation = Operation.END_PARTNER
        return Way(operation, ours, receiver.external_id, giver.external_id)
    return None


def is_last_share(grant: RoleGrant) -> bool:
    """True when the books know of nothing else that its center shares with ours."""
    others = RoleGrant.objects.filter(
        grantee=grant.grantee_id,
        asset__center=grant.asset.center_id,
        state__in=(*RoleGrant.HELD, *RoleGrant.WORKED),
    ).exclude(pk=grant.pk)
    return grant.asset.center_id is not None and not others.exists()


def send(grants: Iterable[RoleGrant], *, by: Actor) -> list[RoleGrant]:
    """Make the calls, in batches per way; return the grants that no call can end."""
    groups: defaultdict[Way, list[RoleGrant]] = defaultdict(list)
    no_way = []
    for grant in grants:
        chose_to_end = grant.ends_partner and grant.asset.center is not None
        if chose_to_end and not _looked_at_partner(grant, by=by):
            continue
        way = way_of(grant)
        if way is None:
            no_way.append(grant)
        elif tries(grant) >= MOST_ATTEMPTS:
            give_up(grant, by=by)
        else:
            groups[way].append(grant)
    for way, group in groups.items():
        size = platforms()[way.key.platform].batch_sizes["share"]
        for start in range(0, len(group), size):
            _send_batch(way, group[start : start + size], by=by)
    return no_way


def _looked_at_partner(grant: RoleGrant, *, by: Actor) -> bool:
    """Keep the partnership if anything else hangs on it; False to look again later.

    Read right before the call: the books do not know what was shared since.
    """
    problem = "" if is_last_share(grant) else STAYS_PARTNER
    if not problem:
        try:
            problem = STAYS_PARTNER if _shares_more(grant, by=by) else ""
        except OutboundError as error:
            if not error.permanent:
                said = READS_FIRST.format(error=error)
                wait(grant, WaitsOn.PORTAL, by=by, problem=said)
                return False
            problem = UNREAD
    if problem:
        centers = {"giver": grant.asset.center, "receiver": grant.grantee}
        said = problem.format(**centers)
        wait(grant, WaitsOn.PORTAL, by=by, problem=said, ends_partner=False)
    return True


def _shares_more(grant: RoleGrant, *, by: Actor) -> bool:
    """True when either center shares another account. Raises OutboundError."""
    assert grant.asset.center is not None
    ours, giver = grant.grantee.external_id, grant.asset.center.external_id
    trouble = OutboundError("No key of ours reads it.", permanent=True, kind="no_key")
    for key in agency.keys_for(grant.grantee):
        reader = Reader(by, in_person=True)
        try:
            given = reader.partner_accounts(key, ours, giver, [grant])
            taken = reader.client_accounts(key, ours, giver, ())
        except OutboundError as error:
            trouble = error
            continue
        listed = {row.external_id for row in (*given, *taken)}
        return bool(listed - {grant.asset.external_id})
    raise trouble


def tries(grant: RoleGrant) -> int:
    """Count the calls down the ladder, since the last one up, that may have arrived."""
    up = (Operation.SHARE, Operation.CHANGE, Operation.ASSIGN)
    down = grant.attempts.exclude(operation__in=up).exclude(outcome=Outcome.REFUSED)
    last = grant.attempts.filter(operation__in=up).first()
    return down.filter(started_at__gt=last.started_at).count() if last else down.count()


def give_up(grant: RoleGrant, *, by: Actor) -> None:
    """Leave it to people; a read still closes it."""
    wait(
        grant,
        WaitsOn.ACCOUNT_MANAGER,
        by=by,
        problem=TOO_OFTEN.format(
            n=MOST_ATTEMPTS, client=grant.asset.client or "Its owner"
        ),
    )


def wait(
    grant: RoleGrant, waits_on: WaitsOn, *, by: Actor, problem: str = "", **more: Any
) -> None:
    """Say who moves next; it is read again, later after each fruitless time."""
    move(
        grant,
        State.WITHDRAWING,
        by=by,
        waits_on=waits_on,
        problem=problem,
        check_again=True,
        **more,
    )


def _send_batch(way: Way, grants: list[RoleGrant], *, by: Actor) -> None:
    action = f"grant.{way.operation}_sent"
    opened = attempts.begin(action, way.operation, grants, way.key, by=by)
    account_ids = [grant.asset.external_id for grant in grants]

    def ask(connector: Any, token: Any) -> Any:
        if way.operation == Operation.END_PARTNER:
            return connector.end_partner(token, way.asks, way.partner)
        return connector.unshare_accounts(token, way.asks, way.partner, account_ids)

    try:
        written = connections.call(
            way.key, ask, purpose="take a share back", by=by, in_person=True
        )
    except OutboundError as error:
        is_shared_fate = len(grants) > 1 and error.kind in ONES_FAULT
        with transaction.atomic():
            for grant, attempt in zip(grants, opened, strict=True):
                attempts.refuse(attempt, error)
                if not is_shared_fate:
                    wait(grant, after(error), by=by, problem=str(error))
        if is_shared_fate:
            for grant in grants:
                _send_batch(way, [grant], by=by)
        return
    outcome = Outcome.UNKNOWN if written.is_partial else Outcome.SAID_YES
    with transaction.atomic():
        for grant, attempt in zip(grants, opened, strict=True):
            attempts.close(attempt, outcome, trace_id=written.trace_id)
            wait(grant, WaitsOn.PLATFORM, by=by)


def after(error: OutboundError) -> WaitsOn:
    """A pause, or a key that died, is followed by another call; else a read decides.

    So it does after "there is no such share": that may be what we want.
    """
    if error.outcome_unknown or error.kind == "duplicate":
        return WaitsOn.PLATFORM
    calls_again = not error.permanent or error.kind == "dead_token"
    return WaitsOn.PORTAL if calls_again else WaitsOn.PLATFORM
