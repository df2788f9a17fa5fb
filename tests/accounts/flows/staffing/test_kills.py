"""Whatever a killed worker left, the person is on it in one call."""

from __future__ import annotations

import pytest

from accounts.flows import attempts, proof, work
from accounts.models import GrantAttempt, Grantee, RoleGrant, User
from tests.accounts.flows.staffing.put_on import ASSIGN, ours, persons, put
from tests.accounts.flows.test_kill_safety import (
    keys_of,
    killed_at,
    sweep_later,
)
from tests.simulated import Simulated

State = RoleGrant.State
STEPS = {
    "before the attempt": (attempts, "begin", False),
    "after the attempt": (attempts, "begin", True),
    "after the call": (attempts, "close", False),
    "between attempt and grant": (attempts, "close", True),
    "before the reads": (proof, "read_back", False),
    "during the reads": (proof, "_judge", False),
    "after it was judged": (proof, "_judge", True),
}


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
def test_a_person_is_on_it_after_a_kill(
    held: list[RoleGrant],
    jonas: Grantee,
    mira: User,
    tiktok: Simulated,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    put(mira, jonas, held[0])
    with killed_at(STEPS[step], monkeypatch):
        work.carry_out(keys_of(persons(jonas)))
    sweep_later(times=3)
    assert (ours(jonas).state, tiktok.calls(ASSIGN)) == (State.ACTIVE, 1)
    assert not GrantAttempt.objects.filter(outcome="").exists()
