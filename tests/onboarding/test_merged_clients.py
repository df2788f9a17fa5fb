"""Requests, links and visits of a client that turns out to be another."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.flows import approvals, merging
from accounts.models import Approval, Client, Consent, RoleGrant, User
from accounts.trail import Actor
from onboarding.flows import links, requests
from onboarding.models import AccessLink, AttributionAdvice, RequestItem
from tests.factory import Factory
from tests.onboarding.test_scenarios import choosable
from tests.onboarding.visitor import Visitor
from tests.simulated import Simulated, run_jobs

MakeVisitor = Callable[..., Visitor]


@pytest.fixture
def kept(factory: Factory) -> Client:
    return factory.make_client(name="Fjord Coffee")


@pytest.fixture
def priya(factory: Factory) -> User:
    return factory.make_user(role="Access owners")


def merge(gone: Client, kept: Client, user: User) -> str:
    """Merge as the preview says; return what it said of what cannot stand twice."""
    seen = merging.preview(gone, kept)
    merging.merge(gone, kept, digest=seen.digest, user=user)
    return " ".join(seen.clashes)


def test_two_recommendations_become_one(
    factory: Factory, kept: Client, priya: User
) -> None:
    gone = factory.make_client(name="Fjord Kaffe")
    for client, days in ((kept, 7), (gone, 28)):
        AttributionAdvice.objects.create(client=client, click_days=days)
    assert "Both have attribution advice" in merge(gone, kept, priya)
    advice = AttributionAdvice.objects.get()
    assert (advice.client, advice.click_days) == (kept, 7)


class TestVisitUnderWay:
    def test_who_chooses_shares_for_the_client_it_became(
        self, visitor: MakeVisitor, tiktok: Simulated, kept: Client, priya: User
    ) -> None:
        browser = visitor("nadia")
        browser.sign_in_and_back()
        merge(browser.item.client, kept, priya)
        browser.share(tiktok.accounts_of("Fjord Coffee")[0])
        run_jobs()
        grant = RoleGrant.objects.get()
        assert (grant.state, grant.asset.client) == ("active", kept)
        assert grant.asset.center.client == kept
        assert "Done." in browser.look().text

    def test_who_is_at_the_platform_comes_back_for_the_client_it_became(
        self, visitor: MakeVisitor, tiktok: Simulated, kept: Client, priya: User
    ) -> None:
        browser = visitor("nadia")
        browser.start()
        location = browser.sign_in()
        merge(browser.item.client, kept, priya)
        browser.come_back(location)
        run_jobs()
        assert Consent.objects.get(purpose="client").client == kept
        assert choosable(browser.session)

    def test_what_was_shared_stays_active_under_the_client_it_became(
        self, visitor: MakeVisitor, tiktok: Simulated, kept: Client, priya: User
    ) -> None:
        browser = visitor("sofia")
        browser.sign_in_and_back()
        browser.share(choosable(browser.session)[0])
        run_jobs()
        merge(browser.item.client, kept, priya)
        assert RoleGrant.objects.get(asset__client=kept).state == "active"
        assert "Done." in browser.look().text


class TestTwoOpenRequests:
    def test_the_one_of_the_client_that_stays_goes_on(
        self, factory: Factory, kept: Client, priya: User
    ) -> None:
        receiver = factory.make_receiver(label="Northlight Main")
        gone = factory.make_client(name="Fjord Coffee AB")
        items = [
            factory.make_item(
                request=factory.make_request(client=client), receiver=receiver
            )
            for client in (gone, kept)
        ]
        token = factory.make_link(request=items[0].request)
        said = merge(gone, kept, priya)
        assert "Both are asked for Northlight Main" in said
        ended, open_still = (RequestItem.objects.get(pk=item.pk) for item in items)
        assert (ended.is_open, open_still.is_open) == (False, True)
        assert ended.request.closed_because == "cancelled"
        assert not AccessLink.objects.usable().filter(pk=token.pk).exists()

    def test_requests_for_two_receivers_both_go_on(
        self, factory: Factory, kept: Client, priya: User
    ) -> None:
        gone = factory.make_client(name="Fjord Coffee AB")
        for client in (gone, kept):
            factory.make_item(request=factory.make_request(client=client))
        assert merge(gone, kept, priya) == ""
        assert RequestItem.objects.filter(client=kept, is_open=True).count() == 2


class TestApproval:
    @pytest.fixture
    def item(self, factory: Factory, priya: User) -> RequestItem:
        """An Admin request that an access owner has approved, its account named."""
        manager = factory.make_user()
        item = factory.make_item(
            request=factory.make_request(asked_by=manager),
            role="admin",
            reason="Billing",
            ends_on=timezone.localdate() + dt.timedelta(days=30),
            approval=factory.make_approval(asked_by=manager),
        )
        digest = approvals.digest_of(requests.what_is_asked(item))
        Approval.objects.filter(pk=item.approval_id).update(digest=digest)
        item.approval.refresh_from_db()
        requests.decide(item, yes=True, user=priya)
        return RequestItem.objects.get(pk=item.pk)

    def test_it_ends_and_is_asked_for_again(
        self, item: RequestItem, kept: Client, priya: User
    ) -> None:
        before = item.approval
        said = merge(item.client, kept, priya)
        assert "the approval ends, an access owner decides again" in said
        item = RequestItem.objects.get(pk=item.pk)
        before.refresh_from_db()
        assert before.decision == Approval.Decision.VOID
        assert item.approval.decision == Approval.Decision.WAITING
        with pytest.raises(links.NotCleared):
            links.hand_out(item.request, AccessLink.HandOut.COPY, by=Actor.system())

    @pytest.mark.parametrize("is_known", [False, True])
    def test_who_merged_may_decide_about_it(
        self,
        item: RequestItem,
        kept: Client,
        priya: User,
        factory: Factory,
        is_known: bool,
    ) -> None:
        if is_known:  # both have the contact, so the request goes to the other's
            factory.make_contact(client=kept, email=item.request.contact.email)
        merge(item.client, kept, priya)
        item = RequestItem.objects.get(pk=item.pk)
        requests.decide(item, yes=True, user=priya)
        assert requests.is_cleared(RequestItem.objects.get(pk=item.pk))


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(6))
def test_a_share_at_the_same_moment_ends_under_the_client_it_became(
    turn: int, visitor: MakeVisitor, kept: Client, priya: User
) -> None:
    browser = visitor("ines")
    browser.sign_in_and_back()
    gone, ids = browser.item.client, choosable(browser.session)
    gate = threading.Barrier(2)

    def share() -> int:
        gate.wait()
        return browser.share(*ids).status_code

    def merge_them() -> None:
        gate.wait()
        time.sleep(turn * 0.004)  # from before the share to after it
        try:
            merge(gone, kept, priya)
        except merging.CannotMerge:  # the share came between preview and merge
            merge(gone, kept, priya)

    answer, _ = at_once(share, merge_them)
    assert answer == 303
    merging.gather(by=Actor.system())
    run_jobs()
    assert RoleGrant.objects.filter(asset__client=kept).count() == len(ids)
    assert {grant.state for grant in RoleGrant.objects.all()} == {"active"}


def at_once(*works: Callable[[], Any]) -> list[Any]:
    def one(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))
