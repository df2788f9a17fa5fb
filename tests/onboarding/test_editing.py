"""A request that is changed while it is open: what ends, what stands, who sees what."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import approvals
from accounts.models import (
    Approval,
    Consent,
    Event,
    EventPayload,
    RoleGrant,
    User,
)
from accounts.platforms.roles import Role
from accounts.public.browser import COOKIE
from accounts.trail import Actor
from onboarding.flows import booking, editing, giving, links, reading, requests, visits
from onboarding.models import AccessLink, LinkSession, RequestItem
from tests.factory import Factory
from tests.onboarding.test_scenarios import choosable
from tests.onboarding.visitor import Visitor
from tests.simulated import Simulated, run_jobs

pytestmark = pytest.mark.long

MakeVisitor = Callable[..., Visitor]
Stage = LinkSession.Stage
HAND_OUT = AccessLink.HandOut
ONE, OTHER = "7301846225110446081", "7318820417735294978"
FAR = timezone.localdate() + dt.timedelta(days=90)
NEARER = FAR - dt.timedelta(days=30)


@pytest.fixture
def manager(factory: Factory) -> User:
    return factory.make_user(name="Mira Okafor")


@pytest.fixture
def owner(factory: Factory) -> User:
    return factory.make_user(role="Access owners")


@pytest.fixture
def ask(factory: Factory, manager: User) -> Callable[..., RequestItem]:
    def ask_it(**fields: Any) -> RequestItem:
        contact = factory.make_contact()
        wish = {
            "contact": contact,
            "platform": "tiktok",
            "receiver": factory.make_receiver(),
            "role": Role.OPERATOR,
            "closes_at": timezone.now() + dt.timedelta(days=7),
        }
        wish = requests.Wish(**wish | fields)
        return requests.ask(contact.client, wish, user=manager)

    return ask_it


@pytest.fixture
def change(manager: User) -> Callable[..., bool]:
    """Change a request as staff do; keywords name what is changed."""

    def change_it(item: RequestItem, *, user: User = manager, **fields: Any) -> bool:
        item = RequestItem.objects.get(pk=item.pk)
        wish = dataclasses.replace(requests.wish_of(item), **fields)
        return editing.change(item.request, wish, user=user)

    return change_it


Ask = Callable[..., RequestItem]
Change = Callable[..., bool]


def hand_out(item: RequestItem) -> AccessLink:
    request = RequestItem.objects.get(pk=item.pk).request
    return links.hand_out(request, HAND_OUT.COPY, by=Actor.system()).link


def told(action: str) -> dict[str, Any]:
    event = Event.objects.filter(action=action).latest("pk")
    body: dict[str, Any] = json.loads(EventPayload.objects.get(event_id=event.pk).body)
    return body


class TestRefused:
    def test_it_changes_nothing_when_nothing_was_changed(
        self, ask: Ask, change: Change
    ) -> None:
        item = ask(account_ids=[ONE], message="Hello")
        link = hand_out(item)
        events = Event.objects.count()
        assert change(item) is False
        link.refresh_from_db()
        assert link.revoked_at is None
        assert Event.objects.count() == events

    def test_it_changes_no_request_that_is_over(self, ask: Ask, change: Change) -> None:
        item = ask()
        requests.close(item.request, "cancelled", by=Actor.system())
        with pytest.raises(editing.RequestIsOver):
            change(item, message="Too late")
        item.request.refresh_from_db()
        assert item.request.message == ""

    def test_it_does_not_become_another_open_request(
        self, ask: Ask, change: Change, factory: Factory, manager: User
    ) -> None:
        first = ask()
        wish = dataclasses.replace(
            requests.wish_of(first), receiver=factory.make_receiver()
        )
        second = requests.ask(first.client, wish, user=manager)
        link = hand_out(second)
        with pytest.raises(requests.AlreadyOpen) as caught:
            change(second, receiver=first.receiver)
        assert caught.value.item == first
        link.refresh_from_db()
        assert link.revoked_at is None

    def test_it_takes_no_account_of_somebody_else(
        self, ask: Ask, change: Change, factory: Factory
    ) -> None:
        item, taken = ask(), factory.make_ad_account()
        with pytest.raises(booking.AlreadyRecorded):
            change(item, account_ids=[ONE, taken.external_id])
        item.refresh_from_db()
        assert item.account_ids == []
        assert not RoleGrant.objects.exists()


class TestLinks:
    @pytest.mark.parametrize(
        "fields",
        [
            {"role": Role.ANALYST},
            {"account_ids": [ONE]},
            {"message": "Another line"},
            {"keeps_key": False},
            {"closes_at": timezone.now() + dt.timedelta(days=20)},
        ],
        ids=lambda fields: next(iter(fields)),
    )
    def test_every_link_that_is_out_ends(
        self, ask: Ask, change: Change, fields: dict[str, Any]
    ) -> None:
        item = ask()
        out = [hand_out(item), hand_out(item)]
        assert change(item, **fields) is True
        for link in out:
            link.refresh_from_db()
            assert link.revoked_at is not None
        assert told("link.revoked")["because"] == "The request changed."

    def test_a_link_handed_out_after_it_speaks_of_what_is_asked_now(
        self, ask: Ask, change: Change
    ) -> None:
        item = ask()
        later = timezone.now() + dt.timedelta(days=20)
        change(item, closes_at=later)
        assert hand_out(item).expires_at == later

    def test_another_contact_is_asked_in_their_language(
        self, ask: Ask, change: Change, factory: Factory
    ) -> None:
        item = ask()
        other = factory.make_contact(client=item.client)
        change(item, contact=other)
        item.request.refresh_from_db()
        assert item.request.contact == other

    def test_the_trail_tells_what_it_was_and_is(self, ask: Ask, change: Change) -> None:
        item = ask()
        change(item, role=Role.ANALYST, message="Just looking")
        body = told("request.changed")
        assert body["fields"] == "role, line to the client"
        assert body["before"] == {"role": "Operator", "message": ""}
        assert body["after"] == {"role": "Analyst", "message": "Just looking"}


class TestApproval:
    @pytest.fixture
    def item(self, ask: Ask, owner: User) -> RequestItem:
        item = ask(role=Role.ADMIN, reason="Billing", ends_on=FAR, account_ids=[ONE])
        requests.decide(item, yes=True, user=owner)
        return RequestItem.objects.get(pk=item.pk)

    @pytest.mark.parametrize(
        "fields",
        [
            {"reason": "Pixel"},
            {"account_ids": [OTHER]},
            {"ends_on": FAR.replace(day=1)},
        ],
        ids=lambda fields: next(iter(fields)),
    )
    def test_it_is_asked_for_anew_when_what_was_approved_changed(
        self, item: RequestItem, change: Change, fields: dict[str, Any]
    ) -> None:
        before = item.approval
        change(item, **fields)
        item = RequestItem.objects.get(pk=item.pk)
        before.refresh_from_db()
        assert before.decision == Approval.Decision.VOID
        assert item.approval.decision == Approval.Decision.WAITING
        with pytest.raises(links.NotCleared):
            hand_out(item)

    def test_it_stands_for_what_was_sent_with_it(
        self, item: RequestItem, change: Change
    ) -> None:
        before = item.approval
        RoleGrant.objects.update(state=RoleGrant.State.UNVERIFIED)
        change(item, account_ids=[ONE, OTHER])
        item = RequestItem.objects.get(pk=item.pk)
        assert item.approval.decision == Approval.Decision.WAITING
        sent = RoleGrant.objects.get(asset__external_id=ONE)
        assert (sent.approval, sent.approval.decision) == (before, "approved")

    def test_the_next_yes_is_to_what_is_asked_now(
        self, item: RequestItem, change: Change, owner: User
    ) -> None:
        change(item, reason="Pixel")
        item = RequestItem.objects.get(pk=item.pk)
        requests.decide(item, yes=True, user=owner)
        assert requests.is_cleared(RequestItem.objects.get(pk=item.pk))
        assert hand_out(item)

    def test_who_changed_it_does_not_decide_about_it(
        self, item: RequestItem, change: Change, owner: User
    ) -> None:
        change(item, user=owner, reason="Pixel")
        item = RequestItem.objects.get(pk=item.pk)
        with pytest.raises(approvals.CannotDecide, match="You asked for this"):
            requests.decide(item, yes=True, user=owner)

    def test_it_stands_when_nothing_it_covers_changed(
        self, item: RequestItem, change: Change
    ) -> None:
        change(item, message="A line", keeps_key=False)
        item = RequestItem.objects.get(pk=item.pk)
        assert item.approval.decision == Approval.Decision.APPROVED
        assert hand_out(item)

    def test_it_ends_with_the_admin_role(
        self, item: RequestItem, change: Change
    ) -> None:
        before = item.approval
        change(item, role=Role.OPERATOR, reason="", ends_on=None)
        before.refresh_from_db()
        item.refresh_from_db()
        assert (before.decision, item.approval) == ("void", None)
        assert RoleGrant.objects.get().asked_role == "operator"
        assert RoleGrant.objects.get().approval is None

    def test_a_role_that_becomes_admin_waits(self, ask: Ask, change: Change) -> None:
        item = ask(account_ids=[ONE])
        change(item, role=Role.ADMIN, reason="Billing", ends_on=FAR)
        item.refresh_from_db()
        assert not requests.is_cleared(item)
        assert RoleGrant.objects.get().approval == item.approval


class TestGrants:
    def test_drafts_follow(self, ask: Ask, change: Change) -> None:
        item = ask(account_ids=[ONE])
        change(item, account_ids=[OTHER], role=Role.ANALYST)
        states = dict(RoleGrant.objects.values_list("asset__external_id", "state"))
        assert states == {ONE: "expired", OTHER: "draft"}
        assert RoleGrant.objects.live().get().asked_role == "analyst"

    def test_drafts_go_to_the_new_receiver(
        self, ask: Ask, change: Change, factory: Factory
    ) -> None:
        item, receiver = ask(account_ids=[ONE]), factory.make_receiver()
        change(item, receiver=receiver)
        assert RoleGrant.objects.live().get().grantee == receiver
        assert RoleGrant.objects.count() == 2

    def test_what_was_sent_stands(
        self, visitor: MakeVisitor, tiktok: Simulated, change: Change
    ) -> None:
        browser = visitor("dana")
        browser.sign_in_and_back()
        browser.share(choosable(browser.session)[0])
        run_jobs()
        sent = RoleGrant.objects.get()
        change(browser.item, role=Role.ANALYST)
        run_jobs()
        still = RoleGrant.objects.get()
        assert (still.state, still.asked_role) == (sent.state, "operator")


class TestSomebodyIsMidWay:
    def test_who_chooses_is_told_and_keeps_nothing(
        self, visitor: MakeVisitor, change: Change
    ) -> None:
        browser = visitor("sofia")
        browser.sign_in_and_back()
        ids = choosable(browser.session)
        change(browser.item, message="Another line")
        page = browser.look()
        assert page.status_code == 200
        assert "The request has changed" in page.text
        assert "hands out a new link" in page.text
        assert "Halden" not in page.text.replace(str(browser.item.client), "")
        assert browser.session.candidates == []
        assert browser.share(*ids).status_code == 200
        assert not RoleGrant.objects.exists()

    def test_it_says_when_the_new_link_is_out(
        self, visitor: MakeVisitor, change: Change
    ) -> None:
        browser = visitor("sofia")
        browser.sign_in_and_back()
        change(browser.item, message="Another line")
        hand_out(browser.item)
        assert "A new link is handed out." in browser.look().text

    def test_the_old_link_leads_this_browser_there_and_others_nowhere(
        self, visitor: MakeVisitor, tiktok: Simulated, change: Change
    ) -> None:
        browser = visitor("sofia")
        browser.start()
        change(browser.item, message="Another line")
        assert browser.open()["Location"] == browser.visit_url
        assert "The request has changed" in browser.look().text
        stranger = Visitor(tiktok, browser.item, browser.token)
        assert stranger.open().status_code == 404

    def test_who_comes_back_from_the_platform_is_told(
        self, visitor: MakeVisitor, tiktok: Simulated, change: Change
    ) -> None:
        browser = visitor("sofia")
        browser.start()
        location = browser.sign_in()
        change(browser.item, message="Another line")
        answer = browser.come_back(location)
        assert answer["Location"] == browser.visit_url
        assert "The request has changed" in browser.look().text
        assert tiktok.calls("oauth2/access_token/") == 1  # our own side's

    def test_what_is_read_meanwhile_is_not_kept(
        self, visitor: MakeVisitor, change: Change
    ) -> None:
        browser = visitor("sofia")
        browser.start()
        browser.come_back(browser.sign_in())
        session = reading._claim(browser.session.pk)
        assert session is not None
        change(browser.item, message="Another line")
        visits.stop(session, "not_admin", by=Actor.system())
        assert browser.session.problem == visits.CHANGED
        run_jobs()
        assert browser.session.candidates == []

    def test_a_page_drawn_before_shares_nothing(
        self, visitor: MakeVisitor, change: Change
    ) -> None:
        browser = visitor("sofia")
        browser.sign_in_and_back()
        secret = browser.browser.cookies[COOKIE].value
        session = visits.visit_of(browser.session.pk, browser=secret)
        change(browser.item, role=Role.ANALYST)
        with pytest.raises(visits.VisitIsOver):
            giving.share(session, choosable(session))
        assert not RoleGrant.objects.exists()

    def test_starting_again_shows_the_same_page(
        self, visitor: MakeVisitor, change: Change
    ) -> None:
        browser = visitor("ruth")
        browser.sign_in_and_back()
        change(browser.item, message="Another line")
        answer = browser.browser.post(browser.visit_url + "again/")
        assert answer["Location"] == browser.visit_url
        assert "The request has changed" in browser.look().text

    def test_who_has_shared_keeps_the_results(
        self, visitor: MakeVisitor, tiktok: Simulated, change: Change
    ) -> None:
        browser = visitor("dana")
        browser.sign_in_and_back()
        browser.share(choosable(browser.session)[0])
        run_jobs()
        change(browser.item, message="Another line")
        page = browser.look().text
        assert "has changed the request since" in page
        assert "Add another account" not in page
        assert "Brightwater" in page

    def test_it_ends_with_the_day_the_link_was_given(
        self, visitor: MakeVisitor, change: Change
    ) -> None:
        browser = visitor("sofia")
        browser.start()
        change(browser.item, message="Another line")
        AccessLink.objects.update(expires_at=timezone.now())
        assert browser.look().status_code == 404

    def test_the_new_link_goes_all_the_way(
        self, visitor: MakeVisitor, tiktok: Simulated, change: Change
    ) -> None:
        browser = visitor("sofia")
        browser.sign_in_and_back()
        change(browser.item, role=Role.ANALYST)
        item = RequestItem.objects.get(pk=browser.item.pk)
        again = visitor("sofia", item=item)
        again.browser = browser.browser  # the same person in the same browser
        again.sign_in_and_back()
        again.share(choosable(again.session)[0])
        run_jobs()
        grant = RoleGrant.objects.get()
        assert (grant.state, grant.observed_role) == ("active", "analyst")

    def test_what_the_new_link_says_of_the_key_is_what_holds(
        self, visitor: MakeVisitor, change: Change
    ) -> None:
        browser = visitor("sofia")
        browser.sign_in_and_back()
        assert Consent.objects.get(purpose="client").keeps_key
        change(browser.item, keeps_key=False)
        again = visitor("sofia", item=RequestItem.objects.get(pk=browser.item.pk))
        again.sign_in_and_back()
        assert not Consent.objects.get(purpose="client").keeps_key
