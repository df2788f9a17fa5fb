"""The calls that seat, change and remove people of our centers, and what reads say.

What the platform says is never a seat, nor the end of one; the member list is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from accounts.flows import agency, attempts, connections, drift, steps, unsharing
from accounts.flows.changing import SETTLES_IN
from accounts.flows.grants import await_read, move, queue_call, role_label
from accounts.flows.judging import NOT_LISTED, PATIENCE
from accounts.flows.reads import Seen
from accounts.flows.sharing import MOST_ATTEMPTS
from accounts.flows.unsharing import wait
from accounts.models import Connection, GrantAttempt, Grantee, RoleGrant
from accounts.outbound import OutboundError
from accounts.platforms.roles import Role
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Family = RoleGrant.Family
Operation = GrantAttempt.Operation
Outcome = GrantAttempt.Outcome

DOWN = (Operation.REMOVE, Operation.SEAT)

NO_KEY = "No key of ours administers {center}. An access owner connects it again."
TOO_OFTEN = (
    "{n} tries brought nothing. An access owner looks at the attempts and does it in"
    " {center}, on the website."
)
NOT_TAKEN_OVER = "{holder} holds {observed} still. {hand}"
BY_HAND = "Our Business Center admin sets {holder} to {role} in {center}, by hand."
REMOVE_BY_HAND = (
    "{holder} is still there. Our Business Center admin takes it off in {center}, on"
    " the website; a read closes it."
)
STILL_LISTED = "{center} still lists {holder}. The portal reads again."
NEVER_LISTED = (
    "The platform took it, yet {center} does not list {holder}. An access owner looks"
    " at the members there, on the website."
)


def send(grants: Iterable[RoleGrant], *, by: Actor) -> None:
    """Make the next call for every seat that waits for one."""
    for grant in grants:
        if grant.state == State.REQUESTING:
            _send_up(grant, by=by)
        elif (grant.state, grant.waits_on) == (State.WITHDRAWING, WaitsOn.PORTAL):
            _send_down(grant, by=by)


def key_for(grant: RoleGrant) -> Connection | None:
    """Return a key that administers the center; best one of somebody else's."""
    keys = agency.keys_for(grant.asset.as_grantee)
    own = grant.grantee.external_id
    others = [key for key in keys if key.external_user_id != own]
    return next(iter([*others, *keys]), None)


def _send_up(grant: RoleGrant, *, by: Actor) -> None:
    key = key_for(grant)
    if key is None:
        move(
            grant,
            State.REQUESTING,
            by=by,
            waits_on=WaitsOn.ACCESS_OWNER,
            problem=NO_KEY.format(center=grant.asset),
            check_again=True,
        )
        return
    if _tries(grant) >= MOST_ATTEMPTS:
        problem = TOO_OFTEN.format(n=MOST_ATTEMPTS, center=grant.asset)
        _give_up(grant, problem, by=by)
        return
    is_seated = grant.is_held or grant.family == Family.FINANCE
    operation = Operation.SEAT if is_seated else Operation.INVITE
    try:
        _call(grant, key, operation, by=by)
    except OutboundError as error:
        waits_on = unsharing.after(error)
        if waits_on == WaitsOn.PORTAL:
            queue_call(grant, by=by, problem=str(error))
        elif error.permanent and error.kind not in ("gone", "duplicate"):
            _give_up(grant, str(error), by=by)
        else:
            await_read(grant, by=by, problem=str(error))
    else:
        await_read(grant, by=by, missed_at=None)


def _send_down(grant: RoleGrant, *, by: Actor) -> None:
    key = key_for(grant)
    if key is None:
        problem = NO_KEY.format(center=grant.asset)
        wait(grant, WaitsOn.ACCESS_OWNER, by=by, problem=problem)
        return
    operation = DOWN[grant.family == Family.FINANCE]
    try:
        _call(grant, key, operation, by=by, is_down=True)
    except OutboundError as error:
        wait(grant, unsharing.after(error), by=by, problem=str(error))
    else:
        wait(grant, WaitsOn.PLATFORM, by=by)


def _call(
    grant: RoleGrant,
    key: Connection,
    operation: Operation,
    *,
    by: Actor,
    is_down: bool = False,
) -> None:
    """Make one call, its attempt saved before and closed after.

    Raises OutboundError.
    """
    wanted = Role.UNKNOWN if is_down else Role(grant.asked_role)
    [attempt] = attempts.begin(
        f"grant.{operation}_sent",
        operation,
        [grant],
        key,
        by=by,
        role="no finance role" if is_down else wanted.label,
    )

    def ask(connector: Any, token: Any) -> Any:
        center, holder = grant.asset.external_id, grant.grantee
        if operation == Operation.INVITE:
            return connector.invite_member(token, center, address_of(holder), wanted)
        if operation == Operation.REMOVE:
            return connector.remove_member(token, center, **_who(grant))
        kind = "finance_role" if grant.family == Family.FINANCE else "role"
        return connector.update_member(
            token, center, holder.external_id, **{kind: wanted}
        )

    try:
        written = connections.call(
            key, ask, purpose="see to who sits in our center", by=by, in_person=True
        )
    except OutboundError as error:
        attempts.refuse(attempt, error)
        raise
    outcome = Outcome.UNKNOWN if written.is_partial else Outcome.SAID_YES
    attempts.close(attempt, outcome, trace_id=written.trace_id)


