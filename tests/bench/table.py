"""One table for all measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement: what was measured, the number with its unit, and how.

    `bound` is what was promised, in words; a row that misses it fails the run.
    """

    what: str
    result: str
    how: str = ""
    bound: str = ""
    is_met: bool = True


def draw(rows: Sequence[Row]) -> str:
    table = [("What", "Result", "Bound", "How"), *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    table.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in table
    )


def _cells(row: Row) -> tuple[str, str, str, str]:
    bound = row.bound if row.is_met else f"{row.bound} MISSED"
    return (row.what, row.result, bound, row.how)
