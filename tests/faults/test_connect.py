"""An access owner connects a login of ours."""

from __future__ import annotations

from tests.faults.cases import cases, play
from tests.faults.journeys import AgencysConnect
from tests.faults.stage import Stage


@cases(AgencysConnect)
def test_it_survives(stage: Stage, fault: str, place: str) -> None:
    play(AgencysConnect(stage), fault, place)