def address_of(holder: Grantee) -> str:
    return holder.member.email if holder.member else holder.external_id


def _who(grant: RoleGrant) -> dict[str, str]:
    """Name somebody who sits there by id, an invitation by its address."""
    if grant.accepted_at is None or "@" in grant.grantee.external_id:
        return {"email": address_of(grant.grantee)}
    return {"member_id": grant.grantee.external_id}


# What a read says ---------------------------------------------------------------------


def judge_another_role(grant: RoleGrant, seen: Seen, *, by: Actor) -> None:
    """They sit there at another role: wait, ask again, or leave it to people."""
    last = steps.attempts_of(grant).first()
    if last is None:
        drift.book_listed(grant, seen, by=by)
        return
    observed: dict[str, Any] = {
        "observed_role": seen.role or Role.UNKNOWN,
        "observed_native": seen.native,
        "accepted_at": grant.accepted_at or timezone.now(),
        "missed_at": None,
    }
    if grant.state == State.REQUESTING:
        return  # its next call is due, whatever was read before it
    if _is_settling(last, seen):
        await_read(grant, by=by, **observed)
    elif _tries(grant) < MOST_ATTEMPTS:
        queue_call(grant, by=by, **observed)
    else:
        move(
            grant,
            State.DRIFTED,
            by=by,
            waits_on=WaitsOn.CENTER_ADMIN,
            problem=NOT_TAKEN_OVER.format(
                holder=grant.grantee,
                observed=role_label(seen.role or ""),
                hand=_by_hand(grant),
            ),
            **observed,
        )


def judge_unlisted(grant: RoleGrant, *, by: Actor) -> None:
    """The list shows neither seat nor invitation: call again, or wait, or tell."""
    last = steps.attempts_of(grant).first()
    words = {"center": grant.asset, "holder": grant.grantee}
    if last is not None and last.outcome == Outcome.UNKNOWN:
        queue_call(grant, by=by)
    elif last is not None and timezone.now() - last.started_at > PATIENCE:
        move(
            grant,
            State.UNVERIFIED,
            by=by,
            waits_on=WaitsOn.ACCESS_OWNER,
            problem=NEVER_LISTED.format(**words),
            check_again=True,
        )
    else:
        await_read(grant, by=by, problem=NOT_LISTED.format(receiver=grant.grantee))


def judge_removal(grant: RoleGrant, seen: Seen, *, by: Actor) -> None:
    """Book what a read says of a seat or finance role that is being taken away."""
    if not seen.is_listed and seen.status not in ("BOUND", "PENDING"):
        move(grant, State.WITHDRAWN, by=by)
        return
    last = steps.attempts_of(grant).first()
    words = {"center": grant.asset, "holder": grant.grantee}
    if grant.waits_on == WaitsOn.CENTER_ADMIN:
        wait(grant, WaitsOn.CENTER_ADMIN, by=by, problem=grant.problem)
    elif grant.waits_on != WaitsOn.PLATFORM:
        wait(grant, WaitsOn.PORTAL, by=by, problem=grant.problem)
    elif last is not None and _is_settling(last, seen):
        problem = STILL_LISTED.format(**words)
        wait(grant, WaitsOn.PLATFORM, by=by, problem=problem)
    elif _is_exhausted(grant, last):
        problem = REMOVE_BY_HAND.format(**words)
        wait(grant, WaitsOn.CENTER_ADMIN, by=by, problem=problem)
    else:
        problem = STILL_LISTED.format(**words)
        wait(grant, WaitsOn.PORTAL, by=by, problem=problem)


def _is_exhausted(grant: RoleGrant, last: GrantAttempt | None) -> bool:
    is_refused = last is not None and last.outcome == Outcome.REFUSED
    return is_refused or _tries(grant) >= MOST_ATTEMPTS


def _is_settling(last: GrantAttempt, seen: Seen) -> bool:
    """True for a read made before a yes could show."""
    read_at = seen.read.read_at if seen.read else timezone.now()
    ended_at = last.ended_at or last.started_at
    return last.outcome == Outcome.SAID_YES and read_at - ended_at < SETTLES_IN


def _tries(grant: RoleGrant) -> int:
    """Count what may have reached the platform since it was last asked for."""
    return steps.attempts_of(grant).exclude(outcome=Outcome.REFUSED).count()


def _give_up(grant: RoleGrant, problem: str, *, by: Actor) -> None:
    """Nobody was seated; whoever sits there at another role stays as they are."""
    state = State.DRIFTED if grant.is_held else State.FAILED
    move(grant, state, by=by, waits_on=WaitsOn.ACCESS_OWNER, problem=problem)


def _by_hand(grant: RoleGrant) -> str:
    role = role_label(grant.asked_role)
    return BY_HAND.format(holder=grant.grantee, role=role, center=grant.asset)
