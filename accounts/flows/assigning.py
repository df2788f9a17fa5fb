"""Put one of our people on an account with our own key; a read shows them on it.

Assigning again is taken to set another role; TikTok does not say so (facts 5.2). If a
read still shows the old one, the person is taken off and put on anew. What is refused
then is left to a colleague, on the website.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.flows import agency, attempts, connections, steps, unassigning
from accounts.flows.changing import SETTLES_IN
from accounts.flows.grants import await_read, move, queue_call, role_label
from accounts.flows.judging import PATIENCE
from accounts.flows.practices import why_left
from accounts.flows.reads import Seen
from accounts.flows.sharing import MOST_ATTEMPTS
from accounts.models import Connection, GrantAttempt, RoleGrant
from accounts.outbound import OutboundError
from accounts.platforms.roles import Role
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Operation = GrantAttempt.Operation
Outcome = GrantAttempt.Outcome

NO_KEY = (
    "No key of ours reaches {center}, so nobody can be put on it. An access owner"
    " connects it again."
)
NOT_HELD = (
    "{center} does not hold it any more, so {person} cannot be put on it. Ask {client}"
    " for access again."
)
FIRST_THE_CENTER = "{center} itself was not listed on it. The portal reads that first."
REFUSED = "{person} was not put on it: {error}"
TOO_OFTEN = "{n} tries did not put {person} on it. {by_hand}"
BY_HAND = "In {center}, on the website, open {account_id} and set {person} to {role}."
AT_ANOTHER_ROLE = "{person} is still on it as {held}. {by_hand}"
ASKED_ANEW = "{person} was taken off to change the role; the portal puts them on anew."
NOT_ON_IT = "{person} is not on it yet. The portal reads again."
NEVER_CAME = "The platform said yes, yet {person} is not on it. {by_hand}"


def send(grants: Iterable[RoleGrant], *, by: Actor) -> None:
    """Make the next call for every person's grant that is still requesting."""
    for grant in grants:
        if grant.state == State.REQUESTING and grant.is_placed:
            _send(grant, by=by)


def after_read(grant: RoleGrant, seen: Seen, *, by: Actor) -> bool:
    """Go on after a clean read that does not show the role that was asked for.

    False when nothing was sent for it: what the read says is the caller's then.
    """
    if grant.state == State.REQUESTING:
        return True  # its next call is due, whatever was read before it
    last = steps.attempts_of(grant).first()
    if last is None:
        return False
    if seen.is_listed:
        _book_another_role(grant, seen, last, by=by)
    else:
        _book_not_on_it(grant, last, by=by)
    return True


def _send(grant: RoleGrant, *, by: Actor) -> None:
    assert grant.via is not None
    center = grant.via.grantee
    keys = agency.keys_for(center)
    if no := why_left(grant.grantee.member):
        _give_up(grant, no, by=by)
    elif grant.via.state in (*RoleGrant.ENDED, State.LOST, State.WITHDRAWING):
        _give_up(grant, _say(NOT_HELD, grant), by=by)
    elif grant.via.missed_at is not None:
        queue_call(grant, by=by, problem=_say(FIRST_THE_CENTER, grant))
    elif not keys:
        move(
            grant,
            State.REQUESTING,
            by=by,
            waits_on=WaitsOn.ACCESS_OWNER,
            problem=_say(NO_KEY, grant),
            check_again=True,
        )
    elif _is_tried_enough(grant):
        _give_up(grant, _say(TOO_OFTEN, grant, n=MOST_ATTEMPTS), by=by)
    elif _next_call(grant) == Operation.UNASSIGN:
        _take_off_first(grant, keys, by=by)
    else:
        _assign(grant, keys, by=by)


def _next_call(grant: RoleGrant) -> Operation:
    """Return what brings a requesting grant on: a yes that shows nothing is undone."""
    last = steps.attempts_of(grant).exclude(outcome=Outcome.REFUSED).first()
    if last is None or not grant.is_held:
        return Operation.ASSIGN
    said_yes = last.outcome == Outcome.SAID_YES
    is_on = last.operation == Operation.ASSIGN
    return Operation.UNASSIGN if is_on == said_yes else Operation.ASSIGN


def _is_tried_enough(grant: RoleGrant) -> bool:
    """True when no try is left; nobody is taken off without one to put them on."""
    tried = steps.attempts_of(grant).exclude(outcome=Outcome.REFUSED).count()
    return tried >= MOST_ATTEMPTS - (_next_call(grant) == Operation.UNASSIGN)


def _take_off_first(grant: RoleGrant, keys: list[Connection], *, by: Actor) -> None:
    """Take the person off to put them on at another role, in the same turn."""
    assert grant.via is not None
    center, person = grant.via.grantee, grant.grantee
    try:
        agency.ask_each(
            keys, lambda key: unassigning.unassign(grant, key, center, person, by=by)
        )
    except OutboundError as error:
        _book_refusal(grant, error, by=by)
        return
    queue_call(grant, by=by, problem=_say(ASKED_ANEW, grant), missed_at=timezone.now())
    _send(grant, by=by)


