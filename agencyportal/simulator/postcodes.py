"""`business/post/authorize/*`: codes made with a creator's token (TikTok facts 7.2)."""

from __future__ import annotations

from typing import Any

from agencyportal.simulator.calls import Call, Endpoint
from agencyportal.simulator.creatoroauth import holder_of_business
from agencyportal.simulator.creatorstate import Post
from agencyportal.simulator.params import bad
from agencyportal.simulator.postrules import DAY, DAYS, allow, is_in_use, withdraw
from agencyportal.simulator.posts import utc
from agencyportal.simulator.wire import NO_PERMISSION, NOT_FOUND, ApiError

SCOPE = "biz.spark.auth"


def setting(call: Call) -> dict[str, Any]:
    """Let a post run as an ad with a new code, or no more."""
    post = _own_post(call)
    is_promotable = call.params.values.get("is_ad_promotable")
    if not isinstance(is_promotable, bool):
        raise bad("is_ad_promotable", "Not a valid boolean.")
    if is_promotable:
        allow(post, _days(call), call.now)
        return _told(call, post)
    _refuse_in_use(call, post)
    withdraw(call.world, post)
    return _told(call, post)


def extend(call: Call) -> dict[str, Any]:
    post = _coded_post(call)
    post.days = _days(call)
    post.ends_at = max(post.ends_at, call.now) + post.days * DAY
    return _told(call, post)


def status(call: Call) -> dict[str, Any]:
    return _told(call, _own_post(call))


def delete(call: Call) -> dict[str, Any]:
    post = _coded_post(call)
    if not call.switch("code_in_use_can_end"):
        _refuse_in_use(call, post)
    withdraw(call.world, post)
    return _told(call, post)


def _refuse_in_use(call: Call, post: Post) -> None:
    if is_in_use(call.world, post):
        raise ApiError(NO_PERMISSION, "The post is used by a Spark ad.")


def _own_post(call: Call) -> Post:
    pair = holder_of_business(call, SCOPE)
    item_id = call.params.id("item_id")
    post = call.world.posts.get(item_id)
    if post is None or post.open_id != pair.open_id or post.is_deleted:
        raise ApiError(NOT_FOUND, f"item_id: {item_id} is no post of this account.")
    return post


def _coded_post(call: Call) -> Post:
    post = _own_post(call)
    if not post.code or post.is_withdrawn:
        raise ApiError(NOT_FOUND, f"item_id: {post.item_id} has no code.")
    return post


def _days(call: Call) -> int:
    days = call.params.integer("authorization_days", default=30, least=1, most=365)
    if days not in DAYS:
        raise bad("authorization_days", "Must be one of 7, 30, 60, 365.")
    return days


def _told(call: Call, post: Post) -> dict[str, Any]:
    world = call.world
    word = "NOT_USED"
    if post.is_withdrawn or not post.code:
        word = "DELETED"
    elif call.now >= post.ends_at:
        word = "EXPIRED"
    elif any(b.item_id == post.item_id and b.code == post.code for b in world.bindings):
        word = "IN_USE"
    return {
        "item_id": post.item_id,
        "auth_code": "" if post.is_withdrawn else post.code,
        "auth_code_start_time": utc(post.starts_at),
        "auth_code_end_time": utc(post.ends_at),
        "authorization_days": post.days,
        "auth_code_status": word,
    }


ENDPOINTS = {
    "business/post/authorize/setting/": Endpoint(("POST",), setting, needs_token=False),
    "business/post/authorize/": Endpoint(("POST",), extend, needs_token=False),
    "business/post/authorize/status/": Endpoint(("GET",), status, needs_token=False),
    "business/post/authorize/delete/": Endpoint(("POST",), delete, needs_token=False),
}
