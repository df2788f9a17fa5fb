"""The portal takes a share back."""

from __future__ import annotations

from tests.faults.cases import cases, play
from tests.faults.stage import Stage
from tests.faults.upkeep import Withdraw


@cases(Withdraw)
def test_it_survives(stage: Stage, fault: str, place: str) -> None:
    play(Withdraw(stage), fault, place)
