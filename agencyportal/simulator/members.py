"""`bc/member/*` and `changelog/get` (TikTok facts 5.5 and 5.7)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from agencyportal.simulator.calls import ADVERTISER_ROLES, Call, Endpoint
from agencyportal.simulator.params import Params, bad
from agencyportal.simulator.scopes import CENTER_MEMBERS, CHANGE_LOG
from agencyportal.simulator.state import Assignment, Member, Person, World
from agencyportal.simulator.wire import NOT_FOUND, ApiError, paginate

USER_ROLES = ("ADMIN", "STANDARD")
FINANCE_ROLES = ("MANAGER", "ANALYST")
ACTIVITY_TYPES = ("ALL", "USER", "ACCOUNT", "ASSET", "BUSINESS")
LOG_DAYS = 7


def member_get(call: Call) -> dict[str, Any]:
    center = call.center_as_admin()
    filtering = call.params.nested("filtering")
    keyword = filtering.text("keyword", default="").lower()
    role = filtering.choice("user_role", USER_ROLES, default="")
    status = filtering.choice(
        "relation_status", ("BOUND", "PENDING", "REJECTED"), default=""
    )
    page, size = call.params.page(int(call.switch("member_page_max")))
    rows = [
        {
            "user_id": member.user_id,
            "user_name": member.name,
            "user_email": member.email,
            "user_role": member.user_role,
            "relation_status": member.relation_status,
            "ext_user_role": (
                {"finance_role": member.finance_role} if member.finance_role else {}
            ),
        }
        for member in call.world.members
        if member.bc_id == center.bc_id
        and keyword in f"{member.name} {member.email}".lower()
        and role in ("", member.user_role)
        and status in ("", member.relation_status)
    ]
    return paginate(rows, page, size)


def _sets_finance(call: Call) -> bool:
    """True when a finance role is named, or none in a way that takes it off."""
    told = call.params.values.get("ext_user_role")
    return bool(told) or (told == {} and bool(call.switch("finance_ends_when_empty")))


def _finance_role(params: Params) -> str:
    return params.nested("ext_user_role").choice(
        "finance_role", FINANCE_ROLES, default=""
    )


def member_invite(call: Call) -> dict[str, Any]:
    """Invite by e-mail; addresses already in the center are ignored (facts 5.5)."""
    center, params, world = call.center_as_admin(), call.params, call.world
    emails = params.texts("emails", least=1, most=50)
    asset_ids = params.ids("asset_ids", most=50)
    role = params.choice("user_role", USER_ROLES, default="STANDARD")
    on_assets = params.choice("advertiser_role", ADVERTISER_ROLES, default="ANALYST")
    finance = _finance_role(params)
    for email in emails:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
            raise bad("emails", "Not a valid email address.")
    world.members = [
        m
        for m in world.members
        if (m.bc_id, m.relation_status) != (center.bc_id, "REJECTED")
        or m.email not in emails
    ]
    seats = {m.email.lower(): m for m in world.members if m.bc_id == center.bc_id}
    new = [email for email in emails if email.lower() not in seats]
    if len(seats) + len(new) > int(call.switch("members_max")):
        raise bad("emails", "The Business Center has no room for more members.")
    for email in new:
        world.members.append(
            Member(
                center.bc_id,
                "",
                "",
                email,
                role,
                "PENDING",
                finance,
                asset_ids,
                on_assets,
            )
        )
        call.note(center.bc_id, "USER", f"Invited {email} as {role}.")
    return {}


def accept_invitation(
    world: World, member: Member, person: Person, *, now: float
) -> None:
    """Seat an invitee and give the accounts the invitation promised."""
    member.user_id, member.name = person.user_id, person.name
    member.relation_status = "BOUND"
    for asset_id in member.asset_ids:
        world.assignments.append(
            Assignment(member.bc_id, person.user_id, asset_id, member.advertiser_role)
        )
    member.asset_ids, member.advertiser_role = [], ""
    text = f"{person.name} joined as {member.user_role}."
    world.note(member.bc_id, "USER", text, by=person.user_id, now=now)


def decline_invitation(world: World, member: Member, *, now: float) -> None:
    member.relation_status = "REJECTED"
    text = f"{member.email} declined the invitation."
    world.note(member.bc_id, "USER", text, by="", now=now)


def member_update(call: Call) -> dict[str, Any]:
    center, params = call.center_as_admin(), call.params
    user_id = params.id("user_id")
    role = params.choice("user_role", USER_ROLES, default="")
    name = params.text("user_name", default="", most=250)
    member = call.world.member(center.bc_id, user_id)
    finance = _finance_role(params)
    if member is None:
        raise ApiError(NOT_FOUND, f"user_id: {user_id} is not a member.")
    member.user_role = role or member.user_role
    member.name = name or member.name
    if _sets_finance(call):
        member.finance_role = finance
    call.note(center.bc_id, "USER", f"Changed {member.name}: {member.user_role}.")
    return {}


def member_delete(call: Call) -> dict[str, Any]:
    """Remove a member by id, or withdraw an invitation by e-mail."""
    center, world = call.center_as_admin(), call.world
    user_id = call.params.id("user_id", default="")
    email = call.params.text("user_email", default="")
    if bool(user_id) == bool(email):
        raise bad("user_id", "Give user_id or user_email.")
    member = next(
        (
            m
            for m in world.members
            if m.bc_id == center.bc_id
            and (
                m.user_id == user_id
                if user_id
                else m.email == email and m.relation_status == "PENDING"
            )
        ),
        None,
    )
    if member is None:
        raise ApiError(NOT_FOUND, f"{user_id or email} is not a member.")
    world.members.remove(member)
    world.assignments = [
        a
        for a in world.assignments
        if not user_id or (a.bc_id, a.user_id) != (center.bc_id, user_id)
    ]
    call.note(center.bc_id, "USER", f"Removed {member.name or member.email}.")
    return {}


def changelog_get(call: Call) -> dict[str, Any]:
    center, params = call.center_as_admin(), call.params
    filtering = params.nested("filtering")
    first, last = _period(filtering, call.now)
    kind = filtering.choice("activity_type", ACTIVITY_TYPES, default="ALL")
    params.choice("sort_field", ("operation_time",), default="operation_time")
    order = params.choice("sort_type", ("ASC", "DESC"), default="DESC")
    page, size = params.page(50)
    changes = [
        change
        for change in call.world.changes
        if change.bc_id == center.bc_id
        and kind in ("ALL", change.activity_type)
        and first <= _moment(change.time).strftime("%Y-%m-%d") <= last
    ]
    changes.sort(key=lambda change: change.time, reverse=order == "DESC")
    rows = [
        {
            "time": _moment(change.time).strftime("%Y-%m-%d %H:%M:%S"),
            "activity_type": change.activity_type,
            "operator_id": change.operator_id,
            "activity_log": change.text,
        }
        for change in changes
    ]
    return paginate(rows, page, size, key="changelog_list")


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _period(filtering: Params, now: float) -> tuple[str, str]:
    """Return first and last UTC day; both are given or neither (facts 5.7)."""
    days = [filtering.text(name, default="") for name in ("start_date", "end_date")]
    if not any(days):
        today = _moment(now)
        first = today - timedelta(days=LOG_DAYS)
        return first.strftime("%Y-%m-%d"), today.strftime("%Y-%m-%d")
    for day in days:
        try:
            if datetime.strptime(day, "%Y-%m-%d").strftime("%Y-%m-%d") != day:
                raise ValueError(day)
        except ValueError:
            raise bad("filtering", "Give both dates as YYYY-MM-DD.") from None
    return days[0], days[1]


ENDPOINTS = {
    "bc/member/get/": Endpoint(("GET",), member_get, CENTER_MEMBERS),
    "bc/member/invite/": Endpoint(("POST",), member_invite, CENTER_MEMBERS),
    "bc/member/update/": Endpoint(("POST",), member_update, CENTER_MEMBERS),
    "bc/member/delete/": Endpoint(("POST",), member_delete, CENTER_MEMBERS),
    "changelog/get/": Endpoint(("GET",), changelog_get, CHANGE_LOG),
}
