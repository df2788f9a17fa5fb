"""Asking for another role, and how it is held and was tried since."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.flows import changing
from accounts.flows.wishes import Wish
from accounts.models import GrantChange, RoleGrant, User
from accounts.platforms.roles import Role
from tests.simulated import Simulated

SHARE = "bc/partner/add/"
UNSHARE = "bc/partner/asset/delete/"
SOON = dt.timedelta(days=30)


def fresh(grant: RoleGrant) -> RoleGrant:
    return RoleGrant.objects.get(pk=grant.pk)


def wish(role: str, **fields: Any) -> Wish:
    return Wish(Role(role), **{"reason": "The campaign ends.", **fields})


def change(grant: RoleGrant, role: str, user: User, **fields: Any) -> GrantChange:
    return changing.change_role(grant, wish(role, **fields), user=user)


def tried(grant: RoleGrant) -> list[str]:
    """The operations since the change began, oldest first."""
    recent = grant.attempts.filter(started_at__gte=timezone.now() - SOON / 4)
    return list(recent.order_by("started_at").values_list("operation", flat=True))


def held_as(tiktok: Simulated, grant: RoleGrant) -> list[str]:
    return [
        share["advertiser_role"]
        for share in tiktok.look("shares")
        if share["asset_id"] == grant.asset.external_id
    ]
