"""Every fault at every place of a journey, generated; played and judged alike."""

from __future__ import annotations

import logging
from collections import Counter

import pytest
from django.conf import settings

from accounts.models import RoleGrant
from agencyportal.simulator.faults import FAULTS, NOBODY
from agencyportal.simulator.meanwhile import MEANWHILE
from tests.faults.invariants import half_written
from tests.faults.journeys import AgencysConnect, ClientsJourney, Journey
from tests.faults.promises import broken_promises
from tests.faults.stage import Stage
from tests.faults.upkeep import Share, Sync, Withdraw
from tests.simulated import Simulated, main_receiver
from tests.walks import canaries

State = RoleGrant.State
JOURNEYS: tuple[type[Journey], ...] = (
    *(ClientsJourney, AgencysConnect, Share, Sync, Withdraw),
)


def cases(journey: type[Journey]) -> pytest.MarkDecorator:
    """Return the marks that make one test of every fault at every place."""
    return pytest.mark.parametrize(
        ("fault", "place"),
        [
            pytest.param(
                fault,
                place,
                id=f"{fault} at {place.rstrip('/').replace('/', ' ')}",
                marks=_marks(journey, fault, place),
            )
            for fault in FAULTS
            for place in journey.places
        ],
    )


def _marks(
    journey: type[Journey], fault: str, place: str
) -> list[pytest.MarkDecorator]:
    here = pytest.mark.only_on(database_of(journey, fault, place))
    return [here] if is_quick(journey, fault, place) else [here, pytest.mark.long]


def database_of(journey: type[Journey], fault: str, place: str) -> str:
    """Return where a case is played: at half the places on either database, in turn.

    Every journey meets every fault on both, and every place every fault on one.
    """
    turn = list(FAULTS).index(fault) + journey.places.index(place)
    return ("sqlite", "postgresql")[turn % 2]


def is_quick(journey: type[Journey], fault: str, place: str) -> bool:
    """True for what `make test` plays: every fault once, at the places in turn.

    There are more faults than places, so every place has its turn; `make ci` plays
    every fault at every place.
    """
    places = [(one, place) for one in JOURNEYS for place in one.places]
    turn = list(FAULTS).index(fault)
    return places[turn % len(places)] == (journey, place)


def play(journey: Journey, fault: str, place: str) -> None:
    """Play one case; nothing breaks, nothing leaks, all that is promised is shown."""
    stage = journey.stage
    with canaries.logs(logging.INFO) as log:
        journey.prepare()
        stage.arm(fault, place)
        journey.go()
        assert half_written() == []
        assert broken_promises(journey, fault, place) == []
        stage.disarm()
        journey.go_on()
        assert half_written() == []
        assert_it_ends_as_the_world_says(journey, fault)
        assert_nothing_leaked(stage, log.getvalue())


def assert_it_ends_as_the_world_says(journey: Journey, fault: str) -> None:
    """Active is what our center holds as asked, and that alone; shared once."""
    if isinstance(journey, AgencysConnect):
        assert journey.is_unharmed()
        return
    held = held_in(journey.stage.tiktok)
    shares = RoleGrant.objects.filter(via=None, family=RoleGrant.Family.AD_ACCOUNT)
    newest = {
        grant.asset.external_id: grant.state
        for grant in shares.order_by("asked_at", "since")
    }
    active = {one for one, state in newest.items() if state == State.ACTIVE}
    assert active == {one for one in newest if held.get(one) == "OPERATOR"}, newest
    if fault in MEANWHILE:
        return
    assert set(shared_times(journey.stage.tiktok).values()) <= {1}
    if isinstance(journey, Withdraw):
        assert set(newest.values()) == {State.WITHDRAWN}
    elif type(journey) is not Share or FAULTS[fault].acts == NOBODY:
        assert set(newest.values()) == {State.ACTIVE}


def held_in(tiktok: Simulated) -> dict[str, str]:
    """Return account -> role of what our main center holds by a share."""
    ours = main_receiver().external_id
    return {
        share["asset_id"]: share["advertiser_role"]
        for share in tiktok.look("shares")
        if (share["receiver"], share["status"]) == (ours, "ACCEPTED")
    }


def shared_times(tiktok: Simulated) -> Counter[str]:
    """Return how often each share was carried out, as the givers' logs tell it."""
    ours = main_receiver().external_id
    changes = tiktok.running.store.world.changes
    return Counter(
        change.text.split("(")[1].split(")")[0]
        for change in changes
        if change.bc_id == ours and (": shared as" in change.text)
    )


def assert_nothing_leaked(stage: Stage, logged: str) -> None:
    """No token or code on a page, in a table or in the log."""
    world = stage.tiktok.running.store.world
    planted = canaries.canaries(
        **{
            "token": [token.value for token in world.tokens],
            "code": [code.value for code in world.codes],
            "app secret": [settings.TIKTOK["app_secret"]],
        }
    )
    told = "\n".join([*stage.told_staff, *stage.told_client])
    found = {
        "pages": canaries.hits(told, planted),
        "log": canaries.hits(logged, planted),
        **{table: canaries.hits(text, planted) for table, text in canaries.database()},
    }
    assert {place: names for place, names in found.items() if names} == {}
