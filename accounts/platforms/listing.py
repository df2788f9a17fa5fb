"""A list read to its end, with what proves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """All rows of one list.

    `told`: how many the platform said there are; always the number of rows, or the
    read would have failed. `sha256`: over the rows as they came, in canonical JSON.
    """

    rows: tuple[Row, ...]
    told: int
    pages: int
    trace_ids: tuple[str, ...]
    sha256: str

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)
