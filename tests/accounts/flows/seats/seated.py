"""Wishes for a seat, the seats there are, and what people answer."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.flows import deciding
from accounts.flows.wishes import Wish
from accounts.models import Approval, Member, RoleGrant
from accounts.platforms.roles import Role
from accounts.roles import ACCESS_OWNERS
from tests.factory import Factory
from tests.simulated import Simulated, run_jobs

Family = RoleGrant.Family
INVITE, UPDATE = "bc/member/invite/", "bc/member/update/"
REMOVE, READ = "bc/member/delete/", "bc/member/get/"
MEMBER_CALLS = (INVITE, UPDATE, REMOVE)
WHY = "Joins the team"


def as_role(role: Role, *, days: int | None = None) -> Wish:
    ends_on = timezone.localdate() + dt.timedelta(days=days) if days else None
    return Wish(role, WHY, ends_on)


STANDARD, ADMIN = as_role(Role.STANDARD), as_role(Role.ADMIN, days=90)


def seat_of(email: str, center: str = "Northlight Agency") -> RoleGrant:
    return RoleGrant.objects.live().get(
        asset__name=center, family=Family.SEAT, grantee__member__email__iexact=email
    )


def jonas() -> RoleGrant:
    return seat_of("jonas@northlight.example")


def accept(tiktok: Simulated, member: Member) -> None:
    email = member.email
    tiktok.control("people", id="nora", name=member.name, email=email)
    bc_id = tiktok.center("Northlight Agency")
    tiktok.control("members/accept", bc_id=bc_id, email=email)


def said(approval: Approval, factory: Factory, *, yes: bool) -> None:
    other = factory.make_user(
        role=ACCESS_OWNERS, date_joined=timezone.now() - dt.timedelta(days=30)
    )
    deciding.decide(approval, yes=yes, user=other)
    run_jobs()
