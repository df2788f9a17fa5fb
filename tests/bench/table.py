"""One table for all measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Row:
    """One measurement: what was measured, the number with its unit, and how."""

    what: str
    result: str
    how: str = ""


def draw(rows: Sequence[Row]) -> str:
    table = [("What", "Result", "How"), *map(astuple, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    table.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in table
    )
