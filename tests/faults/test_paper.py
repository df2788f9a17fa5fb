"""The paper and the control door tell of the same scenarios as the table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from agencyportal.simulator.faults import FAULTS
from agencyportal.simulator.paper import fault_paper
from tests.faults.cases import QUICK

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


def test_the_quick_ones_are_scenarios() -> None:
    assert set(FAULTS) > QUICK
