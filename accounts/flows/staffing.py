"""Put our people on accounts that our center holds: the intent, all of it or none.

Everybody needs a seat in the center and gets at most the role it holds. Admin waits for
an access owner, all of one submit in one approval. The calls are in assigning.py, and
only a read puts anybody on an account.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import adopting, places, seats, wishes
from accounts.flows.changing import locked
from accounts.flows.grants import role_label, tell
from accounts.flows.places import Kind, Place, Weighed, weigh
from accounts.models import Approval, GrantChange, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn

TAKEN_OFF = "{person} is taken off it meanwhile. Put them on it anew."
NO_CENTER = "{grant}: no center of ours holds it in the books. Nobody is put on it."


class CannotStaff(Exception):
    """Says in sentences why nobody is put on anything."""

    def __init__(self, refused: Sequence[Weighed]) -> None:
        super().__init__(" ".join(one.no for one in refused))
        self.refused = refused


@dataclass(frozen=True)
class Staffed:
    """What came of one submit: on its way, put to an access owner, as it was."""

    begun: list[RoleGrant]
    asked: list[GrantChange]
    stays: int


def staff(
    wanted: Sequence[Place],
    *,
    user: User,
    reason: str = "",
    ends_on: dt.date | None = None,
) -> Staffed:
    """Put everybody on, or nobody; a task makes the calls and reads them back.

    Raises CannotStaff, and wishes.CannotWish for an Admin without a reason or a last
    day; nothing is written then.
    """
    by = Actor.staff(user)
    with transaction.atomic():
        weighed = weigh(_as_they_stand(wanted))
        if refused := [one for one in weighed if one.kind == Kind.REFUSED]:
            raise CannotStaff(refused)
        news = [one for one in weighed if one.kind != Kind.STAYS]
        begun = [
            begin(_grant_of(one), one.place.role, by=by, reason=reason)
            for one in news
            if not one.waits
        ]
        asked = [
            wishes.make(
                _grant_of(one, reason),
                GrantChange.Kind.ROLE,
                one.place.role,
                wishes.Wish(one.place.role, reason, ends_on),
                user=user,
            )
            for one in news
            if one.waits
        ]
        wishes.put_forward(asked, user=user)
        _carry_out(begun)
    return Staffed(begun, asked, len(weighed) - len(news))


def apply(change: GrantChange, *, by: Actor) -> bool:
    """Put a person on as an access owner has said; False if that may not be any more.

    Only while the center holds the account so, and the person has their seat.
    """
    with transaction.atomic():
        grant = change.grant = locked(change.grant)
        if no := wishes.why_over(change) or _why_too_late(grant, Role(change.role)):
            wishes.close(change, by=by, because=no)
            return False
        begin(
            grant,
            Role(change.role),
            by=by,
            reason=change.reason,
            approval=change.approval,
            ends_on=change.ends_on,
        )
        _carry_out([grant])
    return True


def begin(
    grant: RoleGrant,
    role: Role,
    *,
    by: Actor,
    reason: str = "",
    approval: Approval | None = None,
    ends_on: dt.date | None = None,
) -> RoleGrant:
    """Want this role of a person's grant from now on: a call, or a read if held so.

    Call inside the transaction that has seen it may be, with the grant locked.
    """
    now, is_so = timezone.now(), grant.is_held and grant.observed_role == role
    before = role_label(grant.asked_role or grant.observed_role)
    step: dict[str, Any] = {
        "state": State.UNVERIFIED if is_so else State.REQUESTING,
        "waits_on": WaitsOn.PLATFORM if is_so else WaitsOn.PORTAL,
        "asked_role": role,
        "approval": approval,
        "ends_on": ends_on,
        "reason": reason or grant.reason,
        "problem": "",
        "asked_at": now,
        "since": now,
        "next_check_at": now,
        "due_on": None,
    }
    was_held = bool(grant.observed_role)
    if not grant.is_held:
        step |= {"observed_role": "", "observed_native": "", "missed_at": None}
    for name, value in step.items():
        setattr(grant, name, value)
    grant.save(update_fields=list(step))
    action = "grant.role_changed" if was_held else "grant.staffed"
    more = {"before": before} if was_held else {}
    tell(grant, action, by, role=role.label, reason=reason, **more)
    return grant


def _why_too_late(grant: RoleGrant, role: Role) -> str:
    via = grant.via
    if via is None or via.grantee.center is None:
        return NO_CENTER.format(grant=grant)
    if grant.state in (State.WITHDRAWING, *RoleGrant.ENDED):
        return TAKEN_OFF.format(person=grant.grantee)
    seated = seats.seated(via.grantee.center).filter(pk=grant.grantee_id)
    keys = set(seated.values_list("pk", flat=True))
    return (
        places.why_not_here(via.grantee, grant.grantee, keys)
        or places.why_closed(via)
        or places.why_above(via, role)
    )


def _as_they_stand(wanted: Sequence[Place]) -> list[Place]:
    """Return the places with the centers' grants held until the transaction ends."""
    held = {via.pk: via for via in adopting.locked({one.via.pk for one in wanted})}
    return [Place(held[one.via.pk], one.person, one.role) for one in wanted]


def _grant_of(one: Weighed, reason: str = "") -> RoleGrant:
    """Return the person's live grant, drafted if there is none."""
    if one.grant is not None:
        return one.grant
    role = one.place.role.label
    problem = f"An access owner decides about {role}." if one.waits else ""
    return RoleGrant.objects.create(
        asset=one.place.via.asset,
        grantee=one.place.person,
        via=one.place.via,
        source=RoleGrant.Source.STAFFED,
        waits_on=WaitsOn.ACCESS_OWNER if one.waits else WaitsOn.PORTAL,
        problem=problem,
        reason=reason,
    )


def _carry_out(grants: Iterable[RoleGrant]) -> None:
    if ids := [str(grant.pk) for grant in grants]:
        async_task("accounts.tasks.carry_out_grants", ids)
