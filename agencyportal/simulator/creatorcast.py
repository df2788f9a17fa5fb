"""Creators, their posts, and what each scenario gives them. Every name is invented."""

from __future__ import annotations

import base64
import hashlib
from uuid import UUID

from agencyportal.simulator.creatorstate import Creator
from agencyportal.simulator.names import make_id
from agencyportal.simulator.state import World

ASSET = 70
KNOWN = {
    "aino": ("Aino Virta", "aino.outdoors"),
    "nora": ("Cucina di Nora", "cucina.di.nora"),
    "luis": ("Luis Prado", "luis.cocina"),
    "kit": ("Kit Marlow", "kit.rides"),
    "jun": ("Jun Sato", "jun.on.foot"),
    "halden": ("Halden Outdoor", "haldenoutdoor"),
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
    return creator
