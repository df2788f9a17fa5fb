"""Creators, their posts, and what each scenario gives them. Every name is invented."""

from __future__ import annotations

import base64
import hashlib
from uuid import UUID

from agencyportal.simulator.creatorstate import Ad, Binding, Creator, Post
from agencyportal.simulator.names import make_id
from agencyportal.simulator.postrules import allow
from agencyportal.simulator.state import World

ASSET, POST = 70, 74
KNOWN = {
    "aino": ("Aino Virta", "aino.outdoors"),
    "nora": ("Cucina di Nora", "cucina.di.nora"),
    "luis": ("Luis Prado", "luis.cocina"),
    "kit": ("Kit Marlow", "kit.rides"),
    "jun": ("Jun Sato", "jun.on.foot"),
    "halden": ("Halden Outdoor", "haldenoutdoor"),
}
POSTS = {
    "aino": ("Up the fell in the rain", "What fits into 28 litres", "Coffee at -12°"),
    "nora": ("Ragù, four hours", "Bread without a machine"),
    "luis": ("Gazpacho in five minutes",),
    "kit": ("Gravel before work", "One bike, one week"),
    "jun": ("Tokyo to Nikko on foot", "Shoes after 1,000 km"),
    "halden": ("How the Fjell jacket is made", "The shop in Umeå"),
}
WITHHELD = {
    "creator_partial": ["video.list"],
    "creator_no_posts": ["biz.spark.auth"],
}


def add_creator(
    world: World, slug: str, name: str = "", username: str = "", *, scenario: str = ""
) -> Creator:
    """Add a creator with what the scenario withholds; names of the cast are known."""
    known = KNOWN.get(slug, (slug.title(), slug))
    digest = hashlib.sha256(f"creator {slug}".encode()).digest()
    creator = Creator(
        slug,
        name or known[0],
        username or known[1],
        open_id="-000" + base64.urlsafe_b64encode(digest[:24]).decode(),
        asset_id=make_id(f"creator {slug}", kind=ASSET),
        identity_id=str(UUID(bytes=digest[:16])),
        scenario=scenario,
        withheld_scopes=list(WITHHELD.get(scenario, ())),
    )
    world.creators[creator.open_id] = creator
    for number, text in enumerate(POSTS.get(slug, ("A day out",)), 1):
        item_id = make_id(f"post {slug} {number}", kind=POST)
        world.posts[item_id] = Post(item_id, creator.open_id, text)
    return creator


def play_in_use(world: World, creator: Creator, *, now: float) -> None:
    """Let an ad of the happy client's first ad account run with a creator's post."""
    post = next(p for p in world.posts.values() if p.open_id == creator.open_id)
    account = next((a for a in world.accounts if a.owner_bc_id), None)
    allow(post, 30, now)
    if account is not None:
        world.bindings.append(
            Binding(account.advertiser_id, post.item_id, post.code, now)
        )
        world.ads.append(Ad(account.advertiser_id, post.item_id))
