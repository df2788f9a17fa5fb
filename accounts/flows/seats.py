"""Seats in our centers: who is invited, at which role, and who is taken out again.

Admin and any finance role wait for another access owner. A task makes the calls, and
the center's own member list proves what came of them (roster.py).
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import agency, changing, practices, wishes, withdrawing
from accounts.flows.grants import await_read, move, queue_call, role_label, tell
from accounts.flows.holders import invited_as
from accounts.flows.wishes import CannotWish, Wish
from accounts.models import (
    Asset,
    Connection,
    GrantChange,
    Grantee,
    Member,
    RoleGrant,
    User,
)
from accounts.platforms.roles import Role
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Family = RoleGrant.Family

AWAITS_A_YES = "An access owner decides about {role} for {holder} first."
SITS_ALREADY = "{holder} sits in {center} already, as {role}. Change the seat instead."
IS_INVITED = (
    "{holder} is invited to {center} already. Take the invitation back to send it"
    " another way."
)
HAS_LEFT = "{holder} left on {day:%-d %B %Y}. Nobody who has left is invited."
UNDER_WAY = "The seat of {holder} is being changed. Look again when it is read back."
NOT_SEATED = "{holder} has no seat in {center} that a read shows. Invite them first."
AS_IT_IS = "{holder} holds {role}, and that is what we ask for."
LAST_KEY = (
    "{holder} signed in with the only key of ours that administers {center}: without"
    " this seat as Admin nothing there is read or changed any more. Another admin of"
    " {center} connects their login first."
)
NOTHING_TO_TAKE = "There is nothing to take away here now."
TAKEN_AWAY = "The seat is taken away, so nothing of it is changed."
GOES_ALONG = "It goes with the seat of {holder} in {center}."


def seated(center: Asset) -> QuerySet[Grantee]:
    """Return the persons who hold a seat in the center, as a read last showed."""
    seats = RoleGrant.objects.filter(
        asset=center.pk, family=Family.SEAT, state__in=RoleGrant.HELD
    )
    return Grantee.objects.filter(pk__in=seats.values("grantee"))


def held_by(seat: RoleGrant) -> QuerySet[RoleGrant]:
    """Return what else the person holds by this seat: on accounts, and of finances."""
    live = RoleGrant.objects.live().filter(grantee=seat.grantee_id)
    on_accounts = live.filter(via__grantee__center=seat.asset_id)
    return on_accounts | live.filter(asset=seat.asset_id, family=Family.FINANCE)


def finance_of(seat: RoleGrant) -> RoleGrant | None:
    """Return the live finance role of whoever has the seat, wanted or held."""
    live = RoleGrant.objects.live().filter(grantee=seat.grantee_id)
    return live.filter(asset=seat.asset_id, family=Family.FINANCE).first()


def keys_without(seat: RoleGrant) -> list[Connection] | None:
    """Return our keys that stay when this login loses its seat; None if it has none."""
    keys = agency.keys_for(seat.asset.as_grantee)
    own = seat.grantee.external_id
    if own not in {key.external_user_id for key in keys}:
        return None
    return [key for key in keys if key.external_user_id != own]


def member_of(name: str, email: str) -> Member:
    """Return whose address it is; somebody new stands in the directory from now on.

    Raises CannotWish for an address that is no person's of ours.
    """
    if no := practices.why_not_address(email):
        raise CannotWish(no)
    known = Member.objects.filter(email__iexact=email).first()
    return known or Member.objects.create(name=name, email=email.lower())


# Intents --------------------------------------------------------------------------


def invite(center: Asset, member: Member, wish: Wish, *, user: User) -> GrantChange:
    """Invite a member: at once, or as Admin when another access owner has said yes.

    Raises CannotWish; nothing is written then.
    """
    if no := practices.why_not_address(member.email):
        raise CannotWish(no)
    with transaction.atomic():
        holder = invited_as(center.platform, member)
        if no := why_not_invite(center, holder):
            raise CannotWish(no)
        grant = _wanted(center, holder, Family.SEAT)
        return _ask(grant, wish, user=user)


def change(seat: RoleGrant, wish: Wish, *, user: User) -> GrantChange:
    """Ask for another role of a seat. Raises CannotWish; nothing is written then."""
    assert wish.role is not None
    with transaction.atomic():
        seat = changing.locked(seat)
        if no := why_not_change(seat, wish.role):
            raise CannotWish(no)
        return _ask(seat, wish, user=user)


def give_finance(seat: RoleGrant, wish: Wish, *, user: User) -> GrantChange:
    """Ask for a finance role of whoever has the seat; another access owner decides.

    Raises CannotWish; nothing is written then.
    """
    assert wish.role is not None
    with transaction.atomic():
        seat = changing.locked(seat)
        if seat.state not in RoleGrant.HELD:
            words = {"holder": seat.grantee, "center": seat.asset}
            raise CannotWish(NOT_SEATED.format(**words))
        finance = _wanted(seat.asset, seat.grantee, Family.FINANCE)
        if no := _why_busy(finance) or _why_same(finance, wish.role):
            raise CannotWish(no)
        return _ask(finance, wish, user=user)


def remove(grant: RoleGrant, *, reason: str, by: Actor) -> bool:
    """Take a seat, an invitation or a finance role away; False if there is none.

    With a seat goes all that is held by it. A task makes the call, a read proves it.
    Raises CannotWish for the seat our own last key hangs on.
    """
    with transaction.atomic():
        grant = changing.locked(grant)
        if no := why_not_remove(grant):
            raise CannotWish(no)
        for change in grant.changes.open():
            change.grant = grant
            wishes.close(change, by=by, because=TAKEN_AWAY)
        if grant.state in (State.DRAFT, State.LOST):
            over = State.EXPIRED if grant.state == State.DRAFT else State.WITHDRAWN
            move(grant, over, by=by)
            return True
        RoleGrant.objects.filter(pk=grant.pk).update(asked_at=timezone.now())
        if not withdrawing.withdraw(grant, reason=reason, by=by):
            return False
        if grant.family == Family.SEAT:
            _take_along(grant, reason=reason, by=by)
    return True


def _take_along(seat: RoleGrant, *, reason: str, by: Actor) -> None:
    """What hangs on the seat is on its way down too: a read tells what is left."""
    problem = GOES_ALONG.format(holder=seat.grantee, center=seat.asset)
    held = held_by(seat).filter(state__in=withdrawing.TAKEABLE)
    for grant in held.select_related("asset__client", "grantee"):
        tell(grant, "grant.withdraw_asked", by, reason=reason)
        move(
            grant,
            State.WITHDRAWING,
            by=by,
            waits_on=WaitsOn.PLATFORM,
            problem=problem,
            check_again=True,
        )


# What stands in the way -----------------------------------------------------------


def why_not_invite(center: Asset, holder: Grantee) -> str:
    """Return in a sentence why nobody invites them now; "" if somebody may."""
    live = RoleGrant.objects.live().filter(asset=center, grantee=holder)
    seat = live.filter(family=Family.SEAT).first()
    left_on = holder.member.left_on if holder.member else None
    words = {"holder": holder, "center": center}
    if left_on is not None:
        return HAS_LEFT.format(day=left_on, **words)
    if seat is None or seat.state == State.LOST:
        return ""
    if no := _why_asked(seat):
        return no
    if seat.state in RoleGrant.HELD:
        return SITS_ALREADY.format(role=role_label(seat.observed_role), **words)
    if seat.state == State.PENDING:
        return IS_INVITED.format(**words)
    return "" if seat.state == State.DRAFT else UNDER_WAY.format(**words)


def why_not_change(seat: RoleGrant, role: Role | None = None) -> str:
    """Return in a sentence why the seat's role stays; `role` is the one wanted."""
    words = {"holder": seat.grantee, "center": seat.asset}
    if no := _why_asked(seat):
        return no
    if seat.state not in RoleGrant.HELD:
        return NOT_SEATED.format(**words)
    if seat.state == State.FOUND:
        return changing.FOUND
    if role == Role.STANDARD and _is_last_key(seat):
        return LAST_KEY.format(**words)
    return _why_same(seat, role) if role else ""


