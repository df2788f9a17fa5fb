"""Whatever a killed worker left is taken back all the same, in one call."""

from __future__ import annotations

import pytest

from accounts.flows import attempts, proof, unassigning, withdrawing
from accounts.models import GrantAttempt, RoleGrant
from tests.accounts.flows.test_kill_safety import (
    killed_at,
    states,
    sweep_later,
)
from tests.accounts.flows.withdrawing.taking_back import (
    END_PARTNER,
    UNASSIGN,
    UNSHARE,
    fresh,
    lose_the_clients_key,
    take_back,
)
from tests.simulated import Simulated

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Outcome = GrantAttempt.Outcome
STEPS = {
    "before the attempt": (attempts, "begin", False),
    "after the attempt": (attempts, "begin", True),
    "after the call": (attempts, "close", False),
    "between attempt and grant": (attempts, "close", True),
    "before the reads": (proof, "read_back", False),
    "during the reads": (withdrawing, "judge", False),
    "after the first grant was judged": (withdrawing, "judge", True),
    "before it is booked as gone": (withdrawing, "book_gone", False),
}


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
def test_it_ends_withdrawn_after_a_kill(
    held: list[RoleGrant],
    tiktok: Simulated,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    with killed_at(STEPS[step], monkeypatch):
        take_back(*held)
    sweep_later(times=3)
    assert states() == {State.WITHDRAWN}
    assert tiktok.calls(UNSHARE) == 1
    assert not GrantAttempt.objects.filter(outcome=Outcome.OPEN).exists()


STEPS_WITHOUT_A_KEY = {
    **{step: STEPS[step] for step in list(STEPS)[:4]},
    "before the people are read": (unassigning, "_people_on", False),
    "after the people were read": (unassigning, "_people_on", True),
    "before the client is asked": (unassigning, "ask_client", False),
}


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS_WITHOUT_A_KEY)
def test_it_ends_with_the_client_after_a_kill(
    held: list[RoleGrant],
    jonas: RoleGrant,
    tiktok: Simulated,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    lose_the_clients_key()
    with killed_at(STEPS_WITHOUT_A_KEY[step], monkeypatch):
        take_back(held[0])
    sweep_later(times=3)
    assert fresh(held[0]).waits_on == WaitsOn.CLIENT
    assert fresh(jonas).state == State.WITHDRAWN
    assert tiktok.calls(UNASSIGN) == 1
    assert not GrantAttempt.objects.filter(outcome=Outcome.OPEN).exists()


CALLS = list(STEPS)[:4]


@pytest.mark.long
@pytest.mark.parametrize("step", CALLS)
def test_a_person_is_off_after_a_kill(
    jonas: RoleGrant, tiktok: Simulated, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with killed_at(STEPS[step], monkeypatch):
        take_back(jonas)
    sweep_later(times=3)
    assert fresh(jonas).state == State.WITHDRAWN
    assert not GrantAttempt.objects.filter(outcome=Outcome.OPEN).exists()


@pytest.mark.long
@pytest.mark.parametrize("step", CALLS)
def test_a_partnership_is_ended_once_after_a_kill(
    held: list[RoleGrant],
    tiktok: Simulated,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    take_back(*held[1:])
    with killed_at(STEPS[step], monkeypatch):
        take_back(held[0], ends_partner=True)
    sweep_later(times=3)
    assert fresh(held[0]).state == State.WITHDRAWN
    assert tiktok.calls(END_PARTNER) == 1
    assert not GrantAttempt.objects.filter(outcome=Outcome.OPEN).exists()
