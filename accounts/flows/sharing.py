"""Ask the platform to share: attempts first, then the call, then what it said.

What the platform says is never access; only a read is (proof.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.flows import connections
from accounts.flows.grants import move
from accounts.models import Connection, Consent, GrantAttempt, RoleGrant
from accounts.outbound import OutboundError
from accounts.platforms.registry import platforms
from accounts.platforms.roles import Role
from accounts.trail import Actor, record

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Outcome = GrantAttempt.Outcome

MOST_ATTEMPTS = 5
# Refusals that one account may cause for all: each is then tried alone.
ONES_FAULT = {"bad_request", "no_permission", "gone", "lost_access"}
NO_KEY = "No live key of the client reaches this account. The client opens a new link."
TOO_OFTEN = "{n} tries brought no share. The account manager looks at the attempts."


def settle_broken_off(grants: Iterable[RoleGrant], *, by: Actor) -> None:
    """Close attempts that an earlier run left open: nobody knows what came of them.

    A worker died between its call and the answer. The grants go on as not read back:
    the read decides, nothing is sent twice on a guess.
    """
    for grant in grants:
        open_attempt = grant.attempts.filter(outcome=Outcome.OPEN).first()
        if open_attempt is None:
            continue
        with transaction.atomic():
            _close(open_attempt, Outcome.UNKNOWN, answer="The portal was interrupted.")
            is_leaving = grant.state == State.WITHDRAWING
            move(
                grant,
                State.WITHDRAWING if is_leaving else State.UNVERIFIED,
                by=by,
                waits_on=WaitsOn.PLATFORM,
                check_again=True,
            )


def send(grants: Iterable[RoleGrant], *, by: Actor) -> None:
    """Share every grant that is still requesting, in batches per giving center."""
    for batch in _batches(grants, by=by):
        _send_batch(*batch, by=by)


Batch = tuple[Connection, str, list[RoleGrant]]


def _batches(grants: Iterable[RoleGrant], *, by: Actor) -> list[Batch]:
    """Group by key, giving center, receiver and role; drop what cannot be sent."""
    groups: defaultdict[tuple[Connection, str, str, str], list[RoleGrant]]
    groups = defaultdict(list)
    for grant in grants:
        if grant.state != State.REQUESTING:
            continue
        key = clients_key(grant)
        if key is None or grant.asset.center is None:
            move(
                grant,
                State.FAILED,
                by=by,
                waits_on=WaitsOn.ACCOUNT_MANAGER,
                problem=NO_KEY,
            )
        elif _tries(grant) >= MOST_ATTEMPTS:
            move(
                grant,
                State.FAILED,
                by=by,
                waits_on=WaitsOn.ACCOUNT_MANAGER,
                problem=TOO_OFTEN.format(n=MOST_ATTEMPTS),
            )
        else:
            center = grant.asset.center.external_id
            groups[key, center, str(grant.grantee_id), grant.asked_role].append(grant)
    return [
        (key, center, group[start : start + size])
        for (key, center, _, _), group in groups.items()
        for size in [platforms()[key.platform].batch_sizes["share"]]
        for start in range(0, len(group), size)
    ]


def _tries(grant: RoleGrant) -> int:
    """Count what may have reached the platform: a pause it asked for is no try."""
    return grant.attempts.exclude(outcome=Outcome.REFUSED).count()


def clients_key(grant: RoleGrant) -> Connection | None:
    """Return a live key the client consented to that may share this account."""
    return (
        Connection.objects.live()
        .filter(
            reaches__asset=grant.asset,
            reaches__can_grant=True,
            consents__client=grant.asset.client_id,
            consents__state=Consent.State.GIVEN,
        )
        .order_by("-key_given_at")
        .first()
    )


def _send_batch(
    key: Connection, center: str, grants: list[RoleGrant], *, by: Actor
) -> None:
    attempts = _open_attempts(key, grants, by=by)
    receiver, role = grants[0].grantee.external_id, Role(grants[0].asked_role)
    account_ids = [grant.asset.external_id for grant in grants]
    try:
        written = connections.call(
            key,
            lambda connector, token: connector.share_accounts(
                token, center, receiver, account_ids, role
            ),
            purpose="share the ticked accounts with us",
            by=by,
            in_person=True,
        )
    except OutboundError as error:
        is_shared_fate = len(grants) > 1 and error.kind in ONES_FAULT
        with transaction.atomic():
            for grant, attempt in zip(grants, attempts, strict=True):
                if is_shared_fate:
                    _close(attempt, Outcome.REFUSED, **_said(error))
                else:
                    _book_refusal(grant, attempt, error, by=by)
        if is_shared_fate:
            for grant in grants:
                _send_batch(key, center, [grant], by=by)
        return
    outcome = Outcome.UNKNOWN if written.is_partial else Outcome.SAID_YES
    # Attempt and grant together: a worker killed in between would share once more.
    with transaction.atomic():
        for grant, attempt in zip(grants, attempts, strict=True):
            _close(attempt, outcome, trace_id=written.trace_id)
            move(
                grant,
                State.UNVERIFIED,
                by=by,
                waits_on=WaitsOn.PLATFORM,
                check_again=True,
                accepted_at=grant.accepted_at or timezone.now(),
            )


def _open_attempts(
    key: Connection, grants: list[RoleGrant], *, by: Actor
) -> list[GrantAttempt]:
    with transaction.atomic():
        attempts = [
            GrantAttempt.objects.create(
                grant=grant,
                operation=GrantAttempt.Operation.SHARE,
                connection=key,
            )
            for grant in grants
        ]
        for grant in grants:
            record(
                "grant.share_sent",
                by=by,
                subject=grant,
                client=grant.asset.client,
                data={
                    "asset": str(grant.asset),
                    "grantee": str(grant.grantee),
                    "role": Role(grant.asked_role).label,
                    "key": str(key),
                },
            )
    return attempts


def _book_refusal(
    grant: RoleGrant, attempt: GrantAttempt, error: OutboundError, *, by: Actor
) -> None:
    """Time-out: a read decides. Refused for good: failed. Otherwise: again later."""
    said = _said(error)
    if error.outcome_unknown or error.kind == "duplicate":
        _close(attempt, Outcome.UNKNOWN, **said)
        move(
            grant,
            State.UNVERIFIED,
            by=by,
            waits_on=WaitsOn.PLATFORM,
            check_again=True,
        )
    elif error.permanent:
        _close(attempt, Outcome.REFUSED, **said)
        move(
            grant,
            State.FAILED,
            by=by,
            waits_on=WaitsOn.ACCOUNT_MANAGER,
            problem=str(error),
        )
    else:
        _close(attempt, Outcome.REFUSED, **said)
        move(
            grant,
            State.REQUESTING,
            by=by,
            waits_on=WaitsOn.PORTAL,
            problem=str(error),
            check_again=True,
        )


def _said(error: OutboundError) -> dict[str, str]:
    return {
        "answer": str(error),
        "native_code": error.code,
        "trace_id": error.trace_id,
    }


def _close(attempt: GrantAttempt, outcome: str, **said: str) -> None:
    attempt.outcome = outcome
    attempt.ended_at = timezone.now()
    for name, value in said.items():
        setattr(attempt, name, value[:300] if name == "answer" else value)
    attempt.save()