def why_not_remove(grant: RoleGrant) -> str:
    """Return in a sentence why it cannot be taken away; "" if it can."""
    may_end = (*withdrawing.TAKEABLE, State.DRAFT, State.LOST)
    if grant.state not in may_end or not grant.is_in_center:
        return NOTHING_TO_TAKE
    if grant.family == Family.SEAT and _is_last_key(grant):
        return LAST_KEY.format(holder=grant.grantee, center=grant.asset)
    return ""


def _is_last_key(seat: RoleGrant) -> bool:
    """True when every key of ours to the center came with this person's login.

    That a login's id is the member's is how the simulated platform has it; TikTok's
    own papers do not say.
    """
    return keys_without(seat) == []


def _why_asked(grant: RoleGrant) -> str:
    waiting = grant.changes.open().filter(approval__decision="waiting").first()
    if waiting is None:
        return ""
    role = waiting.get_role_display()
    return AWAITS_A_YES.format(role=role, holder=grant.grantee)


def _why_busy(grant: RoleGrant) -> str:
    is_busy = grant.state in (*RoleGrant.WORKED, State.MANUAL)
    busy = UNDER_WAY.format(holder=grant.grantee) if is_busy else ""
    return _why_asked(grant) or busy


def _why_same(grant: RoleGrant, role: Role) -> str:
    if grant.state == State.ACTIVE and role == grant.asked_role == grant.observed_role:
        return AS_IT_IS.format(holder=grant.grantee, role=role.label)
    return ""


