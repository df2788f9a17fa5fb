"""A client goes from Start to Share on their link."""

from __future__ import annotations

from tests.faults.cases import cases, play
from tests.faults.journeys import ClientsJourney
from tests.faults.stage import Stage


@cases(ClientsJourney)
def test_it_survives(stage: Stage, fault: str, place: str) -> None:
    play(ClientsJourney(stage), fault, place)
