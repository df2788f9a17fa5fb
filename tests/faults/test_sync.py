"""The portal reads what our centers list."""

from __future__ import annotations

from tests.faults.cases import cases, play
from tests.faults.stage import Stage
from tests.faults.upkeep import Sync


@cases(Sync)
def test_it_survives(stage: Stage, fault: str, place: str) -> None:
    play(Sync(stage), fault, place)
