"""What we cannot change ourselves is told to the client, step by step."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.flows import sharing
from accounts.models import Consent, GrantAttempt, GrantChange, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.trail import Actor
from tests.accounts.flows.changing.another_role import (
    SHARE,
    change,
    fresh,
    held_as,
    tried,
)
from tests.accounts.flows.test_kill_safety import sweep_later
from tests.simulated import Simulated, run_jobs

pytestmark = pytest.mark.long

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Operation = GrantAttempt.Operation
BY = Actor.system("test")


class TestItIsLeftToTheClient:
    def steps_of(self, grant: RoleGrant) -> str:
        after = fresh(grant)
        assert (after.state, after.waits_on) == (State.UNVERIFIED, WaitsOn.CLIENT)
        assert after.due_on == timezone.localdate() + dt.timedelta(days=7)
        assert after.next_check_at is not None
        return after.problem

    def test_when_the_platform_refuses(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        """Nothing is taken back: what was refused might be refused again then."""
        tiktok.control("switches", share_again="refuse")
        change(grant, "analyst", mira)
        run_jobs()
        steps = self.steps_of(grant)
        assert grant.asset.external_id in steps
        assert grant.asset.center.external_id in steps
        assert grant.grantee.external_id in steps
        assert "Lang Optics" in steps
        assert "Analyst" in steps
        assert tried(grant) == [Operation.CHANGE]
        assert held_as(tiktok, grant) == ["OPERATOR"]

    def test_when_no_key_of_theirs_is_left(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        Consent.objects.filter(purpose="client").update(state=Consent.State.WITHDRAWN)
        change(grant, "analyst", mira)
        self.steps_of(grant)
        run_jobs()
        self.steps_of(grant)
        assert tried(grant) == []

    def test_when_their_key_has_died(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        tiktok.control("tokens/revoke", person="hugo")
        change(grant, "analyst", mira)
        run_jobs()
        self.steps_of(grant)

    @pytest.mark.parametrize("source", ["method_a", "method_b"])
    def test_when_it_was_given_on_the_website(
        self, grant: RoleGrant, tiktok: Simulated, mira: User, source: str
    ) -> None:
        RoleGrant.objects.filter(pk=grant.pk).update(source=source)
        change(fresh(grant), "analyst", mira)
        run_jobs()
        self.steps_of(grant)
        assert tiktok.calls(SHARE) == 0

    def test_until_a_read_shows_the_role(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        tiktok.control("switches", share_again="refuse")
        change(grant, "analyst", mira)
        run_jobs()
        sweep_later(times=2)
        self.steps_of(grant)
        set_on_the_website(tiktok, grant, Role.ANALYST)
        sweep_later()
        after = fresh(grant)
        assert (after.state, after.observed_role) == (State.ACTIVE, "analyst")
        assert (after.due_on, after.problem) == (None, "")
        assert not GrantChange.objects.open().exists()

    def test_unless_somebody_asks_otherwise(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        tiktok.control("switches", share_again="refuse")
        first = change(grant, "analyst", mira)
        run_jobs()
        change(fresh(grant), "operator", mira)
        run_jobs()
        assert fresh(grant).state == State.ACTIVE
        first.refresh_from_db()
        assert first.closed_at is not None


def set_on_the_website(tiktok: Simulated, grant: RoleGrant, role: Role) -> None:
    """The client changes the role there: the simulator's website is its own API."""
    from accounts.flows import connections

    tiktok.control("switches", share_again="update_role")
    key = sharing.clients_key(grant)
    connections.call(
        key,
        lambda connector, token: connector.share_accounts(
            token,
            grant.asset.center.external_id,
            grant.grantee.external_id,
            [grant.asset.external_id],
            role,
        ),
        purpose="act as the client would",
        by=BY,
        in_person=True,
    )
