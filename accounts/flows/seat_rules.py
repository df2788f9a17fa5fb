"""What stands in the way of a seat: who may be invited, changed, taken out again.

Every refusal is a sentence; nothing is written here.
"""

from __future__ import annotations

from django.db.models import Q

from accounts.flows import changing, key_seats, steps, withdrawing
from accounts.flows.grants import role_label
from accounts.flows.practices import why_left, why_not_address
from accounts.models import Asset, GrantChange, Grantee, Member, RoleGrant
from accounts.platforms.roles import Role

State = RoleGrant.State
Family = RoleGrant.Family

AWAITS_A_YES = "An access owner decides about {role} for {holder} first."
SITS_ALREADY = "{holder} sits in {center} already, as {role}. Change the seat instead."
IS_INVITED = (
    "{holder} is invited to {center} already. Take the invitation back to send it"
    " another way."
)
IS_ANOTHERS = (
    "{email} was {holder}'s address when it was invited before. Enter another one, so"
    " that two people stay two."
)
UNDER_WAY = "The seat of {holder} is being changed. Look again when it is read back."
NOT_SEATED = "{holder} has no seat in {center} that a read shows. Invite them first."
AS_IT_IS = "{holder} holds {role}, and that is what we ask for."
LAST_KEY = (
    "{holder} signed in with the only key of ours that administers {center}: without"
    " this seat as Admin nothing there is read or changed any more. Another admin of"
    " {center} connects their login first."
)
NOTHING_TO_TAKE = "There is nothing to take away here now."

CAN_END = (*withdrawing.TAKEABLE, State.DRAFT, State.REQUESTING, State.LOST)


def why_not_invite(center: Asset, holder: Grantee, member: Member) -> str:
    """Return in a sentence why nobody invites them now; "" if somebody may."""
    if no := why_not_address(member.email) or why_left(member):
        return no
    words = {"holder": holder, "center": center}
    if holder.member_id != member.pk:
        return IS_ANOTHERS.format(email=member.email, holder=holder.member or holder)
    theirs = Q(grantee=holder) | Q(grantee__member=member)
    seats = RoleGrant.objects.live().filter(theirs, asset=center, family=Family.SEAT)
    seat = seats.exclude(state=State.LOST).select_related("grantee").first()
    if seat is None:
        return ""
    if no := _why_asked(seat):
        return no
    if seat.state in RoleGrant.HELD:
        return SITS_ALREADY.format(role=role_label(seat.observed_role), **words)
    if seat.state == State.PENDING:
        return IS_INVITED.format(**words)
    return "" if seat.state == State.DRAFT else UNDER_WAY.format(**words)


def can_change(seat: RoleGrant) -> bool:
    """True while somebody of ours holds it, and somebody has asked for it."""
    stands = seat.state in (State.ACTIVE, State.DRIFTED)
    return stands and not why_left(seat.grantee.member)


def can_end(grant: RoleGrant) -> bool:
    """True for what is held or wanted in a center, and not on its way down."""
    return grant.is_in_center and grant.state in CAN_END


def why_not_change(seat: RoleGrant, role: Role | None = None) -> str:
    """Return in a sentence why the seat's role stays; `role` is the one wanted."""
    words = {"holder": seat.grantee, "center": seat.asset}
    if no := why_left(seat.grantee.member) or _why_asked(seat):
        return no
    if seat.state not in RoleGrant.HELD:
        return NOT_SEATED.format(**words)
    if seat.state == State.FOUND:
        return changing.FOUND
    if role == Role.STANDARD and key_seats.is_last(seat):
        return LAST_KEY.format(**words)
    return _why_same(seat, role) if role else ""


def why_not_finance(seat: RoleGrant) -> str:
    """Return in a sentence why they are given no finance role; "" if they may be."""
    words = {"holder": seat.grantee, "center": seat.asset}
    seated = seat.state in RoleGrant.HELD
    return why_left(seat.grantee.member) or (
        "" if seated else NOT_SEATED.format(**words)
    )


def why_not_this_finance(finance: RoleGrant, role: Role) -> str:
    """Return in a sentence why their finance role does not become this one."""
    is_busy = finance.state in (*RoleGrant.WORKED, State.MANUAL)
    busy = UNDER_WAY.format(holder=finance.grantee) if is_busy else ""
    return _why_asked(finance) or busy or _why_same(finance, role)


def why_not_remove(grant: RoleGrant) -> str:
    """Return in a sentence why it cannot be taken away; "" if it can."""
    if not can_end(grant):
        return NOTHING_TO_TAKE
    if grant.family == Family.SEAT and key_seats.is_last(grant):
        return LAST_KEY.format(holder=grant.grantee, center=grant.asset)
    return ""


def why_too_late(grant: RoleGrant, change: GrantChange) -> str:
    """Say why what could be asked for when it was asked about cannot be now."""
    words = {"holder": grant.grantee, "center": grant.asset}
    if no := why_left(grant.grantee.member):
        return no
    if change.role == Role.STANDARD and grant.is_held and key_seats.is_last(grant):
        return LAST_KEY.format(**words)
    if grant.state in (State.DRAFT, State.LOST, *RoleGrant.HELD):
        return ""
    return UNDER_WAY.format(**words)


def is_nowhere(grant: RoleGrant) -> bool:
    """True for what no platform can know of: nothing of it was sent, or it is lost."""
    if grant.state in (State.DRAFT, State.LOST):
        return True
    if grant.state != State.REQUESTING or grant.is_held or grant.lease_until:
        return False  # whoever has leased it may be sending it
    return not steps.attempts_of(grant).exists()


def _why_asked(grant: RoleGrant) -> str:
    waiting = grant.changes.waiting().first()
    if waiting is None:
        return ""
    role = waiting.get_role_display()
    return AWAITS_A_YES.format(role=role, holder=grant.grantee)


def _why_same(grant: RoleGrant, role: Role) -> str:
    if grant.state == State.ACTIVE and role == grant.asked_role == grant.observed_role:
        return AS_IT_IS.format(holder=grant.grantee, role=role.label)
    return ""
