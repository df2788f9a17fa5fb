"""A request of which one account is refused waits for us, and is closed by us."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.flows import work
from accounts.models import Event, RoleGrant, User
from accounts.trail import Actor
from onboarding import turns
from onboarding.flows import closing, methods, requests
from onboarding.models import AccessRequest, RequestItem
from tests.onboarding.methods.asking import DACH, NORDICS, Ask, stands, turn_of
from tests.simulated import run_jobs

Method = RequestItem.Method
State = RoleGrant.State


class TestOneOfTwoIsRefused:
    """What is held of a request settles nothing of what was refused."""

    @pytest.fixture
    def item(self, ask: Ask, manager: User, site: Any) -> RequestItem:
        item = ask(account_ids=[NORDICS, DACH])
        methods.sent(item.request, user=manager)
        for account_id, verb in ((NORDICS, "approve"), (DACH, "refuse")):
            site("ask", account_id)
            site(verb, account_id)
        work.read_now(RoleGrant.objects.all(), by=Actor.system("test"))
        run_jobs()
        return item

    @staticmethod
    def closed(item: RequestItem) -> str:
        return AccessRequest.objects.get(items=item).closed_because

    def refused(self) -> RoleGrant:
        return RoleGrant.objects.get(state=State.DECLINED)

    def test_it_waits_for_us_and_the_request_with_it(self, item: RequestItem) -> None:
        assert self.refused().stands == "us"
        assert self.closed(item) == ""
        assert turn_of(item) == turns.AGAIN

    def test_asked_again_it_waits_no_more_and_stays_in_the_books(
        self, item: RequestItem, manager: User
    ) -> None:
        asked = item.request
        named = [NORDICS, DACH]
        assert methods.switch(asked, Method.METHOD_A, named, user=manager)
        assert self.refused().stands == "over"
        anew = RoleGrant.objects.live().get(asset__external_id=DACH)
        assert stands(anew) == (State.MANUAL, "account_manager")
        assert Event.objects.filter(action="request.asked_again").count() == 1

    def test_closed_it_settles_the_request(
        self, item: RequestItem, manager: User
    ) -> None:
        assert closing.close(self.refused(), reason="A sister company", user=manager)
        assert self.refused().stands == "over"
        assert self.closed(item) == AccessRequest.Closed.SETTLED
        assert not closing.close(self.refused(), reason="", user=manager)
        assert Event.objects.filter(action="grant.let_go").count() == 1

    def test_a_request_that_is_cancelled_waits_for_nothing(
        self, item: RequestItem
    ) -> None:
        requests.close(item.request, "cancelled", by=Actor.system("test"))
        assert self.refused().stands == "over"

    def test_one_that_reached_its_date_leaves_it_to_us(self, item: RequestItem) -> None:
        requests.close(item.request, "expired", by=Actor.system("test"))
        assert self.refused().stands == "us"
