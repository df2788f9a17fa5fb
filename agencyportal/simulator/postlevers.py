"""The control door's hold on posts: codes, their ends, and the ads that use them."""

from __future__ import annotations

from typing import Any

from agencyportal.simulator import creatorviews
from agencyportal.simulator.context import Context
from agencyportal.simulator.creatorstate import Ad, Post
from agencyportal.simulator.levers import ControlError
from agencyportal.simulator.params import Params
from agencyportal.simulator.postrules import DAYS, allow, withdraw


def _post(context: Context, params: Params) -> Post:
    item_id = params.id("item_id")
    post = context.store.world.posts.get(item_id)
    if post is None:
        raise ControlError(f"There is no post {item_id}. GET /_control/posts.", 404)
    return post


def make_code(context: Context, params: Params, argument: str) -> dict[str, Any]:
    post = _post(context, params)
    days = params.integer("days", default=30, least=1, most=365)
    if days not in DAYS:
        raise ControlError("days: 7, 30, 60 or 365.")
    allow(post, days, context.store.now())
    return {"code": post.code}


def end_code(context: Context, params: Params, argument: str) -> list[Any]:
    withdraw(context.store.world, _post(context, params))
    return creatorviews.posts(context, params, "")


def expire_code(context: Context, params: Params, argument: str) -> list[Any]:
    _post(context, params).ends_at = context.store.now()
    return creatorviews.posts(context, params, "")


def delete(context: Context, params: Params, argument: str) -> list[Any]:
    post = _post(context, params)
    withdraw(context.store.world, post)
    post.is_deleted = True
    return creatorviews.posts(context, params, "")


def set_ad(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    """Run an ad with a post, or pause it."""
    world, post = context.store.world, _post(context, params)
    advertiser_id = params.id("advertiser_id")
    if world.account(advertiser_id) is None:
        raise ControlError(f"There is no account {advertiser_id}.", 404)
    is_running = params.boolean("is_running", default=True)
    for ad in world.ads:
        if (ad.advertiser_id, ad.item_id) == (advertiser_id, post.item_id):
            ad.is_running = is_running
            break
    else:
        world.ads.append(Ad(advertiser_id, post.item_id, is_running))
    return creatorviews.ads(context, params, "")
