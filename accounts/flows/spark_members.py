"""Our people on a creator's account: their roles are grants, put on, off, read back.

Whom it serves is said on the authorizations; the grants follow. One account may serve
several clients: a person has the role that all of theirs together ask for. What a
person has is read on their own list (TikTok facts 5.2), and nothing else proves it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.flows import attempts, connections, drift, seats, sharing, steps
from accounts.flows.grants import await_read, move, queue_call, role_label, tell
from accounts.flows.judging import PATIENCE
from accounts.flows.leases import leased
from accounts.flows.practices import why_left
from accounts.flows.reads import Seen
from accounts.flows.spark_lists import SparkReader, native
from accounts.models import (
    Asset,
    Connection,
    GrantAttempt,
    Grantee,
    PlatformRead,
    RoleGrant,
    SparkAuthorization,
)
from accounts.outbound import OutboundError
from accounts.platforms.registry import platform
from accounts.platforms.roles import Role
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Operation = GrantAttempt.Operation
Outcome = GrantAttempt.Outcome
MOST = sharing.MOST_ATTEMPTS

# Authorizations whose people are to be on the account.
SERVING = (SparkAuthorization.State.ACTIVE, SparkAuthorization.State.UNVERIFIED)

REFUSED = "{person} was not put on it: {error}"
TOO_OFTEN = "{n} tries did not help. {by_hand}"
BY_HAND = (
    "In {center}, on the website, open the TikTok account {account} and set {person} to"
    " {role}."
)
OFF_BY_HAND = "{person} is still on it. Take them off in {center}, on the website."
NOT_ON_IT = "{person} is not on it yet. The portal reads again."


def of_account(account: Asset, center: Asset) -> Any:
    """Return the live grants of our people on a creator's account, in this center.

    Two of our centers may have one account. A grant stands in the center whose list
    last told of it; one never read, where the person is served, or has a seat.
    """
    live = SparkAuthorization.objects.exclude(state__in=SparkAuthorization.ENDED)
    served = live.filter(account=account, center=center).values("served")
    theirs = Q(grantee__in=served) | Q(grantee__in=seats.seated(center))
    here = Q(last_read__parameters__center=center.external_id)
    grants = _live(account).filter(here | Q(last_read=None) & theirs)
    return grants.select_related("asset__client", "grantee__member")


def _live(account: Asset) -> Any:
    return RoleGrant.objects.live().filter(
        asset=account, family=RoleGrant.Family.CREATOR
    )


def bring_on(
    authorization: SparkAuthorization, key: Connection, reader: SparkReader
) -> None:
    """Put on, take off and read back everybody on the account, in our center."""
    account, center = authorization.account, authorization.center
    if account is None or center is None:
        return
    _follow(account, center, by=reader.by)
    with _claimed(account, center) as grants:
        sharing.settle_broken_off(grants, by=reader.by)
        sent = [_send(grant, center, key, by=reader.by) for grant in grants]
        if any(sent):
            reader.forget()
        for grant in grants:
            _read(grant, center, key, reader)


def miss(
    authorization: SparkAuthorization, read: PlatformRead | None, reader: SparkReader
) -> None:
    """Judge everybody on the account by our center's list, which does not show it.

    Who is lost with the account is put on it anew when it comes back.
    """
    account, center = authorization.account, authorization.center
    if account is None or center is None:
        return
    with _claimed(account, center) as grants:
        sharing.settle_broken_off(grants, by=reader.by)
        for grant in grants:
            judge(grant, Seen(read=read), center, by=reader.by)
            if grant.state == State.LOST:
                move(grant, State.WITHDRAWN, by=reader.by)


def wanted(account: Asset, center: Asset) -> dict[Grantee, Role]:
    """Return who is to be on the account, and as what: at most what was granted.

    Who has left, or has no seat in the center any more, is wanted on nothing there.
    """
    asked: dict[Grantee, set[str]] = {}
    serving = SparkAuthorization.objects.filter(
        account=account, center=center, state__in=SERVING
    ).prefetch_related("served__member")
    seated = set(seats.seated(center).values_list("pk", flat=True))
    for one in serving:
        words = set(one.asked) & set(one.granted)
        for person in one.served.all():
            if person.pk in seated and not why_left(person.member):
                asked.setdefault(person, set()).update(words)
    spec = platform(account.platform).spark
    roles = {person: spec.role_of(words) for person, words in asked.items()}
    return {person: role for person, role in roles.items() if role is not None}


def _follow(account: Asset, center: Asset, *, by: Actor) -> None:
    """Want of every grant what the authorizations want; what nobody wants goes down.

    Who is on it through another of our centers has their one grant there.
    """
    roles = wanted(account, center)
    with transaction.atomic():
        here = {
            one.grantee_id: one
            for one in of_account(account, center).select_for_update(of=("self",))
        }
        others = _live(account).exclude(grantee__in=here)
        elsewhere = set(others.values_list("grantee", flat=True))
        for person, role in roles.items():
            if person.pk in elsewhere:
                continue
            grant = here.get(person.pk)
            is_coming = grant is not None and grant.state != State.WITHDRAWING
            if grant is None or not is_coming or grant.asked_role != role:
                _begin(account, person, role, grant, by=by)
        for pk, grant in here.items():
            is_kept = pk in {person.pk for person in roles}
            if not is_kept and grant.state != State.WITHDRAWING:
                _end(grant, by=by)


def _begin(
    account: Asset, person: Grantee, role: Role, grant: RoleGrant | None, *, by: Actor
) -> None:
    now = timezone.now()
    if grant is None:
        grant = RoleGrant(
            asset=account,
            grantee=person,
            family=RoleGrant.Family.CREATOR,
            source=RoleGrant.Source.STAFFED,
        )
    grant.asked_role, grant.asked_at, grant.since = role, now, now
    grant.state, grant.waits_on, grant.problem = State.REQUESTING, WaitsOn.PORTAL, ""
    grant.save()
    tell(grant, "grant.staffed", by, role=role.label, reason="")


def _end(grant: RoleGrant, *, by: Actor) -> None:
    """What was never sent is over at once; the rest when a read no longer shows it."""
    if grant.state == State.REQUESTING and not grant.attempts.exists():
        move(grant, State.WITHDRAWN, by=by)
        return
    grant.asked_at = timezone.now()
    move(
        grant,
        State.WITHDRAWING,
        by=by,
        waits_on=WaitsOn.PORTAL,
        asked_at=grant.asked_at,
    )


@contextmanager
def _claimed(account: Asset, center: Asset) -> Iterator[list[RoleGrant]]:
    """Yield the grants nobody else works on: one account may serve several clients."""
    here = of_account(account, center)
    keys = list(here.values_list("pk", flat=True))
    with leased(RoleGrant.objects.all(), keys) as mine:
        yield list(here.filter(pk__in=mine))


def _send(grant: RoleGrant, center: Asset, key: Connection, *, by: Actor) -> bool:
    """Make the next call of a grant that waits for one; False if none was made."""
    calls = {State.REQUESTING: Operation.ASSIGN, State.WITHDRAWING: Operation.UNASSIGN}
    call = calls.get(State(grant.state))
    if call is None or grant.waits_on != WaitsOn.PORTAL:
        return False
    tried = steps.attempts_of(grant).exclude(outcome=Outcome.REFUSED).count()
    if tried >= MOST:
        _leave_to_people(grant, center, by=by)
        return False
    _call(grant, center, key, call, by=by)
    return True


def _call(
    grant: RoleGrant,
    center: Asset,
    key: Connection,
    operation: GrantAttempt.Operation,
    *,
    by: Actor,
) -> None:
    person, role = str(grant.grantee), Role(grant.asked_role)
    ids = (center.external_id, grant.asset.external_id, grant.grantee.external_id)
    is_on = operation == Operation.ASSIGN
    action = "grant.assign_sent" if is_on else "grant.unassign_sent"
    [attempt] = attempts.begin(
        action, operation, [grant], key, by=by, role=role.label, person=person
    )

    def ask(connector: Any, token: Any) -> Any:
        if is_on:
            return connector.assign_creator_member(token, *ids, role)
        return connector.unassign_creator_member(token, *ids)

    try:
        written = connections.call(
            key,
            ask,
            purpose="put one of our people on a creator's account"
            if is_on
            else "take one of our people off a creator's account",
            by=by,
            in_person=True,
        )
    except OutboundError as error:
        with transaction.atomic():
            attempts.refuse(attempt, error)
            _book_refusal(grant, error, by=by)
        return
    outcome = Outcome.UNKNOWN if written.is_partial else Outcome.SAID_YES
    with transaction.atomic():
        attempts.close(attempt, outcome, trace_id=written.trace_id)
        _await_read(grant, by=by)


def _await_read(grant: RoleGrant, *, by: Actor, problem: str = "") -> None:
    """A read decides: on the way up as on the way down."""
    if grant.state == State.WITHDRAWING:
        waits_on = WaitsOn.PLATFORM
        move(grant, State.WITHDRAWING, by=by, waits_on=waits_on, problem=problem)
    else:
        await_read(grant, by=by, problem=problem)


def _book_refusal(grant: RoleGrant, error: OutboundError, *, by: Actor) -> None:
    """Time-out: a read decides. Refused for good: left to people. Else: again later."""
    is_off = grant.state == State.WITHDRAWING
    if error.outcome_unknown or error.kind in ("duplicate", *(["gone"] * is_off)):
        _await_read(grant, by=by)
    elif not error.permanent:
        problem = str(error)
        if is_off:
            waits_on = WaitsOn.PORTAL
            move(grant, State.WITHDRAWING, by=by, waits_on=waits_on, problem=problem)
        else:
            queue_call(grant, by=by, problem=problem)
    else:
        problem = REFUSED.format(person=grant.grantee, error=error)
        state = State.UNVERIFIED if grant.is_held else State.FAILED
        if is_off:
            state, problem = State.WITHDRAWING, str(error)
        _to_manager(grant, state, problem, by=by)


def _leave_to_people(grant: RoleGrant, center: Asset, *, by: Actor) -> None:
    if grant.state == State.WITHDRAWING:
        problem = OFF_BY_HAND.format(person=grant.grantee, center=center)
        _to_manager(grant, State.WITHDRAWING, problem, by=by)
    else:
        problem = TOO_OFTEN.format(n=MOST, by_hand=_by_hand(grant, center))
        _to_manager(grant, State.UNVERIFIED, problem, by=by)


def _to_manager(grant: RoleGrant, state: State, problem: str, *, by: Actor) -> None:
    move(grant, state, by=by, waits_on=WaitsOn.ACCOUNT_MANAGER, problem=problem)


def _by_hand(grant: RoleGrant, center: Asset) -> str:
    return BY_HAND.format(
        center=center,
        account=grant.asset,
        person=grant.grantee,
        role=role_label(grant.asked_role),
    )


def _read(
    grant: RoleGrant, center: Asset, key: Connection, reader: SparkReader
) -> None:
    """Read what the person has in the center; a read that failed changes nothing."""
    if grant.state in RoleGrant.ENDED:
        return
    ids = (center.external_id, grant.grantee.external_id)
    try:
        reading = reader.creator_accounts_of(key, *ids)
    except OutboundError:
        return
    account_id = grant.asset.external_id
    rows = [row for row in reading if row.external_id == account_id]
    seen = Seen(read=reading.read)
    for row in rows[:1]:
        if row.role is not None:
            seen = Seen(row.role, native(row), "BOUND", reading.read)
    judge(grant, seen, center, by=reader.by)


def judge(grant: RoleGrant, seen: Seen, center: Asset, *, by: Actor) -> None:
    """Book what a clean read of a person's list says of their role."""
    grant.refresh_from_db(fields=drift.MOVING)
    drift.note(grant, seen)
    if grant.state in drift.STOOD:
        drift.book(grant, seen, by=by)
    elif grant.state == State.WITHDRAWING:
        _judge_leaving(grant, seen, center, by=by)
    elif seen.is_listed and seen.role == grant.asked_role:
        drift.book_as_asked(grant, seen, by=by)
    elif grant.state == State.UNVERIFIED and grant.waits_on == WaitsOn.PLATFORM:
        _judge_coming(grant, seen, center, by=by)


