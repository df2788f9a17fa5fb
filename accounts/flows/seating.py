"""The calls that seat, change and remove people of our centers.

What the platform says is never a seat, nor the end of one; the member list is: what it
says of these calls is in seat_judging.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.flows import agency, attempts, connections, steps, unsharing, wishes
from accounts.flows.grants import await_read, move, queue_call
from accounts.flows.holders import address_id, address_of
from accounts.flows.practices import why_left
from accounts.flows.sharing import MOST_ATTEMPTS
from accounts.flows.unsharing import wait
from accounts.models import Connection, GrantAttempt, RoleGrant
from accounts.outbound import OutboundError
from accounts.platforms.roles import Role
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Family = RoleGrant.Family
Operation = GrantAttempt.Operation
Outcome = GrantAttempt.Outcome

NO_KEY = "No key of ours administers {center}. An access owner connects it again."
TOO_OFTEN = (
    "{n} tries brought nothing. An access owner looks at the attempts and does it in"
    " {center}, on the website."
)
ADDRESS_CHANGED = (
    "The address of {holder} has changed since this was asked for, so nobody is"
    " invited. Invite them again."
)


def send(grants: Iterable[RoleGrant], *, by: Actor) -> None:
    """Make the next call for every seat that waits for one."""
    for grant in grants:
        if grant.state == State.REQUESTING:
            _send_up(grant, by=by)
        elif (grant.state, grant.waits_on) == (State.WITHDRAWING, WaitsOn.PORTAL):
            _send_down(grant, by=by)


def keys_for(grant: RoleGrant) -> list[Connection]:
    """Return our keys that administer the center; best one of somebody else's."""
    keys, own = agency.keys_for(grant.asset.as_grantee), grant.grantee.external_id
    return sorted(keys, key=lambda key: key.external_user_id == own)


def tries(grant: RoleGrant) -> int:
    """Count what may have reached the platform since it was last asked for."""
    return steps.attempts_of(grant).exclude(outcome=Outcome.REFUSED).count()


def _send_up(grant: RoleGrant, *, by: Actor) -> None:
    is_seated = grant.is_held or grant.family == Family.FINANCE
    operation = Operation.SEAT if is_seated else Operation.INVITE
    keys = keys_for(grant)
    if no := _why_over(grant, operation):
        _give_up(grant, no, by=by)
        return
    if not keys:
        move(
            grant,
            State.REQUESTING,
            by=by,
            waits_on=WaitsOn.ACCESS_OWNER,
            problem=NO_KEY.format(center=grant.asset),
            check_again=True,
        )
        return
    try:
        role = Role(grant.asked_role)
        agency.ask_each(
            keys, lambda key: _call(key, grant, operation, by=by, role=role)
        )
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


def _why_over(grant: RoleGrant, operation: Operation) -> str:
    """Return in a sentence why nothing is sent any more; "" if it is.

    A yes to Admin is a yes to the address it was asked for: another one is another's.
    """
    if no := why_left(grant.grantee.member):
        return no
    if operation == Operation.INVITE and not _is_where_it_was(grant):
        return ADDRESS_CHANGED.format(holder=grant.grantee)
    if tries(grant) >= MOST_ATTEMPTS:
        return TOO_OFTEN.format(n=MOST_ATTEMPTS, center=grant.asset)
    return ""


def _is_where_it_was(grant: RoleGrant) -> bool:
    known_by = grant.grantee.external_id
    has_moved = "@" in known_by and known_by != address_id(address_of(grant.grantee))
    return not has_moved and wishes.is_as_approved(grant)


def _send_down(grant: RoleGrant, *, by: Actor) -> None:
    keys = keys_for(grant)
    if not keys:
        problem = NO_KEY.format(center=grant.asset)
        wait(grant, WaitsOn.ACCESS_OWNER, by=by, problem=problem)
        return
    is_seat = grant.family == Family.SEAT
    operation = Operation.REMOVE if is_seat else Operation.SEAT
    try:
        none = Role.UNKNOWN
        agency.ask_each(
            keys, lambda key: _call(key, grant, operation, by=by, role=none)
        )
    except OutboundError as error:
        wait(grant, unsharing.after(error), by=by, problem=str(error))
    else:
        wait(grant, WaitsOn.PLATFORM, by=by)


def _call(
    key: Connection, grant: RoleGrant, operation: Operation, *, by: Actor, role: Role
) -> None:
    """Make the call with this key, its attempt saved before and closed after.

    No role that is known takes a finance role off. Raises OutboundError.
    """
    [attempt] = attempts.begin(
        f"grant.{operation}_sent",
        operation,
        [grant],
        key,
        by=by,
        role="no finance role" if role == Role.UNKNOWN else role.label,
        address=address_of(grant.grantee),
    )

    def ask(connector: Any, token: Any) -> Any:
        center, holder = grant.asset.external_id, grant.grantee
        if operation == Operation.INVITE:
            return connector.invite_member(token, center, address_of(holder), role)
        if operation == Operation.REMOVE:
            return connector.remove_member(token, center, **_who(grant))
        kind = "finance_role" if grant.family == Family.FINANCE else "role"
        return connector.update_member(
            token, center, holder.external_id, **{kind: role}
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


def _who(grant: RoleGrant) -> dict[str, str]:
    """Name somebody who sits there by id, an invitation by its address."""
    if grant.accepted_at is None or "@" in grant.grantee.external_id:
        return {"email": address_of(grant.grantee)}
    return {"member_id": grant.grantee.external_id}


def _give_up(grant: RoleGrant, problem: str, *, by: Actor) -> None:
    """Nobody was seated; whoever sits there at another role stays as they are."""
    state = State.DRIFTED if grant.is_held else State.FAILED
    move(grant, state, by=by, waits_on=WaitsOn.ACCESS_OWNER, problem=problem)
