"""`bc/asset/*` for TT_ACCOUNT: creators' accounts in a center (TikTok facts 5.2)."""

from __future__ import annotations

import secrets
from typing import Any

from agencyportal.simulator.calls import Call, Endpoint
from agencyportal.simulator.creatorstate import (
    CenterLink,
    Creator,
    CreatorSeat,
)
from agencyportal.simulator.holds import (
    ROLES,
    asset_id,
    end_hold,
    find_seat,
    held_creator,
)
from agencyportal.simulator.params import bad
from agencyportal.simulator.scopes import CENTER_ASSETS
from agencyportal.simulator.state import Member
from agencyportal.simulator.wire import NO_PERMISSION, NOT_FOUND, ApiError

TT_ACCOUNT = "TT_ACCOUNT"


def rows(
    call: Call, bc_id: str, user_id: str, keyword: str, *, is_whole: bool
) -> list[dict[str, Any]]:
    """Return what a member has; `is_whole`: all the center has, as approved."""
    found = []
    for hold in call.world.holds:
        creator = call.world.creator(hold.open_id)
        seat = find_seat(call.world, bc_id, user_id, hold.open_id)
        if hold.bc_id != bc_id or creator is None or not (is_whole or seat):
            continue
        if keyword.lower() in creator.name.lower():
            roles = hold.roles if is_whole or seat is None else seat.roles
            found.append(_row(call, creator, roles))
    return found


def admin_rows(call: Call, bc_id: str, keyword: str) -> list[dict[str, Any]]:
    relation = {"relation_type": "OWNER_INDIVIDUAL", "relation_status": "BOUND"}
    return [row | relation for row in rows(call, bc_id, "", keyword, is_whole=True)]


def _row(call: Call, creator: Creator, roles: list[str]) -> dict[str, Any]:
    return {
        "asset_id": asset_id(call, creator),
        "asset_type": TT_ACCOUNT,
        "asset_name": creator.name,
        "tt_account_roles": roles,
        "owner_bc_name": "",
    }


def members(call: Call, bc_id: str) -> list[dict[str, Any]]:
    """Return who is assigned to a creator's account, where that is answered at all."""
    if not call.switch("members_of_creator_account"):
        raise bad("asset_type", "Must be one of ADVERTISER, CATALOG, LEAD.")
    creator, _ = held_creator(call, bc_id)
    return [
        {
            "user_id": member.user_id,
            "user_name": member.name,
            "user_email": member.email,
            "tt_account_roles": seat.roles,
        }
        for seat in call.world.creator_seats
        if (seat.bc_id, seat.open_id) == (bc_id, creator.open_id)
        and (member := call.world.member(bc_id, seat.user_id)) is not None
    ]


def assign(call: Call, bc_id: str, member: Member) -> dict[str, Any]:
    """Give a member roles on a creator's account, at most what its owner approved."""
    creator, hold = held_creator(call, bc_id)
    roles = call.params.texts("tt_account_roles", least=1)
    if not set(roles) <= set(ROLES):
        raise bad("tt_account_roles", f"Must be some of {', '.join(ROLES)}.")
    if not set(roles) <= set(hold.roles):
        raise bad("tt_account_roles", "The account's owner has not approved it.")
    seat = find_seat(call.world, bc_id, member.user_id, creator.open_id)
    if seat is None:
        seat = CreatorSeat(bc_id, member.user_id, creator.open_id, roles)
        call.world.creator_seats.append(seat)
    seat.roles = roles
    call.note(bc_id, "ACCOUNT", f"Gave {member.name} {creator.name}.")
    return {}


def unassign(call: Call, bc_id: str, member: Member) -> dict[str, Any]:
    creator, _ = held_creator(call, bc_id)
    seat = find_seat(call.world, bc_id, member.user_id, creator.open_id)
    if seat is None:
        raise ApiError(NOT_FOUND, f"user_id: {member.user_id} has no role on it.")
    call.world.creator_seats.remove(seat)
    call.note(bc_id, "ACCOUNT", f"Took {creator.name} from {member.name}.")
    return {}


def authorization(call: Call) -> dict[str, Any]:
    """Make an address that lets a creator add their account to the center."""
    bc_id = call.params.id("bc_id")
    call.params.boolean("is_ads_only_mode", default=False)
    seat = call.world.member(bc_id, call.user_id)
    needs_admin = call.switch("center_link_needs_admin")
    if (
        seat is None
        or seat.relation_status != "BOUND"
        or (needs_admin and seat.user_role != "ADMIN")
    ):
        raise ApiError(NO_PERMISSION, f"You are not an admin of {bc_id}.")
    link = CenterLink(secrets.token_urlsafe(18), bc_id, call.now)
    call.world.center_links[link.value] = link
    call.store.is_dirty = True
    return {"bc_auth_qr_code": f"{call.base_url}/qr/{link.value}/"}


def admin_delete(call: Call) -> dict[str, Any]:
    bc_id = call.center_as_admin().bc_id
    call.params.choice("asset_type", ("LEAD", TT_ACCOUNT))
    (wanted,) = call.params.texts("asset_ids", least=1, most=1)
    for hold in call.world.holds:
        creator = call.world.creator(hold.open_id)
        if hold.bc_id == bc_id and creator and asset_id(call, creator) == wanted:
            end_hold(call.world, hold, by=call.user_id, now=call.now)
            return {}
    raise ApiError(NOT_FOUND, f"asset_ids: {wanted} is not in this center.")


ENDPOINTS = {
    "bc/asset/account/authorization/": Endpoint(("GET",), authorization, CENTER_ASSETS),
    "bc/asset/admin/delete/": Endpoint(("POST",), admin_delete, CENTER_ASSETS),
}
