"""`tt_video/*`: posts an ad account takes in by their codes (TikTok facts 7.1)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from agencyportal.simulator.calls import Call, Endpoint
from agencyportal.simulator.creatorstate import Binding, Post
from agencyportal.simulator.holds import usable_account
from agencyportal.simulator.postrules import is_in_effect
from agencyportal.simulator.scopes import AUTHORIZE_POSTS, QUERY_POSTS
from agencyportal.simulator.state import World
from agencyportal.simulator.wire import CODE_DEAD, NOT_FOUND, ApiError, paginate

ITEM_TYPES = ("VIDEO", "CAROUSEL")


def utc(moment: float) -> str:
    """Return a time as TikTok tells it; a time that is none is empty."""
    if not moment:
        return ""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


def find_post(world: World, code: str, now: float) -> Post:
    """Return the post whose code this is, else say that it is used up or unknown."""
    for post in world.posts.values():
        if is_in_effect(post, code, now):
            return post
    raise ApiError(CODE_DEAD, "The authorization code is invalid or has expired.")


def find_binding(world: World, advertiser_id: str, item_id: str) -> Binding | None:
    key = (advertiser_id, item_id)
    return next(
        (b for b in world.bindings if (b.advertiser_id, b.item_id) == key), None
    )


def authorize(call: Call) -> dict[str, Any]:
    """Bind a code to an ad account; a newer code of the same post takes its place."""
    account = usable_account(call)
    post = find_post(call.world, call.params.text("auth_code"), call.now)
    binding = find_binding(call.world, account.advertiser_id, post.item_id)
    if binding is None:
        binding = Binding(account.advertiser_id, post.item_id, "", 0.0)
        call.world.bindings.append(binding)
    binding.code, binding.bound_at = post.code, call.now
    return {}


def info(call: Call) -> dict[str, Any]:
    usable_account(call)
    post = find_post(call.world, call.params.text("auth_code"), call.now)
    return _row(call, post, post.code, 0.0)


def posts_list(call: Call) -> dict[str, Any]:
    account = usable_account(call)
    types = call.params.texts("item_types")
    keyword = call.params.text("keyword", default="")
    page, size = call.params.page(50)
    rows = [
        _row(call, post, one.code, one.bound_at)
        for one in call.world.bindings
        if one.advertiser_id == account.advertiser_id
        and (post := call.world.posts[one.item_id])
        and keyword.lower() in post.text.lower()
        and (not types or "VIDEO" in types)
    ]
    return paginate(rows, page, size)


def unbind(call: Call) -> dict[str, Any]:
    """Take a post off an ad account; ads that use it there pause."""
    account = usable_account(call)
    item_id = call.params.id("item_id")
    binding = find_binding(call.world, account.advertiser_id, item_id)
    if binding is None:
        raise ApiError(NOT_FOUND, f"item_id: {item_id} is not authorised.")
    call.world.bindings.remove(binding)
    for ad in call.world.ads:
        if (ad.advertiser_id, ad.item_id) == (account.advertiser_id, item_id):
            ad.is_running = False
    return {}


def _row(call: Call, post: Post, code: str, bound_at: float) -> dict[str, Any]:
    creator = call.world.creators[post.open_id]
    word = str(call.switch("ad_auth_status"))
    is_new = word == "SOMETHING_NEW"
    is_on = is_in_effect(post, code, call.now)
    is_over = post.code == code and call.now >= post.ends_at
    status = word if is_on or is_new else "EXPIRED" if is_over else "CANCELED"
    return {
        "auth_info": {
            "ad_auth_status": status,
            "auth_start_time": utc(post.starts_at),
            "auth_end_time": utc(post.ends_at),
            "invite_start_time": utc(bound_at),
        },
        "item_info": {
            "item_id": post.item_id,
            "item_type": "VIDEO",
            "text": post.text,
            "status": "DELETED" if post.is_deleted else "NORMAL",
            "auth_code": code,
        },
        "user_info": {
            "tiktok_name": creator.name,
            "identity_id": creator.identity_id,
            "identity_type": "AUTH_CODE",
        },
        "video_info": {"duration": 15.0},
    }


ENDPOINTS = {
    "tt_video/authorize/": Endpoint(("POST",), authorize, AUTHORIZE_POSTS),
    "tt_video/info/": Endpoint(("GET",), info, QUERY_POSTS),
    "tt_video/list/": Endpoint(("GET",), posts_list, AUTHORIZE_POSTS),
    "tt_video/unbind/": Endpoint(("POST",), unbind, AUTHORIZE_POSTS),
}
