"""Read a list to its end, or fail: a short list would look like lost access."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from accounts.outbound import Answer, Call, OutboundError
from accounts.platforms.listing import Listing
from accounts.platforms.tiktok.fields import Fields
from accounts.platforms.tiktok.wire import Reply

MOST_PAGES = 1000
# A page that was kept has been understood before; nothing of its answer is left.
KEPT = Answer(Call("GET", "kept"), 200, {}, b"")

Row = TypeVar("Row")
Turn = Callable[[int], Reply]
Make = Callable[[Fields], Row]


class Pages(Protocol):
    """Where the pages of one list rest while it is read, so that a break costs one."""

    def kept(self) -> Iterable[tuple[str, str]]:
        """Return the pages an earlier try has left, from the first: body, trace id."""

    def keep(self, number: int, of: int, body: str, trace_id: str) -> None:
        """Take the page of a number; `of` is how many there are."""

    def forget(self) -> None:
        """Drop what is kept: the list has changed since."""


def read_pages(
    turn: Turn,
    make: Make[Row],
    *,
    key: str = "list",
    may_repeat: bool = False,
    pages: Pages | None = None,
) -> Listing[Row]:
    """Return all rows; `turn` fetches the page of a number, from 1.

    Raises OutboundError when the pages do not add up: another page than asked for, a
    total that moves while we read, rows too few, too many, or one id twice: a row that
    moved from page to page hides another, and of two that differ neither is proof.
    `may_repeat`: rows without an id, of which equal ones are no sign of that.
    What `pages` has kept is not fetched again unless the totals have moved since.
    """
    kept = pages.kept() if pages else ()
    replies = _read_on([_restored(*page) for page in kept], turn, pages)
    told, reply = _totals(replies[0])[0], replies[-1]
    seen = [row for one in replies for row in one.data.rows(key)]
    if len(seen) != told:
        raise _inconsistent(reply, f"{told} rows were told, {len(seen)} came")
    whole = listing(
        seen, make, pages=len(replies), trace_ids=[one.trace_id for one in replies]
    )
    if not may_repeat and len(set(map(_identity, whole, seen))) != told:
        raise _inconsistent(reply, "a row came twice")
    return whole


def _identity(row: Any, told: Fields) -> str:
    """Return a row's id; whom TikTok gives none yet is known by all it says of them."""
    return row.external_id or canonical(told.values)


def _read_on(kept: list[Reply], turn: Turn, pages: Pages | None) -> list[Reply]:
    """Return the kept pages and those that were missing; all anew if they changed."""
    replies = list(kept)
    while not replies or len(replies) < _totals(replies[0])[1]:
        number = len(replies) + 1
        reply = turn(number)
        totals = _totals(reply)
        if replies and totals != _totals(replies[0]):
            if pages and kept:
                pages.forget()
                return _read_on([], turn, pages)
            raise _inconsistent(reply, "the list changed while it was read")
        info = reply.data.inner("page_info")
        if info.number("page") != number or totals[1] > MOST_PAGES:
            raise _inconsistent(reply, "the pages do not follow each other")
        replies.append(reply)
        if pages:
            pages.keep(number, totals[1], canonical(reply.data.values), reply.trace_id)
    return replies


def _totals(reply: Reply) -> tuple[int, int]:
    """Return how many rows and how many pages the platform says there are."""
    info = reply.data.inner("page_info")
    return info.number("total_number"), info.number("total_page")


def _restored(body: str, trace_id: str) -> Reply:
    return Reply(Fields(json.loads(body), KEPT), trace_id, is_partial=False)


def listing(
    rows: Sequence[Fields], make: Make[Row], *, pages: int, trace_ids: Sequence[str]
) -> Listing[Row]:
    """Return a Listing of rows that are known to be all."""
    return Listing(
        rows=tuple(make(row) for row in rows),
        told=len(rows),
        pages=pages,
        trace_ids=tuple(trace_ids),
        sha256=hashlib.sha256(
            canonical([row.values for row in rows]).encode()
        ).hexdigest(),
    )


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _inconsistent(reply: Reply, what: str) -> OutboundError:
    answer = reply.data.answer
    return OutboundError(
        f"TikTok's list was not complete: {what}. Nothing was stored; the portal reads"
        " it again.",
        permanent=False,
        kind="incomplete",
        code=answer.code,
        trace_id=reply.trace_id,
    )
