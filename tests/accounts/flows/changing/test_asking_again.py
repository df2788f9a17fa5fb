"""The client's key asks again at the new role, and takes back what that left."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Event, GrantAttempt, GrantChange, RoleGrant, User
from tests.accounts.flows.changing.another_role import (
    SHARE,
    UNSHARE,
    change,
    fresh,
    held_as,
    tried,
)
from tests.accounts.flows.test_kill_safety import sweep_later
from tests.simulated import Simulated, run_jobs, says

pytestmark = pytest.mark.long

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Operation = GrantAttempt.Operation


@pytest.mark.parametrize(("role", "native"), [("analyst", "ANALYST")])
def test_it_asks_again_and_is_read_back(
    grant: RoleGrant, tiktok: Simulated, mira: User, role: str, native: str
) -> None:
    change(grant, role, mira)
    assert fresh(grant).state == State.REQUESTING
    assert "accounts.tasks.carry_out_grants" in run_jobs()
    after = fresh(grant)
    assert (after.state, after.asked_role, after.observed_role) == (
        State.ACTIVE,
        role,
        role,
    )
    assert after.reason == "The campaign ends."
    assert held_as(tiktok, grant) == [native]
    assert tried(grant) == [Operation.CHANGE]
    assert tiktok.calls(SHARE) == 1
    assert tiktok.calls(UNSHARE) == 0
    assert not GrantChange.objects.open().exists()


def test_it_leaves_the_other_grant_alone(
    grants: list[RoleGrant], tiktok: Simulated, mira: User
) -> None:
    change(grants[0], "analyst", mira)
    run_jobs()
    assert held_as(tiktok, grants[1]) == ["OPERATOR"]
    assert tried(grants[1]) == []


def test_it_tells_the_story(grant: RoleGrant, mira: User) -> None:
    change(grant, "analyst", mira)
    run_jobs()
    told = list(Event.objects.about(grant).values_list("action", flat=True))
    assert told[:4] == [
        "grant.active",
        "grant.unverified",
        "grant.change_sent",
        "grant.requesting",
    ]
    assert "grant.role_changed" in told


def test_what_is_held_already_is_only_read(
    grant: RoleGrant, tiktok: Simulated, mira: User
) -> None:
    """A drifted grant is taken as it is: nothing has to be asked of anybody."""
    RoleGrant.objects.filter(pk=grant.pk).update(asked_role="analyst", state="drifted")
    change(fresh(grant), "operator", mira)
    run_jobs()
    assert fresh(grant).state == State.ACTIVE
    assert tiktok.calls(SHARE) == 0


class TestWhenAskingAgainChangesNothing:
    @pytest.fixture(autouse=True)
    def keeps_the_role(self, grants: Any, tiktok: Simulated) -> None:
        tiktok.control("switches", share_again="keep_role")

    def test_it_waits_before_it_takes_anything_back(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        change(grant, "analyst", mira)
        run_jobs()
        sweep_later()
        assert tiktok.calls(UNSHARE) == 0
        assert fresh(grant).state == State.UNVERIFIED

    @pytest.mark.usefixtures("no_haste")
    def test_it_takes_the_share_back_and_shares_anew(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        change(grant, "analyst", mira)
        run_jobs()
        sweep_later()
        assert fresh(grant).state == State.ACTIVE
        assert held_as(tiktok, grant) == ["ANALYST"]
        assert tried(grant) == [Operation.CHANGE, Operation.UNSHARE, Operation.SHARE]
        assert not GrantChange.objects.open().exists()

    @pytest.mark.usefixtures("no_haste")
    def test_it_takes_back_what_only_that_grant_is_about(
        self, grants: list[RoleGrant], tiktok: Simulated, mira: User
    ) -> None:
        for one in grants:
            change(one, "analyst", mira)
        run_jobs()
        sweep_later()
        assert [held_as(tiktok, one) for one in grants] == [["ANALYST"], ["ANALYST"]]
        assert tiktok.calls(UNSHARE) == 1  # both in one call

    @pytest.mark.usefixtures("no_haste")
    def test_it_is_left_to_the_client_when_that_changes_nothing_either(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        """TikTok says yes to everything and does nothing."""
        done = says(b'{"code": 0, "message": "OK", "data": {}}')
        with tiktok.disturbed(SHARE, done), tiktok.disturbed(UNSHARE, done):
            change(grant, "analyst", mira)
            run_jobs()
            sweep_later(times=3)
        after = fresh(grant)
        assert (after.state, after.waits_on) == (State.UNVERIFIED, WaitsOn.CLIENT)
        assert tried(grant) == [Operation.CHANGE, Operation.UNSHARE, Operation.SHARE]

    @pytest.mark.usefixtures("no_haste")
    def test_it_fails_aloud_when_what_was_taken_back_is_refused(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        change(grant, "analyst", mira)
        run_jobs()
        with tiktok.disturbed(SHARE, says(b'{"code": 40001, "message": "no"}')):
            sweep_later()
        after = fresh(grant)
        assert (after.state, after.waits_on) == (State.FAILED, WaitsOn.ACCOUNT_MANAGER)
        assert not GrantChange.objects.open().exists()

    @pytest.mark.usefixtures("no_haste")
    def test_a_share_taken_back_waits_for_our_admin_like_a_first_one(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        tiktok.control("switches", receiver_must_accept=True)
        change(grant, "analyst", mira)
        run_jobs()
        sweep_later(times=2)
        assert fresh(grant).state == State.PENDING
        tiktok.control(
            "shares/accept",
            giver=tiktok.center("Lang Optics"),
            receiver=tiktok.center("Northlight Agency"),
        )
        sweep_later()
        assert (fresh(grant).state, fresh(grant).observed_role) == ("active", "analyst")
