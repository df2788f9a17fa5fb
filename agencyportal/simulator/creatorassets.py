"""`bc/asset/*` for TT_ACCOUNT and `identity/get` (TikTok facts 5.2, 7.3)."""

from __future__ import annotations

import secrets
from typing import Any

from agencyportal.simulator.calls import Call, Endpoint, is_held
from agencyportal.simulator.creatorstate import (
    CenterLink,
    Creator,
    CreatorLink,
    CreatorSeat,
)
from agencyportal.simulator.holds import (
    ROLES,
    asset_id,
    end_hold,
    find_hold,
    find_seat,
    held_creator,
    pause,
    usable_account,
)
from agencyportal.simulator.params import bad
from agencyportal.simulator.scopes import CENTER_ASSETS, QUERY_IDENTITY
from agencyportal.simulator.state import Member
from agencyportal.simulator.wire import NO_PERMISSION, NOT_FOUND, ApiError, paginate

TT_ACCOUNT = "TT_ACCOUNT"
LINKED_TYPES = (TT_ACCOUNT, "MANAGED_BUSINESS_ACCOUNT")
IDENTITY_TYPES = ("CUSTOMIZED_USER", "AUTH_CODE", "TT_USER", "BC_AUTH_TT", "TTS_TT")


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


def _link(call: Call) -> CreatorLink:
    """Return what the call names: an account and an ad account of one center."""
    bc_id = call.center_as_admin().bc_id
    call.params.choice("asset_type", LINKED_TYPES, default=TT_ACCOUNT)
    creator, _ = held_creator(call, bc_id)
    wanted = call.params.id("advertiser_id")
    account = call.world.account(wanted)
    if account is None or not is_held(call, bc_id, account):
        raise ApiError(NOT_FOUND, f"advertiser_id: {wanted} is not in this center.")
    return CreatorLink(bc_id, creator.open_id, wanted)


def advertiser_assign(call: Call) -> dict[str, Any]:
    link = _link(call)
    if link not in call.world.creator_links:
        call.world.creator_links.append(link)
        call.note(link.bc_id, "ASSET", f"Linked {link.advertiser_id}.")
    return {}


def advertiser_unassign(call: Call) -> dict[str, Any]:
    link = _link(call)
    if link not in call.world.creator_links:
        raise ApiError(NOT_FOUND, "The two are not linked.")
    call.world.creator_links.remove(link)
    pause(call.world, link.advertiser_id, link.open_id)
    call.note(link.bc_id, "ASSET", f"Unlinked {link.advertiser_id}.")
    return {}


def advertiser_assigned(call: Call) -> dict[str, Any]:
    bc_id = call.center_as_admin().bc_id
    call.params.choice("asset_type", LINKED_TYPES)
    creator, _ = held_creator(call, bc_id)
    page, size = call.params.page(50)
    found = [
        {"advertiser_id": account.advertiser_id, "advertiser_name": account.name}
        for link in call.world.creator_links
        if (link.bc_id, link.open_id) == (bc_id, creator.open_id)
        and (account := call.world.account(link.advertiser_id)) is not None
    ]
    return paginate(found, page, size)


def identity_get(call: Call) -> dict[str, Any]:
    """List whom an ad account may show: by way of a center, or by a post's code."""
    account = usable_account(call)
    kind = call.params.choice("identity_type", IDENTITY_TYPES, default="")
    bc_id = call.params.id("identity_authorized_bc_id", default="")
    if kind == "BC_AUTH_TT" and not bc_id:
        raise bad("identity_authorized_bc_id", "Missing data for required field.")
    page, size = call.params.page(100)
    world, found = call.world, []
    if kind in ("", "BC_AUTH_TT"):
        found += [
            _identity(call, creator, "BC_AUTH_TT", link.bc_id)
            for link in world.creator_links
            if (link.bc_id, link.advertiser_id) == (bc_id, account.advertiser_id)
            and find_hold(world, bc_id, link.open_id)
            and (creator := world.creator(link.open_id)) is not None
        ]
    if kind in ("", "AUTH_CODE"):
        authors = {
            world.posts[one.item_id].open_id
            for one in world.bindings
            if one.advertiser_id == account.advertiser_id
        }
        found += [
            _identity(call, creator, "AUTH_CODE", "")
            for creator in world.creators.values()
            if creator.open_id in authors
        ]
    return paginate(found, page, size, key="identity_list")


def _identity(call: Call, creator: Creator, kind: str, bc_id: str) -> dict[str, Any]:
    return {
        "identity_id": creator.identity_id,
        "identity_type": kind,
        "identity_authorized_bc_id": bc_id,
        "display_name": creator.name,
        str(call.switch("identity_name_field")): creator.username,
        "available_status": creator.available_status,
    }


ENDPOINTS = {
    "bc/asset/account/authorization/": Endpoint(("GET",), authorization, CENTER_ASSETS),
    "bc/asset/admin/delete/": Endpoint(("POST",), admin_delete, CENTER_ASSETS),
    "bc/asset/advertiser/assign/": Endpoint(
        ("POST",), advertiser_assign, CENTER_ASSETS
    ),
    "bc/asset/advertiser/unassign/": Endpoint(
        ("POST",), advertiser_unassign, CENTER_ASSETS
    ),
    "bc/asset/advertiser/assigned/": Endpoint(
        ("GET",), advertiser_assigned, CENTER_ASSETS
    ),
    "identity/get/": Endpoint(("GET",), identity_get, QUERY_IDENTITY),
}
