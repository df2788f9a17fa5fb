"""Another role is assigned again, and Admin by an access owner's yes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.flows import deciding, staffing, withdrawing
from accounts.models import Approval, Event, Grantee, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.trail import Actor
from accounts.zones import house_day
from tests.accounts.flows.staffing.put_on import (
    ASSIGN,
    NO_PERMISSION,
    SAID_YES,
    UNASSIGN,
    ours,
    put,
)
from tests.accounts.flows.test_kill_safety import sweep_later
from tests.simulated import Simulated, once, run_jobs, says

pytestmark = pytest.mark.long

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn


class TestAnotherRole:
    @pytest.fixture(autouse=True)
    def is_on_it(self, held: list[RoleGrant], jonas: Grantee, mira: User) -> None:
        put(mira, jonas, held[0])
        run_jobs()

    def test_is_assigned_again_and_read_back(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        put(mira, jonas, held[0], role=Role.ANALYST)
        run_jobs()
        after = ours(jonas)
        assert (after.state, after.observed_native) == (State.ACTIVE, "ANALYST")
        assert tiktok.calls(UNASSIGN) == 0
        assert Event.objects.filter(action="grant.role_changed").count() == 1

    def test_is_made_anew_where_assigning_again_changes_nothing(
        self,
        held: list[RoleGrant],
        jonas: Grantee,
        mira: User,
        tiktok: Simulated,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("accounts.flows.assigning.SETTLES_IN", dt.timedelta(0))
        put(mira, jonas, held[0], role=Role.ANALYST)
        with tiktok.disturbed(ASSIGN, once(says(SAID_YES))):
            run_jobs()
            assert ours(jonas).state == State.REQUESTING
            sweep_later(times=2)
        assert (ours(jonas).state, tiktok.calls(UNASSIGN)) == (State.ACTIVE, 1)

    def test_is_left_to_a_colleague_when_it_is_refused(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        put(mira, jonas, held[0], role=Role.ANALYST)
        with tiktok.disturbed(ASSIGN, says(NO_PERMISSION)):
            run_jobs()
            sweep_later()
        after = ours(jonas)
        assert after.state == State.UNVERIFIED
        assert after.waits_on == WaitsOn.ACCOUNT_MANAGER
        assert "still on it as Operator" in after.problem

    def test_waits_until_what_is_under_way_is_read(
        self, held: list[RoleGrant], jonas: Grantee, mira: User
    ) -> None:
        put(mira, jonas, held[0], role=Role.ANALYST)
        with pytest.raises(staffing.CannotStaff, match="A read comes first"):
            put(mira, jonas, held[0], role=Role.OPERATOR)

    def test_that_was_found_is_wanted_as_it_is_held(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        RoleGrant.objects.filter(grantee=jonas, via__isnull=False).update(
            state=State.FOUND, asked_role="", source="found"
        )
        put(mira, jonas, held[0])
        run_jobs()
        assert (ours(jonas).state, ours(jonas).asked_role) == (State.ACTIVE, "operator")
        assert tiktok.calls(ASSIGN) == 1  # the first, long ago


class TestAdmin:
    @pytest.fixture(autouse=True)
    def admins_center(self, held: list[RoleGrant]) -> None:
        RoleGrant.objects.filter(pk=held[0].pk).update(observed_role="admin")

    def ask(self, held: list[RoleGrant], jonas: Grantee, mira: User) -> Approval:
        day = house_day() + dt.timedelta(days=30)
        done = put(mira, jonas, held[0], role=Role.ADMIN, reason="Billing", ends_on=day)
        [change] = done.asked
        assert change.approval is not None
        return change.approval

    def test_waits_for_an_access_owner(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        self.ask(held, jonas, mira)
        assert (ours(jonas).state, ours(jonas).asked_role) == (State.DRAFT, "")
        run_jobs()
        assert tiktok.calls(ASSIGN) == 0

    def test_is_asked_for_once_they_said_yes(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, owner: User
    ) -> None:
        approval = self.ask(held, jonas, mira)
        User.objects.update(date_joined=timezone.now() - dt.timedelta(days=30))
        deciding.decide(approval, yes=True, user=owner)
        after = ours(jonas)
        assert (after.state, after.asked_role) == (State.REQUESTING, "admin")
        assert (after.approval, after.reason) == (approval, "Billing")
        assert after.ends_on is not None

    def test_a_late_yes_stops_nobody_from_being_taken_off(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, owner: User
    ) -> None:
        put(mira, jonas, held[0])
        run_jobs()
        RoleGrant.objects.filter(pk=held[0].pk).update(observed_role="admin")
        approval = self.ask([RoleGrant.objects.get(pk=held[0].pk)], jonas, mira)
        User.objects.update(date_joined=timezone.now() - dt.timedelta(days=30))
        assert withdrawing.withdraw(
            ours(jonas), reason="He left.", by=Actor.staff(mira)
        )
        deciding.decide(approval, yes=True, user=owner)
        assert ours(jonas).state == State.WITHDRAWING

    @pytest.mark.parametrize("how", ["refused", "the center holds less by now"])
    def test_ends_with_its_draft(
        self,
        held: list[RoleGrant],
        jonas: Grantee,
        mira: User,
        owner: User,
        tiktok: Simulated,
        how: str,
    ) -> None:
        approval = self.ask(held, jonas, mira)
        User.objects.update(date_joined=timezone.now() - dt.timedelta(days=30))
        if how != "refused":
            RoleGrant.objects.filter(pk=held[0].pk).update(observed_role="operator")
        deciding.decide(approval, yes=how != "refused", user=owner)
        run_jobs()
        assert (ours(jonas).state, tiktok.calls(ASSIGN)) == (State.EXPIRED, 0)
