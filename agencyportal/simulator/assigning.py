"""`bc/asset/assign`, `unassign`: who works on what (TikTok facts 5.2)."""

from __future__ import annotations

from typing import Any

from agencyportal.simulator import creatorassets
from agencyportal.simulator.assets import held_asset
from agencyportal.simulator.calls import ADVERTISER_ROLES, Call, Endpoint
from agencyportal.simulator.params import bad
from agencyportal.simulator.scopes import CENTER_ASSETS
from agencyportal.simulator.state import Assignment, Member
from agencyportal.simulator.wire import NOT_FOUND, ApiError


def _seat(call: Call, bc_id: str) -> Member:
    user_id = call.params.id("user_id")
    member = call.world.member(bc_id, user_id)
    if member is None or member.relation_status != "BOUND":
        raise ApiError(NOT_FOUND, f"user_id: {user_id} is not a member.")
    return member


def _is_of_creator(call: Call) -> bool:
    return call.params.values.get("asset_type") == creatorassets.TT_ACCOUNT


def asset_assign(call: Call) -> dict[str, Any]:
    """Give a member a role on an account, at most the one the center holds."""
    world, bc_id = call.world, call.center_as_admin().bc_id
    if _is_of_creator(call):
        return creatorassets.assign(call, bc_id, _seat(call, bc_id))
    role = call.params.choice("advertiser_role", ADVERTISER_ROLES)
    member, account = _seat(call, bc_id), held_asset(call, bc_id)
    share = world.share(account.owner_bc_id, bc_id, account.advertiser_id)
    if share and ADVERTISER_ROLES.index(role) < ADVERTISER_ROLES.index(
        share.advertiser_role
    ):
        raise bad("advertiser_role", "Higher than the role of the partner.")
    held = world.assignment(bc_id, member.user_id, account.advertiser_id)
    if held is None:
        held = Assignment(bc_id, member.user_id, account.advertiser_id, role)
        world.assignments.append(held)
    held.advertiser_role = role
    call.note(bc_id, "ACCOUNT", f"Gave {member.name} {role} on {account.name}.")
    return {}


def asset_unassign(call: Call) -> dict[str, Any]:
    world, bc_id = call.world, call.center_as_admin().bc_id
    if _is_of_creator(call):
        return creatorassets.unassign(call, bc_id, _seat(call, bc_id))
    member, account = _seat(call, bc_id), held_asset(call, bc_id)
    held = world.assignment(bc_id, member.user_id, account.advertiser_id)
    if held is None:
        raise ApiError(NOT_FOUND, f"user_id: {member.user_id} has no role on it.")
    world.assignments.remove(held)
    call.note(bc_id, "ACCOUNT", f"Took {account.name} from {member.name}.")
    return {}


ENDPOINTS = {
    "bc/asset/assign/": Endpoint(("POST",), asset_assign, CENTER_ASSETS),
    "bc/asset/unassign/": Endpoint(("POST",), asset_unassign, CENTER_ASSETS),
}
