"""The named worlds a simulator starts from or is reset to."""

from __future__ import annotations

import time
from collections.abc import Callable

from agencyportal.simulator.cast import (
    add_center,
    add_member,
    add_person,
    play,
)
from agencyportal.simulator.creatorcast import add_creator, play_in_use
from agencyportal.simulator.creatorscopes import CREATOR_SCOPES
from agencyportal.simulator.scenarios import CREATORS, SCENARIOS
from agencyportal.simulator.scopes import ASSET_GROUPS
from agencyportal.simulator.state import App, World

APP_ID = "7203948571234510849"
APP_SECRET = "simulated-app-secret-5b1f0c7de2"  # noqa: S105 - opens only the simulator
REDIRECT_URIS = (
    "http://127.0.0.1:8000/connect/agency/tiktok/",
    "http://127.0.0.1:8000/connect/client/tiktok/",
    "http://127.0.0.1:8000/connect/creator/tiktok/",
)
APP_SCOPES = (100, 150, 153, 155, 156, 230, 690, 691, 693, ASSET_GROUPS)

AGENCY = (
    ("priya", "Priya Raman", "priya@northlight.example"),
    ("mira", "Mira Okafor", "mira@northlight.example"),
    ("jonas", "Jonas Lind", "jonas@northlight.example"),
)
CLIENTS = (
    ("sofia", "Sofia Halden", "sofia@haldenoutdoor.example"),
    ("dana", "Dana Whitlock", "dana@brightwater.example"),
    ("paolo", "Paolo Ferri", "paolo@osterialume.example"),
    ("ines", "Ines Duarte", "ines@kestrelcycles.example"),
    ("maren", "Maren Holt", "maren@marenhome.example"),
    ("oskar", "Oskar Blom", "oskar@blomceramics.example"),
    ("greta", "Greta Vance", "greta@vancemotors.example"),
    ("yusuf", "Yusuf Demir", "yusuf@demirbakery.example"),
    ("ruth", "Ruth Calder", "ruth@calderbooks.example"),
    ("nadia", "Nadia Petrov", "nadia@twohats.example"),
    ("hugo", "Hugo Lang", "hugo@langoptics.example"),
    ("elin", "Elin Strand", "elin@strandsauna.example"),
    ("marco", "Marco Bianchi", "marco@bianchitiles.example"),
)


def _agency() -> World:
    """Only our own side: the app, two centers, two admins and a standard member."""
    world = World(
        "agency",
        App(
            APP_ID,
            APP_SECRET,
            "Northlight Media Agency Portal",
            list(REDIRECT_URIS),
            list(APP_SCOPES),
            list(CREATOR_SCOPES),
        ),
    )
    main = add_center(world, "Northlight Agency", "Northlight Media", type="AGENCY")
    nordic = add_center(world, "Northlight Nordic", "Northlight Media", type="AGENCY")
    scenarios = {one.person: one.name for one in SCENARIOS}
    for slug, name, email in AGENCY:
        person = add_person(world, slug, name, email)
        person.scenario = scenarios[slug]
        add_member(world, main, person, "STANDARD" if slug == "jonas" else "ADMIN")
        if slug == "priya":
            add_member(world, nordic, person)
    return world


def _demo() -> World:
    """The agency, and a client's login or a creator for every scenario."""
    world = _agency()
    world.name = "demo"
    scenarios = {one.person: one.name for one in SCENARIOS}
    for slug, name, email in CLIENTS:
        play(world, add_person(world, slug, name, email), scenarios[slug])
    for one in CREATORS:
        creator = add_creator(world, one.person, scenario=one.name)
        if one.name == "creator_in_use":
            play_in_use(world, creator, now=time.time())
    return world


WORLDS: dict[str, Callable[[], World]] = {"agency": _agency, "demo": _demo}


def build_world(name: str) -> World:
    """Return a new world; raise KeyError for an unknown name."""
    return WORLDS[name]()
