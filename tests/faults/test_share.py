"""The portal shares what was asked for."""

from __future__ import annotations

from tests.faults.cases import cases, play
from tests.faults.stage import Stage
from tests.faults.upkeep import Share


@cases(Share)
def test_it_survives(stage: Stage, fault: str, place: str) -> None:
    play(Share(stage), fault, place)
