"""Whichever worker is killed, the change ends where it would have."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.flows import attempts, proof, work
from accounts.models import GrantAttempt, RoleGrant, User
from tests.accounts.flows.changing.another_role import UNSHARE, change, fresh, held_as
from tests.accounts.flows.test_kill_safety import Killed, killing, sweep_later
from tests.simulated import Simulated

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Outcome = GrantAttempt.Outcome

# What is killed, before or after it runs, and at which of its turns.
ASKING = {
    "before the attempt": (attempts, "begin", False, 1),
    "after the attempt": (attempts, "begin", True, 1),
    "after the call": (attempts, "close", False, 1),
    "between attempt and grant": (attempts, "close", True, 1),
    "before the reads": (proof, "read_back", False, 1),
    "during the reads": (proof, "_judge", False, 1),
    "after it was judged": (proof, "_judge", True, 1),
}
SHARING_ANEW = {
    "before it is taken back": (attempts, "begin", False, 2),
    "after the attempt to take it back": (attempts, "begin", True, 2),
    "after it was taken back": (attempts, "close", False, 2),
    "between taking back and the grant": (attempts, "close", True, 2),
    "between taking back and sharing": (attempts, "begin", False, 3),
    "after the attempt to share anew": (attempts, "begin", True, 3),
    "after it was shared anew": (attempts, "close", False, 3),
    "between sharing anew and the grant": (attempts, "close", True, 3),
}
STEPS = {**ASKING, **SHARING_ANEW}
KILLS = [
    *((step, switch) for step in ASKING for switch in ("update_role", "refuse")),
    *((step, "keep_role") for step in STEPS),
]


@pytest.mark.long
@pytest.mark.usefixtures("no_haste")
@pytest.mark.parametrize(("step", "switch"), KILLS)
def test_it_ends_where_it_would_have_after_a_kill(
    grants: list[RoleGrant],
    tiktok: Simulated,
    mira: User,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    switch: str,
) -> None:
    grant = grants[0]
    module, name, after, turn = STEPS[step]
    tiktok.control("switches", share_again=switch)
    change(grant, "analyst", mira)
    with monkeypatch.context() as patch:
        dies = at_turn(getattr(module, name), turn, after=after)
        patch.setattr(module, name, dies)
        with pytest.raises(Killed):
            carry_on(grant)
    sweep_later(times=5)
    ends = fresh(grant)
    if switch == "refuse":
        assert (ends.state, ends.waits_on) == (State.UNVERIFIED, WaitsOn.CLIENT)
        assert held_as(tiktok, grant) == ["OPERATOR"]
        assert tiktok.calls(UNSHARE) == 0
    else:
        assert (ends.state, ends.observed_role) == (State.ACTIVE, "analyst")
        assert held_as(tiktok, grant) == ["ANALYST"]
    assert not grant.attempts.filter(outcome=Outcome.OPEN).exists()
    assert fresh(grants[1]).state == State.ACTIVE
    assert held_as(tiktok, grants[1]) == ["OPERATOR"]


def carry_on(grant: RoleGrant) -> None:
    work.carry_out([grant.pk])
    sweep_later(times=3)


def at_turn(what: Any, turn: int, *, after: bool) -> Any:
    """Return a stand-in that dies at its n-th turn."""
    turns: list[int] = []

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        turns.append(1)
        if len(turns) == turn:
            return killing(what, after=after)(*args, **kwargs)
        return what(*args, **kwargs)

    return stand_in
