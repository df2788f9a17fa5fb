"""Who may come back, and what only looking at a link does: nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Connection, ConsentAttempt, Event, User
from accounts.trail import Actor
from onboarding.flows import connect, links
from onboarding.models import AccessLink, LinkSession
from tests.base import HttpsClient
from tests.onboarding.visitor import Visitor
from tests.simulated import Simulated, run_jobs

MakeVisitor = Callable[..., Visitor]
TOKENS = "oauth2/access_token/"


@pytest.fixture
def returning(visitor: MakeVisitor, tiktok: Simulated) -> tuple[Visitor, str]:
    """A browser that is about to come back, and where to."""
    browser = visitor("sofia")
    browser.start()
    location = browser.sign_in()
    tiktok.control("counters/reset")
    return browser, location


Returning = tuple[Visitor, str]


class TestRefusedWithoutACall:
    def refused(self, tiktok: Simulated, answer: Any) -> None:
        assert answer.status_code == 403
        assert tiktok.all_calls() == 0
        attempt = ConsentAttempt.objects.get(purpose="client")
        assert attempt.claimed_at is None
        assert run_jobs() == []

    def test_it_refuses_another_browser(
        self, returning: Returning, tiktok: Simulated
    ) -> None:
        browser, location = returning
        other = Visitor(tiktok, browser.item, browser.token)
        self.refused(tiktok, other.come_back(location))

    def test_it_refuses_another_browser_that_started_too(
        self, returning: Returning, tiktok: Simulated
    ) -> None:
        browser, location = returning
        other = Visitor(tiktok, browser.item, browser.token)
        other.start()
        answer = other.come_back(location)
        assert answer.status_code == 403
        assert tiktok.all_calls() == 0

    def test_it_refuses_a_staff_browser(
        self, returning: Returning, tiktok: Simulated, owner: User
    ) -> None:
        browser, location = returning
        browser.browser.sign_in(owner)
        self.refused(tiktok, browser.come_back(location))

    def test_it_refuses_a_stale_state(
        self, returning: Returning, tiktok: Simulated
    ) -> None:
        browser, location = returning
        ConsentAttempt.objects.update(expires_at=timezone.now())
        assert browser.come_back(location)["Location"] == browser.visit_url
        assert browser.browser.get(browser.visit_url + "leave/").status_code == 303
        assert "start again" in browser.look().text.lower()
        assert tiktok.all_calls() == 0

    @pytest.mark.parametrize("state", ["", "0" * 64, "ä"])
    def test_it_refuses_a_foreign_state(
        self, returning: Returning, tiktok: Simulated, state: str
    ) -> None:
        browser, _ = returning
        answer = browser.browser.get(
            "/connect/client/tiktok/", {"state": state, "auth_code": "x"}
        )
        self.refused(tiktok, answer)

    def test_it_refuses_a_state_of_our_own_side(
        self, returning: Returning, tiktok: Simulated
    ) -> None:
        browser, location = returning
        ConsentAttempt.objects.update(purpose="agency")
        browser.come_back(location)
        assert tiktok.all_calls() == 0

    def test_it_makes_no_call_for_head(
        self, returning: Returning, tiktok: Simulated
    ) -> None:
        browser, location = returning
        answer = browser.browser.head(location.removeprefix("https://portal.example"))
        assert answer.status_code == 405
        assert tiktok.all_calls() == 0

    def test_it_does_not_know_another_platform(
        self, returning: Returning, tiktok: Simulated
    ) -> None:
        browser, location = returning
        answer = browser.come_back(location.replace("/tiktok/", "/elsewhere/"))
        assert answer.status_code == 404
        assert tiktok.all_calls() == 0

    @pytest.mark.parametrize("ended", ["revoked", "closed", "contact left"])
    def test_it_refuses_when_the_link_ended_meanwhile(
        self, returning: Returning, tiktok: Simulated, ended: str
    ) -> None:
        browser, location = returning
        link = AccessLink.objects.get()
        if ended == "revoked":
            links.revoke(link, by=Actor.system())
        elif ended == "closed":
            request = link.request
            request.closed_at = timezone.now()
            request.save()
        else:
            link.contact = link.request.contact
            link.contact.is_active = False
            link.contact.save()
            link.save()
        answer = browser.come_back(location)
        assert answer.status_code in (303, 403)
        assert tiktok.all_calls() == 0
        assert browser.look().status_code == 404


def test_it_exchanges_a_code_once_however_often_the_callback_is_replayed(
    returning: Returning, tiktok: Simulated
) -> None:
    browser, location = returning
    for _ in range(50):
        answer = browser.come_back(location)
        assert answer.status_code == 303
        assert answer["Location"] == browser.visit_url
        assert "code" not in answer["Location"]
    assert tiktok.calls(TOKENS) == 1
    run_jobs()
    assert Connection.objects.filter(label="Sofia Halden").count() == 1


def test_it_keeps_one_trip_when_start_is_pressed_twice(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    browser = visitor("sofia")
    browser.start()
    early = browser.sign_in()
    browser.start()
    assert ConsentAttempt.objects.filter(purpose="client").count() == 1
    assert browser.come_back(early).status_code == 303
    run_jobs()
    assert browser.session.stage == LinkSession.Stage.CHOOSING


def test_it_refuses_the_trip_that_a_later_start_replaced(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    browser = visitor("sofia")
    browser.start()
    early = browser.sign_in()
    ConsentAttempt.objects.filter(purpose="client").update(
        expires_at=timezone.now() + dt.timedelta(minutes=5)
    )
    browser.start()
    tiktok.control("counters/reset")
    assert browser.come_back(early).status_code == 403
    assert tiktok.all_calls() == 0


def test_it_shows_the_hop_page_as_often_as_it_is_read(visitor: MakeVisitor) -> None:
    browser = visitor("sofia")
    browser.start()
    assert browser.state() == browser.state()
    assert browser.browser.head(browser.visit_url + "leave/").status_code == 200


def test_it_does_not_go_round_in_circles_while_the_callback_works(
    returning: Returning,
) -> None:
    browser, _ = returning
    ConsentAttempt.objects.update(claimed_at=timezone.now())
    assert browser.browser.get(browser.visit_url + "leave/").status_code == 303
    page = browser.look()
    assert page.status_code == 200
    assert "Reading" in page.text


@pytest.mark.parametrize("is_granted", [True, False])
def test_it_takes_up_a_callback_whose_process_died(
    returning: Returning, is_granted: bool
) -> None:
    browser, location = returning
    if is_granted:
        browser.come_back(location)
    long_ago = timezone.now() - dt.timedelta(minutes=5)
    ConsentAttempt.objects.update(claimed_at=long_ago)
    LinkSession.objects.update(stage=LinkSession.Stage.STARTED)
    connect.sweep(timezone.now())
    run_jobs()
    session = browser.session
    if is_granted:
        assert session.stage == LinkSession.Stage.CHOOSING
    else:
        assert (session.stage, session.problem) == ("stopped", "code_expired")


@pytest.mark.parametrize(
    ("gets", "heads"), [(20, 5), pytest.param(1000, 100, marks=pytest.mark.long)]
)
def test_it_changes_nothing_for_scanners(
    visitor: MakeVisitor, gets: int, heads: int
) -> None:
    browser = visitor("sofia")
    browser.open()
    before = AccessLink.objects.values().get()
    events = Event.objects.count()
    scanner = HttpsClient()
    for _ in range(gets):
        assert scanner.get(f"/l/{browser.token}/").status_code == 200
    for _ in range(heads):
        assert scanner.head(f"/l/{browser.token}/").status_code == 200
    assert before["first_fetched_at"] is not None
    assert before["started_at"] is None
    assert AccessLink.objects.values().get() == before
    assert Event.objects.count() == events
    assert not LinkSession.objects.exists()
    assert ConsentAttempt.objects.filter(purpose="client").count() == 0


def test_it_does_not_take_start_by_get(visitor: MakeVisitor) -> None:
    browser = visitor("sofia")
    answer = browser.browser.get(f"/l/{browser.token}/start/{browser.item.pk}/")
    assert answer.status_code == 405


def test_it_does_not_let_staff_start(visitor: MakeVisitor, owner: User) -> None:
    browser = visitor("sofia")
    browser.browser.sign_in(owner)
    page = browser.open()
    assert "Preview" in page.text
    assert AccessLink.objects.get().first_fetched_at is None
    answer = browser.browser.post(f"/l/{browser.token}/start/{browser.item.pk}/")
    assert answer.status_code == 403
    assert not LinkSession.objects.exists()


def test_it_hides_a_visit_from_any_other_browser(visitor: MakeVisitor) -> None:
    browser = visitor("sofia")
    browser.sign_in_and_back()
    stranger = HttpsClient()
    for page in ("", "leave/"):
        assert stranger.get(browser.visit_url + page).status_code == 404
    for page in ("", "again/", "not-me/"):
        assert stranger.post(browser.visit_url + page).status_code == 404
    assert browser.session.stage == LinkSession.Stage.CHOOSING
