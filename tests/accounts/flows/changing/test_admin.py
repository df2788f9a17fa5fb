"""Admin waits for an access owner's yes to exactly what was asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import approvals, changing, deciding
from accounts.models import Approval, Event, GrantChange, RoleGrant, User
from accounts.roles import ACCESS_OWNERS
from tests.accounts.flows.changing.another_role import (
    SHARE,
    SOON,
    change,
    fresh,
    held_as,
)
from tests.accounts.flows.test_kill_safety import sweep_later
from tests.factory import Factory
from tests.simulated import Simulated, run_jobs
from tests.website import Website

State = RoleGrant.State


class TestAdminWaitsForAnAccessOwner:
    @pytest.fixture
    def asked(self, grant: RoleGrant, mira: User) -> GrantChange:
        day = timezone.localdate() + SOON
        return change(grant, "admin", mira, reason="Billing moves.", ends_on=day)

    @pytest.fixture
    def priya(self, factory: Factory) -> User:
        return factory.make_user(name="Priya Nair", role=ACCESS_OWNERS)

    def test_nothing_is_asked_of_the_platform(
        self, asked: GrantChange, grant: RoleGrant, tiktok: Simulated
    ) -> None:
        run_jobs()
        sweep_later()
        assert (fresh(grant).state, fresh(grant).asked_role) == ("active", "operator")
        assert tiktok.calls(SHARE) == 0

    def test_it_is_asked_for_anew_when_its_last_day_is_over(
        self, grant: RoleGrant, tiktok: Simulated, mira: User, priya: User
    ) -> None:
        Website(tiktok).change_role(grant.asset.external_id, "ADMIN")
        RoleGrant.objects.filter(pk=grant.pk).update(
            state=State.DRIFTED,
            asked_role="admin",
            observed_role="admin",
            observed_native="ADMIN",
            approval=Approval.objects.create(asked_by=mira),
            reason="Billing moves.",
            ends_on=timezone.localdate() - SOON,
        )
        day = timezone.localdate() + SOON
        asked = change(fresh(grant), "admin", mira, ends_on=day)
        deciding.decide(asked.approval, yes=True, user=priya)
        run_jobs()
        after = fresh(grant)
        assert (after.is_fresh, after.ends_on) == (True, day)
        assert tiktok.calls(SHARE) == 0

    def test_nobody_decides_about_their_own(
        self, grant: RoleGrant, factory: Factory, priya: User
    ) -> None:
        asked = change(grant, "admin", priya, ends_on=timezone.localdate() + SOON)
        with pytest.raises(approvals.CannotDecide, match="another access owner"):
            deciding.decide(asked.approval, yes=True, user=priya)

    def test_no_account_manager_decides(
        self, asked: GrantChange, factory: Factory
    ) -> None:
        with pytest.raises(approvals.CannotDecide, match="Only an access owner"):
            deciding.decide(asked.approval, yes=True, user=factory.make_user())

    def test_a_yes_carries_it_out(
        self, asked: GrantChange, grant: RoleGrant, tiktok: Simulated, priya: User
    ) -> None:
        deciding.decide(asked.approval, yes=True, user=priya)
        run_jobs()
        after = fresh(grant)
        assert (after.state, after.observed_role) == (State.ACTIVE, "admin")
        assert (after.approval, after.reason) == (asked.approval, "Billing moves.")
        assert after.ends_on == asked.ends_on
        assert held_as(tiktok, grant) == ["ADMIN"]

    def test_a_no_closes_it(
        self, asked: GrantChange, grant: RoleGrant, priya: User
    ) -> None:
        deciding.decide(asked.approval, yes=False, user=priya, note="Not needed.")
        run_jobs()
        asked.refresh_from_db()
        assert asked.closed_at is not None
        assert (fresh(grant).state, fresh(grant).asked_role) == ("active", "operator")

    @pytest.mark.parametrize(
        "edit",
        [
            {"reason": "Another."},
            {"role": "operator"},
            {"ends_on": dt.date(2040, 1, 1)},
        ],
        ids=["reason", "role", "day"],
    )
    def test_an_edit_of_what_was_asked_voids_it(
        self, asked: GrantChange, grant: RoleGrant, priya: User, edit: dict[str, Any]
    ) -> None:
        GrantChange.objects.filter(pk=asked.pk).update(**edit)
        decided, _ = deciding.decide(asked.approval, yes=True, user=priya)
        assert decided.decision == Approval.Decision.VOID
        run_jobs()
        assert fresh(grant).asked_role == "operator"
        assert not GrantChange.objects.open().exists()

    def test_a_yes_after_the_last_day_does_nothing(
        self,
        asked: GrantChange,
        grant: RoleGrant,
        tiktok: Simulated,
        priya: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        after_it = asked.ends_on + dt.timedelta(days=1)
        with monkeypatch.context() as patch:
            patch.setattr("accounts.flows.approvals.house_day", lambda: after_it)
            deciding.decide(asked.approval, yes=True, user=priya)
        run_jobs()
        assert fresh(grant).asked_role == "operator"
        assert tiktok.calls(SHARE) == 0
        told = Event.objects.about(grant).values_list("action", flat=True)
        assert "grant.change_dropped" in told

    def test_a_yes_to_what_is_lost_meanwhile_does_nothing(
        self, asked: GrantChange, grant: RoleGrant, priya: User
    ) -> None:
        RoleGrant.objects.filter(pk=grant.pk).update(state=State.LOST)
        deciding.decide(asked.approval, yes=True, user=priya)
        assert (fresh(grant).state, fresh(grant).asked_role) == ("lost", "operator")
        assert not GrantChange.objects.open().exists()

    def test_it_is_found_by_those_who_see_the_client(
        self, asked: GrantChange, grant: RoleGrant, mira: User, priya: User
    ) -> None:
        assert list(changing.waiting_for(priya)) == [asked]
        assert list(changing.waiting_for(mira)) == []  # she serves somebody else
        deciding.decide(asked.approval, yes=True, user=priya)
        assert list(changing.waiting_for(priya)) == []