# Carrying out ---------------------------------------------------------------------


def apply(change: GrantChange, *, by: Actor) -> bool:
    """Put what was asked of a seat to work; False if that may not be any more."""
    with transaction.atomic():
        grant = change.grant = changing.locked(change.grant)
        if no := wishes.why_over(change) or _why_too_late(grant, change):
            wishes.close(change, by=by, because=no)
            return False
        before, is_new = role_label(grant.asked_role), not grant.is_held
        grant.asked_role, grant.reason = change.role, change.reason
        grant.ends_on, grant.approval = change.ends_on, change.approval
        grant.asked_at = timezone.now()
        grant.save(
            update_fields=["asked_role", "reason", "ends_on", "approval", "asked_at"]
        )
        role = change.get_role_display()
        if is_new:
            tell(grant, "grant.asked", by, role=role)
        else:
            told = {"role": role, "before": before, "reason": change.reason}
            tell(grant, "grant.role_changed", by, **told)
        if grant.observed_role == grant.asked_role and grant.is_held:
            await_read(grant, by=by)
        else:
            queue_call(grant, by=by, missed_at=None, **_begun_anew(grant))
        async_task("accounts.tasks.carry_out_grants", [str(grant.pk)])
    return True


def _begun_anew(grant: RoleGrant) -> dict[str, Any]:
    """Forget what was held before it was lost: the next call is an invitation."""
    if grant.state != State.LOST:
        return {}
    return {"observed_role": "", "observed_native": "", "accepted_at": None}


def _why_too_late(grant: RoleGrant, change: GrantChange) -> str:
    """Say why what could be asked for when it was asked about cannot be now."""
    words = {"holder": grant.grantee, "center": grant.asset}
    if change.role == Role.STANDARD and grant.is_held and _is_last_key(grant):
        return LAST_KEY.format(**words)
    if grant.state in (State.DRAFT, State.LOST, *RoleGrant.HELD):
        return ""
    return UNDER_WAY.format(**words)


def _wanted(center: Asset, holder: Grantee, family: str) -> RoleGrant:
    """Return their live grant in the center, drafted if there is none; it is ours."""
    grant, _ = RoleGrant.objects.live().get_or_create(
        asset=center,
        grantee=holder,
        family=family,
        defaults={
            "source": RoleGrant.Source.STAFFED,
            "waits_on": WaitsOn.ACCESS_OWNER,
        },
    )
    return changing.locked(grant)


def _ask(grant: RoleGrant, wish: Wish, *, user: User) -> GrantChange:
    assert wish.role is not None
    kind = GrantChange.Kind.ROLE
    change = wishes.make(grant, kind, wish.role, wish, user=user)
    for left in grant.changes.open():
        left.grant = grant
        wishes.close(left, by=Actor.staff(user))
    for cleared in wishes.put_forward([change], user=user):
        apply(cleared, by=Actor.staff(user))
    return change
