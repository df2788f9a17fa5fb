"""With the client's key the share is ended, and is gone once a read says so."""

from __future__ import annotations

import pytest

from accounts.flows import grants, work
from accounts.models import Connection, Event, GrantAttempt, RoleGrant
from accounts.platforms.roles import Role
from tests.accounts.flows.test_kill_safety import make_requested, states, sweep_later
from tests.accounts.flows.withdrawing.taking_back import (
    BY,
    NOT_SHARED,
    UNSHARE,
    fresh,
    shares,
    take_back,
    undo,
)
from tests.factory import Factory
from tests.simulated import Simulated, says

pytestmark = pytest.mark.long

State = RoleGrant.State
Outcome = GrantAttempt.Outcome
Operation = GrantAttempt.Operation


class TestWithTheClientsKey:
    def test_it_is_gone_once_a_read_says_so(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        take_back(held[0])
        gone = fresh(held[0])
        assert gone.state == State.WITHDRAWN
        assert (gone.waits_on, gone.problem, gone.next_check_at) == ("", "", None)
        assert held[0].asset.external_id not in shares(tiktok)
        assert fresh(held[1]).state == State.ACTIVE

    def test_it_saves_the_attempt_and_tells_the_story(
        self, held: list[RoleGrant]
    ) -> None:
        take_back(held[0])
        attempt = held[0].attempts.first()
        assert attempt.operation == Operation.UNSHARE
        assert attempt.outcome == Outcome.SAID_YES
        told = Event.objects.about(held[0]).values_list("action", flat=True)
        assert [
            action for action in reversed(told) if "with" in action or "un" in action
        ][-4:] == [
            "grant.withdraw_asked",
            "grant.unshare_sent",
            "grant.withdrawing",
            "grant.withdrawn",
        ]

    def test_it_takes_several_back_in_one_call(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        take_back(*held)
        assert states() == {State.WITHDRAWN}
        assert tiktok.calls(UNSHARE) == 1

    def test_one_accounts_fault_is_that_accounts_alone(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        undo(tiktok, held[0])
        take_back(*held)
        assert states() == {State.WITHDRAWN}
        assert tiktok.calls(UNSHARE) == 1 + len(held)

    def test_what_is_not_shared_any_more_is_settled_by_the_read(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(UNSHARE, says(NOT_SHARED)):
            take_back(held[0])
        assert fresh(held[0]).state == State.WITHDRAWING
        undo(tiktok, held[0])
        sweep_later()
        assert fresh(held[0]).state == State.WITHDRAWN

    def test_people_lose_it_with_their_center(
        self, held: list[RoleGrant], jonas: RoleGrant
    ) -> None:
        take_back(held[0])
        assert fresh(jonas).state == State.WITHDRAWN

    def test_a_found_one_is_taken_back_too(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        RoleGrant.objects.filter(pk=held[0].pk).update(
            state=State.FOUND, source=RoleGrant.Source.FOUND, asked_role=""
        )
        take_back(fresh(held[0]))
        assert fresh(held[0]).state == State.WITHDRAWN

    def test_one_nobody_accepted_yet_is_no_longer_on_offer(
        self, our_side: Connection, tiktok: Simulated, factory: Factory
    ) -> None:
        made = make_requested(tiktok, factory, "dana")
        sweep_later()
        assert states() == {State.PENDING}
        take_back(*(fresh(grant) for grant in made))
        assert states() == {State.WITHDRAWN}
        assert shares(tiktok) == set()

    def test_another_request_may_be_granted_afterwards(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        take_back(held[0])
        anew = grants.want(
            asset=held[0].asset,
            grantee=held[0].grantee,
            role=Role.OPERATOR,
            source=RoleGrant.Source.LINK,
            by=BY,
        )
        assert anew.pk != held[0].pk
        assert grants.request(anew, by=BY)
        work.carry_out([anew.pk])
        assert fresh(anew).state == State.ACTIVE
        assert fresh(held[0]).state == State.WITHDRAWN
