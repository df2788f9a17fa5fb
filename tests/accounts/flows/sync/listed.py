"""The lists that are read, the timetable's row for one, and what was found in them."""

from __future__ import annotations

from typing import Any

from accounts.models import CenterSync, RoleGrant
from tests.accounts.flows.reading import on_accounts

State = RoleGrant.State
PARTNERS = "bc/partner/get/"
PARTNER_READ = "bc/partner/asset/get/"
CENTER_READ = "bc/asset/admin/get/"
MEMBER_READ = "bc/asset/member/get/"
SEAT_READ = "bc/member/get/"


def row(partner_id: str = "") -> CenterSync:
    return CenterSync.objects.get(
        center__name="Northlight Agency", partner_id=partner_id
    )


def found() -> Any:
    return on_accounts().filter(state=State.FOUND)
