"""What can be taken back, and that no worker undoes the wish."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.flows import grants, proof, withdrawing
from accounts.models import Event, RoleGrant
from tests.accounts.flows.withdrawing.taking_back import BY, OUR_READ, fresh
from tests.factory import Factory
from tests.simulated import Simulated, never_arrives

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn


class TestWhatCanBeTakenBack:
    @pytest.mark.parametrize(
        "state",
        sorted(set(State) - {State.ACTIVE} - set(withdrawing.TAKEABLE)),
    )
    def test_it_leaves_what_nobody_holds(self, factory: Factory, state: str) -> None:
        grant = factory.make_grant(state=state)
        assert not withdrawing.withdraw(grant, reason="Wrong client.", by=BY)
        assert fresh(grant).state == state
        assert not Event.objects.filter(action="grant.withdraw_asked").exists()

    def test_it_is_asked_for_once(self, factory: Factory) -> None:
        grant = factory.make_grant(state=State.ACTIVE)
        again = fresh(grant)
        assert withdrawing.withdraw(grant, reason="Wrong client.", by=BY)
        assert not withdrawing.withdraw(again, reason="Wrong client.", by=BY)
        assert Event.objects.filter(action="grant.withdraw_asked").count() == 1

    @pytest.mark.parametrize("state", withdrawing.TAKEABLE)
    def test_it_commits_the_intent_before_any_call(
        self, factory: Factory, state: str
    ) -> None:
        grant = factory.make_grant(state=state, verified_at=timezone.now())
        assert withdrawing.withdraw(grant, reason="Wrong client.", by=BY)
        kept = fresh(grant)
        assert (kept.state, kept.waits_on) == (State.WITHDRAWING, WaitsOn.PORTAL)
        assert kept.next_check_at <= timezone.now()
        assert not kept.attempts.exists()


class TestAWorkerThatIsBusyWithIt:
    def test_its_old_news_does_not_undo_the_wish(self, held: list[RoleGrant]) -> None:
        loaded = fresh(held[0])
        withdrawing.withdraw(held[0], reason="Wrong client.", by=BY)
        grants.move(loaded, State.ACTIVE, by=BY, verified_at=timezone.now())
        assert fresh(held[0]).state == loaded.state == State.WITHDRAWING

    def test_a_read_that_fails_meanwhile_does_not_either(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        RoleGrant.objects.filter(pk=held[0].pk).update(state=State.UNVERIFIED)
        loaded = fresh(held[0])
        withdrawing.withdraw(fresh(held[0]), reason="Wrong client.", by=BY)
        with tiktok.disturbed(OUR_READ, never_arrives):
            proof.read_back([loaded], by=BY, in_person=False)
        assert fresh(held[0]).state == State.WITHDRAWING
