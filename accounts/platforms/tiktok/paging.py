"""Read a list to its end, or fail: a short list would look like lost access."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from accounts.outbound import OutboundError
from accounts.platforms.listing import Listing
from accounts.platforms.tiktok.wire import Fields, Reply

MOST_PAGES = 1000

Row = TypeVar("Row")
Turn = Callable[[int], Reply]
Make = Callable[[Fields], Row]


def read_pages(
    turn: Turn, make: Make[Row], *, key: str = "list", may_repeat: bool = False
) -> Listing[Row]:
    """Return all rows; `turn` fetches the page of a number, from 1.

    Raises OutboundError when the pages do not add up: another page than asked for, a
    total that moves while we read, rows too few, too many or twice (a row that moved
    from page to page hides another). `may_repeat`: equal rows are no sign of that.
    """
    seen: list[Fields] = []
    trace_ids: list[str] = []
    told, last, page = 0, 1, 0
    while page < last:
        page += 1
        reply = turn(page)
        info = reply.data.inner("page_info")
        now_told, now_last = info.number("total_number"), info.number("total_page")
        if page > 1 and (now_told, now_last) != (told, last):
            raise _inconsistent(reply, "the list changed while it was read")
        told, last = now_told, now_last
        if info.number("page") != page or last > MOST_PAGES:
            raise _inconsistent(reply, "the pages do not follow each other")
        seen += reply.data.rows(key)
        trace_ids.append(reply.trace_id)
    if len(seen) != told:
        raise _inconsistent(reply, f"{told} rows were told, {len(seen)} came")
    if not may_repeat and len({canonical(row.values) for row in seen}) != told:
        raise _inconsistent(reply, "a row came twice")
    return listing(seen, make, pages=page, trace_ids=trace_ids)


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
