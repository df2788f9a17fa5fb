"""Creators' accounts in a center: who holds what, and what ends with it."""

from __future__ import annotations

from agencyportal.simulator.calls import Call, is_held
from agencyportal.simulator.creatorstate import Creator, CreatorSeat, Hold
from agencyportal.simulator.oauth import reachable
from agencyportal.simulator.state import Account, World
from agencyportal.simulator.wire import NO_PERMISSION, NOT_FOUND, ApiError

ROLES = ("POST", "LIVE", "DIRECT_MESSAGE")


def find_hold(world: World, bc_id: str, open_id: str) -> Hold | None:
    key = (bc_id, open_id)
    return next((h for h in world.holds if (h.bc_id, h.open_id) == key), None)


def find_seat(
    world: World, bc_id: str, user_id: str, open_id: str
) -> CreatorSeat | None:
    key = (bc_id, user_id, open_id)
    return next(
        (s for s in world.creator_seats if (s.bc_id, s.user_id, s.open_id) == key),
        None,
    )


def approve(
    world: World, bc_id: str, creator: Creator, roles: list[str], *, now: float
) -> Hold:
    """Let a center use a creator's account; again: with these rights from now on."""
    hold = find_hold(world, bc_id, creator.open_id)
    if hold is None:
        hold = Hold(bc_id, creator.open_id, roles)
        world.holds.append(hold)
    hold.roles = roles
    for seat in world.creator_seats:
        if (seat.bc_id, seat.open_id) == (bc_id, creator.open_id):
            seat.roles = [one for one in seat.roles if one in roles]
    world.note(
        bc_id, "ASSET", f"{creator.name} approved {', '.join(roles)}.", by="", now=now
    )
    return hold


def end_hold(world: World, hold: Hold, *, by: str, now: float) -> None:
    """Take a creator's account out of a center; ads that use it there pause."""
    key = (hold.bc_id, hold.open_id)
    linked = [
        k.advertiser_id for k in world.creator_links if (k.bc_id, k.open_id) == key
    ]
    world.holds.remove(hold)
    world.creator_seats = [
        s for s in world.creator_seats if (s.bc_id, s.open_id) != key
    ]
    world.creator_links = [
        k for k in world.creator_links if (k.bc_id, k.open_id) != key
    ]
    for advertiser_id in linked:
        pause(world, advertiser_id, hold.open_id)
    creator = world.creator(hold.open_id)
    name = creator.name if creator else hold.open_id
    world.note(hold.bc_id, "ASSET", f"Removed the account {name}.", by=by, now=now)


def pause(world: World, advertiser_id: str, open_id: str) -> None:
    """Stop an ad account's ads with a creator's posts, but for those with a code."""
    posts = {p.item_id for p in world.posts.values() if p.open_id == open_id}
    coded = {b.item_id for b in world.bindings if b.advertiser_id == advertiser_id}
    for ad in world.ads:
        if ad.advertiser_id == advertiser_id and ad.item_id in posts - coded:
            ad.is_running = False


def asset_id(call: Call, creator: Creator) -> str:
    is_one = call.switch("asset_is_identity")
    return creator.identity_id if is_one else creator.asset_id


def held_creator(call: Call, bc_id: str) -> tuple[Creator, Hold]:
    """Return the creator named by `asset_id`, whose account the center must have."""
    wanted = call.params.text("asset_id", most=64)
    creator = next(
        (c for c in call.world.creators.values() if asset_id(call, c) == wanted), None
    )
    hold = find_hold(call.world, bc_id, creator.open_id) if creator else None
    if creator is None or hold is None:
        raise ApiError(NOT_FOUND, f"asset_id: {wanted} is not in this center.")
    return creator, hold


def usable_account(call: Call) -> Account:
    """Return the ad account named by `advertiser_id`, which the login must reach.

    An admin of a center reaches what the center holds.
    """
    wanted = call.params.id("advertiser_id")
    account = call.world.account(wanted)
    assert call.token is not None
    if account is not None:
        centers = (m.bc_id for m in call.world.members if m.user_id == call.user_id)
        if account in reachable(call, call.token) or any(
            call.world.is_admin(bc_id, call.user_id) and is_held(call, bc_id, account)
            for bc_id in centers
        ):
            return account
    raise ApiError(NO_PERMISSION, f"You have no access to ad account {wanted}.")
