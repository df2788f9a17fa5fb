"""What the control door shows of creators. Tokens and codes appear as fingerprints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from agencyportal.simulator.context import Context
from agencyportal.simulator.params import Params
from agencyportal.simulator.wire import fingerprint


def creators(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    return [asdict(one) for one in context.store.world.creators.values()]


def holds(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    world = context.store.world
    return [
        asdict(hold)
        | {
            "creator": creator.slug,
            "members": {
                seat.user_id: seat.roles
                for seat in world.creator_seats
                if (seat.bc_id, seat.open_id) == (hold.bc_id, hold.open_id)
            },
            "advertiser_ids": [
                link.advertiser_id
                for link in world.creator_links
                if (link.bc_id, link.open_id) == (hold.bc_id, hold.open_id)
            ],
        }
        for hold in world.holds
        for creator in [world.creators[hold.open_id]]
    ]


def pairs(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    world = context.store.world
    return [
        {
            "creator": creator.slug if creator else None,
            "open_id": pair.open_id,
            "scopes": pair.scopes,
            "refresh": fingerprint(pair.refresh),
            "refresh_until": pair.refresh_until,
            "access": {
                fingerprint(value): until for value, until in pair.access.items()
            },
            "created_at": pair.created_at,
            "is_alive": pair.is_alive,
        }
        for pair in world.pairs.values()
        for creator in [world.creators.get(pair.open_id)]
    ]


def refreshes(context: Context, params: Params, argument: str) -> dict[str, Any]:
    return context.traffic.counters()


def posts(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    world = context.store.world
    return [
        asdict(post)
        | {
            "creator": world.creators[post.open_id].slug,
            "code": fingerprint(post.code) if post.code else None,
            "bound_to": [
                one.advertiser_id
                for one in world.bindings
                if one.item_id == post.item_id
            ],
        }
        for post in world.posts.values()
    ]


def ads(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    return [asdict(ad) for ad in context.store.world.ads]
