"""One of our people is taken off an account that our center keeps."""

from __future__ import annotations

from accounts.models import RoleGrant, User
from tests.accounts.flows.test_kill_safety import sweep_later
from tests.accounts.flows.withdrawing.taking_back import (
    NO_PERMISSION,
    UNASSIGN,
    UNSHARE,
    fresh,
    take_back,
)
from tests.simulated import Simulated, connect_our_side, loses_the_answer, once, says

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn


class TestOneOfOurPeople:
    def test_they_lose_it_alone(
        self, held: list[RoleGrant], jonas: RoleGrant, tiktok: Simulated
    ) -> None:
        take_back(jonas)
        sweep_later(times=2)
        assert fresh(jonas).state == State.WITHDRAWN
        assert fresh(held[0]).state == State.ACTIVE
        assert tiktok.calls(UNASSIGN) == 1
        assert tiktok.calls(UNSHARE) == 0

    def test_a_lost_answer_is_settled_by_the_read(
        self, jonas: RoleGrant, tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(UNASSIGN, loses_the_answer) as asked:
            take_back(jonas)
            sweep_later(times=2)
        assert fresh(jonas).state == State.WITHDRAWN
        assert len(asked) == 1

    def test_another_login_of_ours_takes_them_off(
        self, jonas: RoleGrant, tiktok: Simulated, owner: User
    ) -> None:
        connect_our_side(tiktok, owner, "mira")
        with tiktok.disturbed(UNASSIGN, once(says(NO_PERMISSION))) as asked:
            take_back(jonas)
        assert fresh(jonas).state == State.WITHDRAWN
        assert len(asked) == 2

    def test_a_refused_one_is_left_to_a_colleague(
        self, jonas: RoleGrant, tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(UNASSIGN, says(NO_PERMISSION)):
            take_back(jonas)
            sweep_later(times=2)
        left = fresh(jonas)
        assert (left.state, left.waits_on) == (
            State.WITHDRAWING,
            WaitsOn.ACCOUNT_MANAGER,
        )
        assert "Take them off in Northlight Agency" in left.problem
