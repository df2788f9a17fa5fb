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

from accounts.flows import changing, key_seats, seat_rules, wishes
from accounts.flows.grants import (
    SHORTEST_PAUSE,
    await_read,
    move,
    queue_call,
    role_label,
    tell,
)
from accounts.flows.holders import invited_as, member_at
from accounts.flows.wishes import CannotWish, Wish
from accounts.models import Asset, GrantChange, Grantee, Member, RoleGrant, User
from accounts.trail import Actor, record

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Family = RoleGrant.Family

TAKEN_AWAY = "The seat is taken away, so nothing of it is changed."
GOES_ALONG = "It goes with the seat of {holder} in {center}."


def seated(center: Asset) -> QuerySet[Grantee]:
    """Return the persons who hold a seat in the center, as a read last showed."""
    seats = RoleGrant.objects.filter(
        asset=center.pk, family=Family.SEAT, state__in=RoleGrant.HELD
    )
    return Grantee.objects.filter(pk__in=seats.values("grantee"))


def seated_anywhere() -> QuerySet[Grantee]:
    """Return the persons who hold a seat in any of our centers."""
    seats = RoleGrant.objects.filter(family=Family.SEAT, state__in=RoleGrant.HELD)
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


# Intents --------------------------------------------------------------------------


def invite(center: Asset, member: Member, wish: Wish, *, user: User) -> GrantChange:
    """Invite a member: at once, or as Admin when another access owner has said yes.

    One who is not saved yet stands in the directory from now on.
    Raises CannotWish; nothing is written then.
    """
    with transaction.atomic():
        member = _in_directory(member, by=Actor.staff(user))
        holder = invited_as(center.platform, member)
        if no := seat_rules.why_not_invite(center, holder, member):
            raise CannotWish(no)
        grant = _wanted(center, holder, Family.SEAT)
        return _ask(grant, wish, user=user)


def change(seat: RoleGrant, wish: Wish, *, user: User) -> GrantChange:
    """Ask for another role of a seat. Raises CannotWish; nothing is written then."""
    assert wish.role is not None
    with transaction.atomic():
        seat = _held_still(seat)
        if no := seat_rules.why_not_change(seat, wish.role):
            raise CannotWish(no)
        return _ask(seat, wish, user=user)


def give_finance(seat: RoleGrant, wish: Wish, *, user: User) -> GrantChange:
    """Ask for a finance role of whoever has the seat; another access owner decides.

    Raises CannotWish; nothing is written then.
    """
    assert wish.role is not None
    with transaction.atomic():
        seat = _held_still(seat)
        if no := seat_rules.why_not_finance(seat):
            raise CannotWish(no)
        finance = _wanted(seat.asset, seat.grantee, Family.FINANCE)
        if no := seat_rules.why_not_this_finance(finance, wish.role):
            raise CannotWish(no)
        return _ask(finance, wish, user=user)


def remove(grant: RoleGrant, *, reason: str, by: Actor) -> None:
    """Take a seat, an invitation or a finance role away.

    With a seat goes all that is held by it. A task makes the call, a read proves it.
    Raises CannotWish if nothing is there, and for the seat our own last key hangs on.
    """
    with transaction.atomic():
        grant = _held_still(grant)
        if no := seat_rules.why_not_remove(grant):
            raise CannotWish(no)
        _end(grant, TAKEN_AWAY, reason=reason, by=by)
        if grant.family == Family.SEAT:
            because = GOES_ALONG.format(holder=grant.grantee, center=grant.asset)
            along = held_by(grant).exclude(state=State.WITHDRAWING)
            for held in along.select_related("asset__client", "grantee"):
                _end(held, because, reason=reason, by=by, goes_along=True)


def _end(
    grant: RoleGrant, because: str, *, reason: str, by: Actor, goes_along: bool = False
) -> None:
    """Close what is asked of it. What may be there goes down, the rest is over.

    What goes along with a seat needs no call of its own: a read tells what is left.
    """
    for change in grant.changes.open():
        change.grant = grant
        wishes.close(change, by=by, because=because)
    if seat_rules.is_nowhere(grant):
        over = State.WITHDRAWN if grant.state == State.LOST else State.EXPIRED
        move(grant, over, by=by)
    if grant.state in RoleGrant.ENDED:
        return
    now = timezone.now()
    step = {
        "state": State.WITHDRAWING,
        "waits_on": WaitsOn.PLATFORM if goes_along else WaitsOn.PORTAL,
        "problem": because[:300] if goes_along else "",
        "asked_at": now,
        "since": now,
        "next_check_at": now + SHORTEST_PAUSE if goes_along else now,
        "due_on": None,
    }
    RoleGrant.objects.filter(pk=grant.pk).update(**step)
    tell(grant, "grant.withdraw_asked", by, reason=reason)
    if not goes_along:
        async_task("accounts.tasks.carry_out_grants", [str(grant.pk)])


# Carrying out ---------------------------------------------------------------------


def apply(change: GrantChange, *, by: Actor) -> bool:
    """Put what was asked of a seat to work; False if that may not be any more."""
    with transaction.atomic():
        grant = change.grant = _held_still(change.grant)
        if no := wishes.why_over(change) or seat_rules.why_too_late(grant, change):
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


def _in_directory(member: Member, *, by: Actor) -> Member:
    if not member._state.adding:
        return member
    known, made = member_at(member.email, name=member.name)
    if made:
        record("member.added", by=by, subject=known, data={"kind": "member"})
    return known


def _held_still(grant: RoleGrant) -> RoleGrant:
    """Return it as it stands; until the transaction ends it stays, as do our keys."""
    key_seats.hold_keys(grant.asset_id)
    return changing.locked(grant)


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
