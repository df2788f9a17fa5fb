"""The paper and the control door tell of the same scenarios as the table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agencyportal.simulator.faults import FAULTS
from agencyportal.simulator.paper import fault_paper
from tests.faults.cases import JOURNEYS, database_of, is_quick
from tests.faults.journeys import Journey

PAPER = Path(__file__).parents[2] / "docs" / "faults.md"


def test_it_is_as_the_table_says() -> None:
    assert PAPER.read_text() == fault_paper(), (
        "Run: python -m agencyportal.simulator --faults > docs/faults.md"
    )


def test_the_command_prints_it() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "agencyportal.simulator", "--faults"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == fault_paper()


def quick(journey: type[Journey]) -> list[tuple[str, str]]:
    """Return the cases of a journey that `make test` plays."""
    every = [(fault, place) for fault in FAULTS for place in journey.places]
    return [(fault, place) for fault, place in every if is_quick(journey, fault, place)]


def test_every_fault_is_played_quickly() -> None:
    played = [fault for journey in JOURNEYS for fault, _ in quick(journey)]
    assert sorted(played) == sorted(FAULTS)


@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_place_is_played_quickly(journey: type[Journey]) -> None:
    assert {place for _, place in quick(journey)} == set(journey.places)


@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_journey_meets_every_fault_on_both_databases(
    journey: type[Journey],
) -> None:
    for fault in FAULTS:
        played_on = {database_of(journey, fault, place) for place in journey.places}
        assert played_on == {"sqlite", "postgresql"}, fault
