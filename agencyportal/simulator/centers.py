"""`bc/get`: the centers a login belongs to (TikTok facts 5.1)."""

from __future__ import annotations

from typing import Any

from agencyportal.simulator.calls import Call, Endpoint
from agencyportal.simulator.scopes import READ_CENTER
from agencyportal.simulator.state import Member
from agencyportal.simulator.wire import paginate


def center_list(call: Call) -> dict[str, Any]:
    wanted = call.params.id("bc_id", default="")
    page, size = call.params.page(50)
    rows = []
    for member in call.world.members:
        center = call.world.center(member.bc_id)
        if (
            center is None
            or member.user_id != call.user_id
            or member.relation_status != "BOUND"
            or wanted not in ("", center.bc_id)
        ):
            continue
        rows.append(
            {
                "bc_info": {
                    "bc_id": center.bc_id,
                    "name": center.name,
                    "company": center.company,
                    "currency": center.currency,
                    "registered_area": center.registered_area,
                    "status": center.status,
                    "timezone": center.timezone,
                    "type": center.type,
                    "verification_status": center.verification_status,
                },
                "user_role": member.user_role,
                "ext_user_role": _overlay(member),
            }
        )
    return paginate(rows, page, size)


def _overlay(member: Member) -> dict[str, str]:
    return {"finance_role": member.finance_role} if member.finance_role else {}


ENDPOINTS = {"bc/get/": Endpoint(("GET",), center_list, READ_CENTER)}
