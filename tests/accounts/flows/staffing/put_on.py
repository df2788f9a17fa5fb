"""Seating somebody, putting them on accounts, and what is booked of it."""

from __future__ import annotations

from typing import Any

from accounts.flows import staffing
from accounts.flows.places import Place
from accounts.models import Grantee, RoleGrant, User
from accounts.platforms.roles import Role
from tests.factory import Factory
from tests.simulated import Simulated, main_receiver

ASSIGN, UNASSIGN = "bc/asset/assign/", "bc/asset/unassign/"
MEMBERS = "bc/asset/member/get/"
SAID_YES = b'{"code": 0, "message": "OK", "data": {}}'
NO_PERMISSION = b'{"code": 40001, "message": "no", "data": {}}'
SLOW_DOWN = b'{"code": 40132, "message": "slow", "data": {}}'


def seat(name: str, tiktok: Simulated, factory: Factory) -> Grantee:
    """Book the seat that somebody has in our main center."""
    ours = main_receiver()
    [member] = [
        member
        for center in tiktok.look("centers")
        if center["bc_id"] == ours.external_id
        for member in center["members"]
        if member["name"] == name
    ]
    return factory.make_person(
        external_id=member["user_id"], label=name, seat_in=ours.center
    )


def put(
    user: User,
    person: Grantee,
    *accounts: RoleGrant,
    role: Role = Role.OPERATOR,
    **more: Any,
) -> staffing.Staffed:
    places = [Place(via, person, role) for via in accounts]
    return staffing.staff(places, user=user, **more)


def persons(person: Grantee) -> list[RoleGrant]:
    grants = RoleGrant.objects.filter(grantee=person, via__isnull=False)
    return list(grants.order_by("asset__name"))


def ours(person: Grantee) -> RoleGrant:
    [grant] = persons(person)
    return grant
