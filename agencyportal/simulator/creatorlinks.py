"""Creators' accounts that ad accounts may use, and show (TikTok facts 5.2, 7.3)."""

from __future__ import annotations

from typing import Any

from agencyportal.simulator.calls import Call, Endpoint, is_held
from agencyportal.simulator.creatorassets import TT_ACCOUNT
from agencyportal.simulator.creatorstate import Creator, CreatorLink
from agencyportal.simulator.holds import find_hold, held_creator, pause, usable_account
from agencyportal.simulator.params import bad
from agencyportal.simulator.scopes import CENTER_ASSETS, QUERY_IDENTITY
from agencyportal.simulator.wire import NOT_FOUND, ApiError, paginate

LINKED_TYPES = (TT_ACCOUNT, "MANAGED_BUSINESS_ACCOUNT")
IDENTITY_TYPES = ("CUSTOMIZED_USER", "AUTH_CODE", "TT_USER", "BC_AUTH_TT", "TTS_TT")


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
