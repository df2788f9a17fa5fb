"""Every line of docs/guide-coverage.md names places and tests that are there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAPER = ROOT / "docs/guide-coverage.md"
NOT_YET = "not yet"
NAMED = re.compile(r"`([^`]+)`")
# How many lines each part of the guide has at least.
PARTS = {
    "Structure and limits": 6,
    "Roles": 8,
    "Method A, step by step": 8,
    "Method B, step by step": 8,
    "Spark Ads": 5,
    "The five issues": 5,
    "Comparison of platforms": 6,
    "Security practices": 6,
    "When a client leaves": 5,
    "Quick checklist": 13,
    "What the guide promises of automation": 8,
}


def lines() -> list[tuple[str, list[str]]]:
    """Return (heading, cells) of every line of the tables."""
    found, heading = [], ""
    for line in PAPER.read_text().splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith("| In the guide"):
            found.append((heading, [cell.strip() for cell in line.split("|")[1:-1]]))
    return found


LINES = [cells for _, cells in lines()]


def test_no_part_of_the_guide_is_left_out() -> None:
    told = Counter(heading for heading, _ in lines())
    assert set(told) == set(PARTS)
    assert {part: n for part, n in told.items() if n < PARTS[part]} == {}


@pytest.mark.parametrize("cells", LINES, ids=lambda cells: cells[0])
def test_a_line_names_a_place_and_a_test_or_says_not_yet(cells: list[str]) -> None:
    item, place, test = cells
    assert item
    if place == NOT_YET:
        assert not NAMED.findall(test)
        return
    places, tests = NAMED.findall(place), NAMED.findall(test)
    assert places
    assert tests
    for one in places:
        assert (ROOT / one).is_file(), one
    for one in tests:
        path, _, name = one.partition("::")
        assert path.startswith("tests/")
        assert (ROOT / path).is_file(), path
        source = (ROOT / path).read_text()
        assert not name or re.search(rf"def {name}\(", source), one