def _assign(grant: RoleGrant, keys: list[Connection], *, by: Actor) -> None:
    """Ask with one of our keys; another one's turn comes where a login is refused."""
    assert grant.via is not None
    center, role = grant.via.grantee, Role(grant.asked_role)
    ids = (center.external_id, grant.asset.external_id, grant.grantee.external_id)
    for key in keys:
        [attempt] = attempts.begin(
            "grant.assign_sent", Operation.ASSIGN, [grant], key, by=by, role=role.label
        )
        try:
            written = connections.call(
                key,
                lambda connector, token: connector.assign_member(token, *ids, role),
                purpose="put one of our people on it",
                by=by,
                in_person=True,
            )
        except OutboundError as error:
            with transaction.atomic():
                attempts.refuse(attempt, error)
                if error.kind not in agency.ONE_LOGINS or key == keys[-1]:
                    _book_refusal(grant, error, by=by)
                    return
            continue
        outcome = Outcome.UNKNOWN if written.is_partial else Outcome.SAID_YES
        with transaction.atomic():
            attempts.close(attempt, outcome, trace_id=written.trace_id)
            await_read(grant, by=by, accepted_at=grant.accepted_at or timezone.now())
        return


def _book_refusal(grant: RoleGrant, error: OutboundError, *, by: Actor) -> None:
    """Time-out: a read decides. Refused for good: given up. Otherwise: again later."""
    if error.outcome_unknown or error.kind == "duplicate":
        await_read(grant, by=by)
    elif error.permanent:
        _give_up(grant, _say(REFUSED, grant, error=error), by=by)
    else:
        queue_call(grant, by=by, problem=str(error))


def _give_up(grant: RoleGrant, problem: str, *, by: Actor) -> None:
    """It has failed; a role that is held stays as it is until a colleague sets it."""
    if grant.is_held:
        _by_hand(grant, problem, by=by)
    else:
        waits_on = WaitsOn.ACCOUNT_MANAGER
        move(grant, State.FAILED, by=by, waits_on=waits_on, problem=problem)


def _by_hand(grant: RoleGrant, problem: str, *, by: Actor, **observed: Any) -> None:
    """Leave it to a colleague, on the platform's website; reads go on."""
    move(
        grant,
        State.UNVERIFIED,
        by=by,
        waits_on=WaitsOn.ACCOUNT_MANAGER,
        problem=problem,
        check_again=True,
        **observed,
    )


def _book_another_role(
    grant: RoleGrant, seen: Seen, last: GrantAttempt, *, by: Actor
) -> None:
    observed: dict[str, Any] = {
        "observed_role": seen.role or Role.UNKNOWN,
        "observed_native": seen.native,
        "missed_at": None,
    }
    if grant.waits_on == WaitsOn.ACCOUNT_MANAGER or _is_exhausted(grant, last):
        held = role_label(seen.role or "")
        said = _say(AT_ANOTHER_ROLE, grant, held=held)
        _by_hand(grant, said, by=by, **observed)
    elif _is_settling(last, seen):
        await_read(grant, by=by, **observed)
    else:
        queue_call(grant, by=by, **observed)


def _is_exhausted(grant: RoleGrant, last: GrantAttempt) -> bool:
    """True when nothing is left to ask: it was put on anew, or refused."""
    if last.outcome == Outcome.REFUSED:
        return True
    was_off = steps.attempts_of(grant).filter(
        operation=Operation.UNASSIGN, outcome=Outcome.SAID_YES
    )
    said_yes = last.outcome == Outcome.SAID_YES
    return last.operation == Operation.ASSIGN and said_yes and was_off.exists()


def _is_settling(last: GrantAttempt, seen: Seen) -> bool:
    """True for a read made before the last call could show."""
    read_at = seen.read.read_at if seen.read else timezone.now()
    return read_at - (last.ended_at or last.started_at) < SETTLES_IN


def _book_not_on_it(grant: RoleGrant, last: GrantAttempt, *, by: Actor) -> None:
    missed = {"missed_at": timezone.now()} if grant.is_held else {}
    if last.outcome == Outcome.UNKNOWN or last.operation == Operation.UNASSIGN:
        queue_call(grant, by=by, **missed)
    elif timezone.now() - last.started_at > PATIENCE:
        _by_hand(grant, _say(NEVER_CAME, grant), by=by, **missed)
    else:
        await_read(grant, by=by, problem=_say(NOT_ON_IT, grant), **missed)


def _say(sentence: str, grant: RoleGrant, **more: Any) -> str:
    assert grant.via is not None
    words = {
        "person": grant.grantee,
        "center": grant.via.grantee,
        "client": grant.asset.client or "its owner",
        "account_id": grant.asset.external_id,
        "role": role_label(grant.asked_role),
    }
    by_hand = BY_HAND.format(**words)
    return sentence.format(**words, by_hand=by_hand, **more)
