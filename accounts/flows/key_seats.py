"""The seats our own logins sit in: a key of ours reaches a center as far as its seat.

That a login's id is the member's is how the simulated platform has it; TikTok's own
papers do not say. What no seat tells of a key stays as its sign-in told.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.flows import agency
from accounts.flows.reads import Seen
from accounts.models import Asset, Connection, Consent, Reach, RoleGrant
from accounts.models.grants import RoleGrantQuerySet
from accounts.platforms.roles import Role
from accounts.trail import Actor, record

State = RoleGrant.State

GOES_DOWN = Q(state=State.WITHDRAWING) | Q(
    state__in=RoleGrant.UNSETTLED, asked_role=Role.STANDARD
)


def left_without(seat: RoleGrant) -> list[Connection] | None:
    """Return our keys that stay when this login loses its seat; None if it has none.

    One that is being given back does not stay, nor one whose own seat is going.
    """
    center, own = seat.asset, seat.grantee.external_id
    keys = agency.keys_for(center.as_grantee)
    if own not in {key.external_user_id for key in keys}:
        return None
    going = _seats_in(center).live().filter(GOES_DOWN)
    leaving = {own, *going.values_list("grantee__external_id", flat=True)}
    staying = agency.without_ending(keys)
    return [key for key in staying if key.external_user_id not in leaving]


def is_last(seat: RoleGrant) -> bool:
    """True when every key of ours to the center came with this person's login."""
    return left_without(seat) == []


def hold_keys(center_id: UUID) -> None:
    """Let nobody else decide about the center's seats until the transaction ends.

    Two who take the last two keys' seats at once would each count on the other's key.
    """
    Asset.objects.select_for_update(no_key=True).get(pk=center_id)


def follow(center: Asset, seats: Mapping[str, Seen], *, by: Actor) -> None:
    """Book of each of our keys whether its login still administers the center.

    `seats` is what a clean read of the whole list says, by the member's id.
    """
    ours = Reach.objects.filter(
        asset=center,
        connection__in=Consent.objects.standing()
        .filter(purpose=Consent.Purpose.AGENCY)
        .values("connection"),
    )
    for reach in ours.select_related("connection"):
        login = reach.connection.external_user_id
        administers = _administers(center, login, seats.get(login))
        if administers not in (None, reach.can_grant):
            _book(reach, center, is_admin=bool(administers), by=by)


def _administers(center: Asset, login: str, seen: Seen | None) -> bool | None:
    """Return what a list says of a login; None if it says nothing that can be told."""
    if seen is not None and seen.role is not None:
        return seen.role == Role.ADMIN if seen.role != Role.UNKNOWN else None
    seat = _seats_in(center).filter(grantee__external_id=login)
    last = seat.order_by("-since").first()
    is_gone = last is not None and last.state in (State.LOST, State.WITHDRAWN)
    return False if is_gone else None


def _book(reach: Reach, center: Asset, *, is_admin: bool, by: Actor) -> None:
    key = reach.connection
    with transaction.atomic():
        Reach.objects.filter(pk=reach.pk).update(
            can_grant=is_admin,
            why_not="" if is_admin else agency.NOT_ADMIN.format(label=key),
            seen_at=timezone.now(),
        )
        action = "agency.administers" if is_admin else "agency.administers_no_more"
        told = {"label": str(key), "center": str(center)}
        record(action, by=by, subject=key, data=told)


def _seats_in(center: Asset) -> RoleGrantQuerySet:
    return RoleGrant.objects.filter(asset=center, family=RoleGrant.Family.SEAT)
