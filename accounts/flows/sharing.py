"""Ask the platform to share: attempts first, then the call, then what it said.

What the platform says is never access; only a read is (proof.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.flows import attempts, connections, steps
from accounts.flows.batches import Batch, Sendable, in_batches
from accounts.flows.grants import await_read, move, queue_call
from accounts.models import Connection, Consent, GrantAttempt, Grantee, RoleGrant
from accounts.outbound import OutboundError
from accounts.platforms.roles import Role
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Operation = GrantAttempt.Operation
Outcome = GrantAttempt.Outcome

PERSON = Grantee.Kind.PERSON  # nobody shares with a person: see assigning.py
MOST_ATTEMPTS = 5
# Refusals that one account may cause for all: each is then tried alone.
ONES_FAULT = {"bad_request", "no_permission", "gone", "lost_access"}
NO_KEY = "No live key of the client reaches this account. The client opens a new link."
SHARED_ANEW = "Taken back to change the role; the portal shares it anew."
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
            attempts.close(
                open_attempt, Outcome.UNKNOWN, answer="The portal was interrupted."
            )
            is_leaving = grant.state == State.WITHDRAWING
            move(
                grant,
                State.WITHDRAWING if is_leaving else State.UNVERIFIED,
                by=by,
                waits_on=WaitsOn.PLATFORM,
                check_again=True,
            )


def send(grants: Iterable[RoleGrant], *, by: Actor) -> None:
    """Share every grant that is still requesting, in batches per giving center.

    What a change of role takes back is shared anew in the same turn.
    """
    for batch in in_batches(_sendable(grants, by=by)):
        taken_back = _send_batch(batch, by=by)
        send(taken_back, by=by)


def _sendable(grants: Iterable[RoleGrant], *, by: Actor) -> Iterator[Sendable]:
    """Yield what can be sent now; give up what cannot be sent at all."""
    for grant in grants:
        if grant.state != State.REQUESTING or grant.grantee.kind == PERSON:
            continue
        key, operation = clients_key(grant), steps.next_call(grant)
        if key is None or grant.asset.center is None:
            _give_up(grant, operation, NO_KEY, by=by)
        elif _tries(grant) >= _most_tries(operation):
            _give_up(grant, operation, TOO_OFTEN.format(n=MOST_ATTEMPTS), by=by)
        else:
            yield grant, key, operation


def _tries(grant: RoleGrant) -> int:
    """Count what may have reached the platform: a pause it asked for is no try."""
    return steps.attempts_of(grant).exclude(outcome=Outcome.REFUSED).count()


def _most_tries(operation: Operation) -> int:
    """Nothing is taken back without a try left to share it anew."""
    return MOST_ATTEMPTS - (operation == Operation.UNSHARE)


def _give_up(
    grant: RoleGrant, operation: Operation, problem: str, *, by: Actor
) -> None:
    """A share has failed; a role that stays as it is is left to the client."""
    if operation == Operation.SHARE:
        move(
            grant,
            State.FAILED,
            by=by,
            waits_on=WaitsOn.ACCOUNT_MANAGER,
            problem=problem,
        )
    else:
        steps.leave_to_client(grant, by=by)


def clients_key(grant: RoleGrant, *, even_ending: bool = False) -> Connection | None:
    """Return a live key the client consented to that may share this account.

    With one that is about to be given back nothing new begins; what is under way is
    finished.
    """
    consents: dict[str, Any] = {
        "consents__client": grant.asset.client_id,
        "consents__state": Consent.State.GIVEN,
    }
    if grant.state not in RoleGrant.WORKED and not even_ending:
        consents["consents__end_asked_at__isnull"] = True
    return (
        Connection.objects.live()
        .filter(reaches__asset=grant.asset, reaches__can_grant=True, **consents)
        .order_by("-key_given_at")
        .first()
    )


PURPOSES = {
    Operation.SHARE: "share the ticked accounts with us",
    Operation.CHANGE: "give us another role",
    Operation.UNSHARE: "take a share back, to share it at another role",
}


def _send_batch(batch: Batch, *, by: Actor) -> list[RoleGrant]:
    """Make the call; return the grants it took back, to be shared anew."""
    tries = _begin(batch, by=by)
    try:
        written = connections.call(
            batch.key,
            batch.call,
            purpose=PURPOSES[batch.operation],
            by=by,
            in_person=True,
        )
    except OutboundError as error:
        is_shared_fate = len(batch.grants) > 1 and error.kind in ONES_FAULT
        with transaction.atomic():
            for grant, attempt in zip(batch.grants, tries, strict=True):
                if is_shared_fate:
                    attempts.refuse(attempt, error)
                else:
                    _book_refusal(grant, attempt, error, by=by)
        alone = batch.one_by_one() if is_shared_fate else []
        return [grant for one in alone for grant in _send_batch(one, by=by)]
    outcome = Outcome.UNKNOWN if written.is_partial else Outcome.SAID_YES
    # Attempt and grant together: a worker killed in between would share once more.
    with transaction.atomic():
        for grant, attempt in zip(batch.grants, tries, strict=True):
            attempts.close(attempt, outcome, trace_id=written.trace_id)
            _book_answer(grant, attempt, by=by)
    return [grant for grant in batch.grants if grant.state == State.REQUESTING]


def _begin(batch: Batch, *, by: Actor) -> list[GrantAttempt]:
    return attempts.begin(
        f"grant.{batch.operation}_sent",
        batch.operation,
        batch.grants,
        batch.key,
        by=by,
        role=Role(batch.grants[0].asked_role).label,
    )


def _book_answer(grant: RoleGrant, attempt: GrantAttempt, *, by: Actor) -> None:
    """What was taken back is shared anew at once; for the rest a read is due."""
    said_yes = attempt.outcome == Outcome.SAID_YES
    if attempt.operation == Operation.UNSHARE and said_yes:
        queue_call(grant, by=by, problem=SHARED_ANEW)
        return
    await_read(
        grant,
        by=by,
        accepted_at=grant.accepted_at or timezone.now(),
        # What a read has missed before says nothing of what was shared since.
        missed_at=None if attempt.operation == Operation.SHARE else grant.missed_at,
    )


def _book_refusal(
    grant: RoleGrant, attempt: GrantAttempt, error: OutboundError, *, by: Actor
) -> None:
    """Time-out: a read decides. Refused for good: given up. Otherwise: again later."""
    attempts.refuse(attempt, error)
    is_gone = attempt.operation == Operation.UNSHARE and error.kind == "gone"
    if attempt.outcome == Outcome.UNKNOWN or is_gone:
        await_read(grant, by=by)
    elif error.permanent:
        _give_up(grant, Operation(attempt.operation), str(error), by=by)
    else:
        queue_call(grant, by=by, problem=str(error))
