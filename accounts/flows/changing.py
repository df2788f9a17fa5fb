"""Another role for a grant that stands: asked for, approved, carried out, read back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import steps, wishes
from accounts.flows.grants import await_read, queue_call, role_label, tell
from accounts.flows.reads import BY_WEBSITE, Seen
from accounts.flows.sharing import clients_key
from accounts.flows.wishes import CannotWish, Wish
from accounts.models import (
    GrantAttempt,
    GrantChange,
    RoleGrant,
    User,
)
from accounts.platforms.roles import Role
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Operation = GrantAttempt.Operation
Outcome = GrantAttempt.Outcome

# A role that has just been asked for may be listed a moment later; taking the share
# back costs our people their place on the account, so it is not done in haste.
SETTLES_IN = dt.timedelta(seconds=30)

NOT_HELD = "{state}: its role is changed once a read shows that it is held."
A_PERSONS = "A person's role is set where the account is staffed."
ON_CREATORS = "A role on a creator's account follows its Spark authorization."
IN_CENTER = "What is held in {center} itself is changed on its page, under Members."
FOUND = "Nobody asked for this grant yet. Adopt it first."
AWAITS_A_YES = "An access owner decides about {role} for it first."
IS_CHANGING = "It is being changed to {role} already. The portal reads it back."
AS_IT_IS = "It is held as {role}, and that is what we ask for."


def change_role(grant: RoleGrant, wish: Wish, *, user: User) -> GrantChange:
    """Ask for another role: at once, or when an access owner has said yes.

    Raises CannotWish; nothing is written then.
    """
    assert wish.role is not None
    by = Actor.staff(user)
    with transaction.atomic():
        grant = locked(grant)
        if no := why_not(grant) or _why_not_this(grant, wish.role):
            raise CannotWish(no)
        if (left := steps.change_of(grant)) is not None:
            wishes.close(left, by=by)  # the client was asked, and is asked otherwise
        change = wishes.make(grant, GrantChange.Kind.ROLE, wish.role, wish, user=user)
        for cleared in wishes.put_forward([change], user=user):
            apply(cleared, by=by)
    return change


def why_not(grant: RoleGrant) -> str:
    """Return in a sentence why its role cannot be changed now; "" if it can."""
    waiting = grant.changes.waiting().first()
    if waiting is not None:
        return AWAITS_A_YES.format(role=waiting.get_role_display())
    if grant.is_in_center:
        return IN_CENTER.format(center=grant.asset)
    if grant.family == RoleGrant.Family.CREATOR:
        return ON_CREATORS
    if grant.is_placed:
        return A_PERSONS
    if grant.state == State.FOUND:
        return FOUND
    if _is_changeable(grant):
        return ""
    if steps.change_of(grant) is not None and grant.state in RoleGrant.UNSETTLED:
        return IS_CHANGING.format(role=role_label(grant.asked_role))
    return NOT_HELD.format(state=grant.get_state_display())


def _is_changeable(grant: RoleGrant) -> bool:
    stands = grant.state in (State.ACTIVE, State.DRIFTED)
    return stands or steps.is_left_to_client(grant)


def _why_not_this(grant: RoleGrant, role: Role) -> str:
    if grant.state == State.ACTIVE and role == grant.asked_role == grant.observed_role:
        return AS_IT_IS.format(role=role.label)
    return ""


def apply(change: GrantChange, *, by: Actor) -> bool:
    """Put the role that was asked for to work; False if that may not be any more.

    Only what its approval covers, only until its last day, only while the grant is
    held: otherwise the change is closed and the trail says why.
    """
    with transaction.atomic():
        grant = change.grant = locked(change.grant)
        if no := wishes.why_over(change) or _why_too_late(grant):
            wishes.close(change, by=by, because=no)
            return False
        before = role_label(grant.asked_role)
        grant.asked_role, grant.reason = change.role, change.reason
        grant.ends_on, grant.approval = change.ends_on, change.approval
        grant.asked_at = timezone.now()
        grant.save(
            update_fields=["asked_role", "reason", "ends_on", "approval", "asked_at"]
        )
        tell(
            grant,
            "grant.role_changed",
            by,
            role=change.get_role_display(),
            before=before,
            reason=change.reason,
        )
        _set_to_work(grant, by=by)
        async_task("accounts.tasks.carry_out_grants", [str(grant.pk)])
    return True


def after_read(grant: RoleGrant, seen: Seen, *, by: Actor) -> bool:
    """Go on with a change of role after a clean read that does not show it.

    Call with what was read, another role or nothing at all. True when the change
    took care of it; False when there is none under way and the read is the caller's.
    """
    if steps.change_of(grant) is None:
        return False
    if grant.state == State.REQUESTING:
        return True  # its next call is due, whatever was read before it
    last = steps.attempts_of(grant).first()
    if not seen.is_listed:
        if last is None or last.operation != Operation.UNSHARE:
            return False
        queue_call(grant, by=by, missed_at=timezone.now())
        return True
    observed: dict[str, Any] = {
        "observed_role": seen.role or Role.UNKNOWN,
        "observed_native": seen.native,
        "missed_at": None,
    }
    if grant.waits_on != WaitsOn.CLIENT and _is_settling(last, seen):
        await_read(grant, by=by, **observed)
    elif grant.waits_on == WaitsOn.CLIENT or _is_exhausted(last):
        steps.leave_to_client(grant, by=by, **observed)
    else:
        queue_call(grant, by=by, **observed)
    return True


def waiting_for(user: Any) -> QuerySet[GrantChange]:
    """Return what this colleague sees of the changes that await a decision."""
    seen: QuerySet[GrantChange] = GrantChange.objects.waiting().visible_to(user)
    return seen


def locked(grant: RoleGrant) -> RoleGrant:
    """Return the grant as it stands, held until the transaction ends."""
    rows = RoleGrant.objects.select_for_update(of=("self",))
    return rows.select_related("asset__center", "asset__client", "grantee").get(
        pk=grant.pk
    )


def _why_too_late(grant: RoleGrant) -> str:
    """Say why a grant that was held when it was asked about is not held now."""
    if _is_changeable(grant):
        return ""
    return NOT_HELD.format(state=grant.get_state_display())


def _set_to_work(grant: RoleGrant, *, by: Actor) -> None:
    """Ask the platform, or the client where no call can; as it is held, just read."""
    if grant.observed_role == grant.asked_role:
        await_read(grant, by=by)
    elif grant.source in BY_WEBSITE or clients_key(grant) is None:
        steps.leave_to_client(grant, by=by)
    else:
        queue_call(grant, by=by)


def _is_settling(last: GrantAttempt | None, seen: Seen) -> bool:
    """True for a read made before the last call could show, or begun before it."""
    if last is None:
        return False
    read_at = seen.read.read_at if seen.read else timezone.now()
    return read_at - (last.ended_at or last.started_at) < SETTLES_IN


def _is_exhausted(last: GrantAttempt | None) -> bool:
    """True when nothing is left to ask: it was shared anew, or refused."""
    if last is None:
        return False
    return last.operation == Operation.SHARE or last.outcome == Outcome.REFUSED