def _judge_leaving(grant: RoleGrant, seen: Seen, center: Asset, *, by: Actor) -> None:
    last = steps.attempts_of(grant).first()
    if not seen.is_listed:
        move(grant, State.WITHDRAWN, by=by)
    elif grant.waits_on == WaitsOn.PLATFORM and last is not None:
        if last.outcome == Outcome.REFUSED or _is_long_ago(last):
            _leave_to_people(grant, center, by=by)
        elif last.outcome == Outcome.UNKNOWN:
            waits_on = WaitsOn.PORTAL
            move(grant, State.WITHDRAWING, by=by, waits_on=waits_on)


def _judge_coming(grant: RoleGrant, seen: Seen, center: Asset, *, by: Actor) -> None:
    """Not as asked after a call: ask again if nobody knows of it, wait, or give up."""
    if steps.has_stood(grant):
        drift.book_missing(grant, seen, by=by)
        return
    last = steps.attempts_of(grant).first()
    observed: dict[str, Any] = {}
    if seen.is_listed:
        observed = {"observed_role": seen.role, "observed_native": seen.native}
    if last is None or last.outcome == Outcome.UNKNOWN:
        queue_call(grant, by=by, **observed)
    elif _is_long_ago(last):
        problem = _by_hand(grant, center)
        waits_on = WaitsOn.ACCOUNT_MANAGER
        state = State.UNVERIFIED
        move(grant, state, by=by, waits_on=waits_on, problem=problem, **observed)
    else:
        problem = NOT_ON_IT.format(person=grant.grantee)
        await_read(grant, by=by, problem=problem, **observed)


def _is_long_ago(attempt: GrantAttempt) -> bool:
    """True when a yes is too old for its work to be on the way still."""
    return timezone.now() - attempt.started_at > PATIENCE


def is_under_way(account: Asset, center: Asset) -> bool:
    """True while the portal goes on with somebody by itself."""
    going = of_account(account, center).filter(
        state__in=RoleGrant.WORKED, waits_on__in=(WaitsOn.PORTAL, WaitsOn.PLATFORM)
    )
    return bool(going.exists())
