"""A post's code: made, in effect, withdrawn (TikTok facts 7)."""

from __future__ import annotations

import secrets

from agencyportal.simulator.creatorstate import Post
from agencyportal.simulator.state import World

DAYS = (7, 30, 60, 365)
DAY = 86_400


def allow(post: Post, days: int, now: float) -> None:
    """Make a new code for a post; an earlier one is worth nothing from now on."""
    post.code = "#" + secrets.token_urlsafe(36)
    post.days, post.is_withdrawn = days, False
    post.starts_at, post.ends_at = now, now + days * DAY


def is_in_effect(post: Post, code: str, now: float) -> bool:
    """Return whether a code is the post's own, and still lets it run as an ad."""
    is_there = not (post.is_deleted or post.is_withdrawn)
    return is_there and post.code == code != "" and now < post.ends_at


def withdraw(world: World, post: Post) -> None:
    """End a post's code: ads that use it pause."""
    post.is_withdrawn = True
    for ad in world.ads:
        if ad.item_id == post.item_id:
            ad.is_running = False


def is_in_use(world: World, post: Post) -> bool:
    return any(ad.item_id == post.item_id and ad.is_running for ad in world.ads)
