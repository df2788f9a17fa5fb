"""A world as JSON, and back."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from agencyportal.simulator.creatorstate import (
    Ad,
    Binding,
    CenterLink,
    Creator,
    CreatorCode,
    CreatorLink,
    CreatorSeat,
    Hold,
    Pair,
    Post,
)
from agencyportal.simulator.state import (
    Account,
    App,
    Assignment,
    Center,
    Change,
    Code,
    Member,
    Partnership,
    Person,
    Relation,
    Share,
    Token,
    World,
)
from agencyportal.simulator.switches import defaults

ROWS: dict[str, type[Any]] = {
    "people": Person,
    "centers": Center,
    "members": Member,
    "accounts": Account,
    "relations": Relation,
    "shares": Share,
    "partnerships": Partnership,
    "assignments": Assignment,
    "codes": Code,
    "tokens": Token,
    "changes": Change,
    "holds": Hold,
    "creator_seats": CreatorSeat,
    "creator_links": CreatorLink,
    "bindings": Binding,
    "ads": Ad,
}
# These stand under their own key.
KEYED: dict[str, type[Any]] = {
    "creators": Creator,
    "creator_codes": CreatorCode,
    "pairs": Pair,
    "center_links": CenterLink,
    "posts": Post,
}


def world_to_json(world: World) -> dict[str, Any]:
    return asdict(world)


def world_from_json(stored: dict[str, Any]) -> World:
    """Rebuild a world; raise ValueError when the file is of another shape."""
    names = {one.name for one in fields(World)}
    try:
        if set(stored) != names:
            raise ValueError("other tables than this version has")
        values = dict(stored)
        values["app"] = App(**stored["app"])
        for name, row in ROWS.items():
            values[name] = [row(**item) for item in stored[name]]
        for name, row in KEYED.items():
            values[name] = {key: row(**item) for key, item in stored[name].items()}
        values["switches"] = defaults() | stored["switches"]
        return World(**values)
    except (TypeError, AttributeError) as error:
        raise ValueError(str(error)) from None
