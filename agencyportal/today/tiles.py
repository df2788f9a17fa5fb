"""The numbers on the front page, each with exactly its list."""

from __future__ import annotations

from typing import Any

from accounts.standing import (
    FRESH,
    IN_TROUBLE,
    MISSED,
    MYSELF,
    ON_CLIENT,
    ON_US,
    STALE,
)
from agencyportal.templatetags.look import said
from agencyportal.today import keys, requests
from agencyportal.today.grants import GrantLists, desk
from onboarding import turns

Tile = dict[str, Any]
Row = dict[str, Any]


def of_staff(
    counts: dict[str, int],
    grants: GrantLists,
    asked: requests.RequestLists,
    lost: keys.Keys,
) -> list[Tile]:
    """Return the tiles of whoever works here; none while there is nothing to count."""
    on_client = asked.totals[turns.CLIENT]
    if not any((*counts.values(), on_client, lost.total)):
        return []
    return [
        _read_back(counts),
        {
            "number": on_client,
            "noun": _of(
                on_client, "request waits on a client", "requests wait on clients"
            ),
            "url": requests.desk(turns.CLIENT),
            "note": _oldest(asked.on_client),
        },
        {
            "number": counts[ON_CLIENT.key],
            "noun": _of(
                counts[ON_CLIENT.key],
                "grant waits on a client",
                "grants wait on clients",
            ),
            "url": desk(ON_CLIENT),
            "note": _oldest(grants.on_client),
        },
        {
            "number": counts[ON_US.key],
            "noun": _of(counts[ON_US.key], "grant waits on us", "grants wait on us"),
            "url": desk(ON_US),
            "note": _oldest(grants.on_us),
        },
        _in_trouble(counts, grants.in_trouble),
        {
            "number": lost.total,
            "noun": _of(lost.total, "key needs a person", "keys need a person"),
            "url": keys.desk(),
            **_toned(lost.rows),
        },
    ]


def of_buyer(counts: dict[str, int]) -> list[Tile]:
    """Return what a media buyer can use today of their own, and what they cannot."""
    if not any(counts.values()):
        return []
    read = {**_read_back(counts), "noun": "accounts read back today"}
    told = (read, _in_trouble(counts, []))
    return [
        {key: _of_mine(value) if "url" in key else value for key, value in tile.items()}
        for tile in told
    ]


def _of_mine(url: str) -> str:
    return f"{url}&holder={MYSELF}"


def _read_back(counts: dict[str, int]) -> Tile:
    fresh, stale = counts[FRESH.key], counts[STALE.key]
    tile = {
        "number": fresh,
        "of": fresh + stale,
        "noun": "grants read back today",
        "url": desk(FRESH),
    }
    if stale:
        tile |= {
            "note": f"{stale} not checked today",
            "note_url": desk(STALE),
            "tone": "wait",
        }
    return tile


def _in_trouble(counts: dict[str, int], newest: list[Row]) -> Tile:
    tile = {
        "number": counts[IN_TROUBLE.key],
        "noun": "drifted or lost",
        "url": desk(IN_TROUBLE),
        "note": f"Newest: {_said(newest[0])}" if newest else "",
        "tone": "bad" if counts[IN_TROUBLE.key] else "",
    }
    if missed := counts[MISSED.key]:  # it may be trouble: a second read decides
        tile |= {
            "note": f"{missed} not listed, read again soon",
            "note_url": desk(MISSED),
            "tone": "wait",
        }
    return tile


def _oldest(rows: list[Row]) -> str:
    return f"Oldest: {_said(rows[0])}" if rows else ""


def _said(row: Row) -> str:
    return f"{said(row['since'])}, {row.get('of') or row['title']}"


def _toned(rows: list[Row]) -> dict[str, str]:
    if not rows:
        return {}
    pill = rows[0]["pill"]
    return {"note": pill["word"], "tone": pill["tone"]}


def _of(number: int, one: str, many: str) -> str:
    return one if number == 1 else many
