"""A visit that goes another way: again, somebody else, trouble on the platform."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Connection, Consent, ConsentAttempt, RoleGrant
from onboarding.flows import connect, reading
from onboarding.models import LinkSession
from tests.onboarding.test_scenarios import choosable
from tests.onboarding.visitor import Visitor
from tests.simulated import Simulated, never_arrives, run_jobs, says

MakeVisitor = Callable[..., Visitor]
Stage = LinkSession.Stage


def test_it_starts_again_after_a_refusal(visitor: MakeVisitor) -> None:
    browser = visitor("ruth")
    page = browser.sign_in_and_back()
    assert "You said no" in page.text
    assert browser.browser.post(browser.visit_url + "again/").status_code == 303
    browser.come_back(browser.sign_in(refuse=False))
    run_jobs()
    assert browser.session.stage == Stage.CHOOSING


def test_it_starts_again_with_every_permission(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    browser = visitor("yusuf")
    browser.sign_in_and_back()
    assert browser.session.problem == "missing_scopes"
    tiktok.control("people/yusuf", withheld_scopes=[])
    browser.browser.post(browser.visit_url + "again/")
    browser.come_back(browser.sign_in())
    run_jobs()
    browser.share(*choosable(browser.session))
    run_jobs()
    assert {grant.state for grant in RoleGrant.objects.all()} == {"active"}


def test_it_says_when_the_consent_took_too_long(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    browser = visitor("sofia")
    browser.start()
    location = browser.sign_in()
    tiktok.control("clock", advance_seconds=3601)
    assert browser.come_back(location).status_code == 303
    assert browser.session.problem == "code_expired"
    assert browser.look().status_code == 200


def test_it_forgets_somebody_elses_login(visitor: MakeVisitor) -> None:
    browser = visitor("sofia")
    browser.sign_in_and_back()
    answer = browser.browser.post(browser.visit_url + "not-me/")
    assert answer.status_code == 303
    page = browser.look()
    assert page.status_code == 200
    assert "Sofia" not in page.text
    assert "Halden" not in page.text
    assert Consent.objects.get(purpose="client").state == Consent.State.WITHDRAWN
    browser.person = "hugo"
    browser.browser.post(browser.visit_url + "again/")
    browser.come_back(browser.sign_in())
    run_jobs()
    assert "Hugo Lang" in browser.look().text


def test_it_adds_another_account_later(visitor: MakeVisitor, tiktok: Simulated) -> None:
    browser = visitor("dana")
    browser.sign_in_and_back()
    first, second = choosable(browser.session)
    browser.share(first)
    run_jobs()
    page = browser.look()
    assert "Add another account" in page.text
    browser.browser.post(browser.visit_url + "again/")
    browser.come_back(browser.sign_in())
    run_jobs()
    page = browser.look()
    assert "Shared with us already" in page.text
    assert choosable(browser.session) == [second]
    browser.share(second)
    run_jobs()
    assert RoleGrant.objects.count() == 2


def test_it_keeps_the_results_of_who_says_no_to_more(visitor: MakeVisitor) -> None:
    browser = visitor("dana")
    browser.sign_in_and_back()
    browser.share(choosable(browser.session)[0])
    run_jobs()
    browser.browser.post(browser.visit_url + "again/")
    browser.come_back(browser.sign_in(refuse=True))
    assert "Our turn" in browser.look().text


def test_it_shows_another_holder_of_the_link_only_what_is_theirs(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    """A colleague of another department, with a login of their own."""
    first = visitor("dana")
    first.sign_in_and_back()
    first.share(choosable(first.session)[0])
    run_jobs()
    second = Visitor(tiktok, first.item, first.token, "hugo")
    assert "Brightwater" not in second.open().text
    second.sign_in_and_back()
    second.share(choosable(second.session)[0])
    run_jobs()
    assert "Brightwater" not in second.look().text
    assert "Lang Optics" in second.look().text
    assert "Lang Optics" not in first.look().text


def test_it_ignores_what_was_not_offered(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    browser = visitor("sofia")
    browser.sign_in_and_back()
    foreign = tiktok.accounts_of("Lang Optics")
    answer = browser.share(*foreign)
    assert answer.status_code == 400
    assert "Tick at least one account" in answer.text
    assert browser.share().status_code == 400
    assert not RoleGrant.objects.exists()


@pytest.mark.parametrize("endpoint", ["user/info/", "bc/get/", "bc/asset/admin/get/"])
class TestTroubleWhileReading:
    def test_it_reads_again_with_the_next_sweep(
        self, visitor: MakeVisitor, tiktok: Simulated, endpoint: str
    ) -> None:
        browser = visitor("sofia")
        browser.start()
        browser.come_back(browser.sign_in())
        with tiktok.disturbed(endpoint, never_arrives):
            run_jobs()
            assert browser.session.stage == Stage.READING
            assert browser.session.candidates == []
        connect.sweep(timezone.now())
        run_jobs()
        assert browser.session.stage == Stage.CHOOSING

    @pytest.mark.parametrize(
        ("how", "problem"),
        [
            (never_arrives, "platform_down"),
            (says(b'{"code": 0, "data": 5}'), "discovery_failed"),
        ],
    )
    def test_it_says_so_after_a_while(
        self,
        visitor: MakeVisitor,
        tiktok: Simulated,
        endpoint: str,
        how: object,
        problem: str,
    ) -> None:
        browser = visitor("sofia")
        browser.start()
        browser.come_back(browser.sign_in())
        long_ago = timezone.now() - reading.PATIENCE - dt.timedelta(minutes=1)
        ConsentAttempt.objects.update(claimed_at=long_ago)
        with tiktok.disturbed(endpoint, how):
            run_jobs()
        session = browser.session
        assert (session.stage, session.problem) == (Stage.STOPPED, problem)
        assert browser.look().status_code == 200


@pytest.mark.parametrize(
    ("waited", "stage"),
    [(dt.timedelta(0), Stage.READING), (reading.PATIENCE * 2, Stage.STOPPED)],
)
def test_what_nobody_thought_of_does_not_keep_it_reading_for_ever(
    visitor: MakeVisitor,
    waited: dt.timedelta,
    stage: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stumbles(*args: Any, **more: Any) -> None:
        raise ZeroDivisionError

    browser = visitor("sofia")
    browser.start()
    browser.come_back(browser.sign_in())
    ConsentAttempt.objects.update(claimed_at=timezone.now() - waited)
    monkeypatch.setattr(reading.identifying, "identify", stumbles)
    with pytest.raises(ZeroDivisionError):
        run_jobs()
    assert browser.session.stage == stage
    assert browser.look().status_code == 200


class TestAuthorizedTwice:
    """The client signs in a second time, with another link, while the first waits."""

    @pytest.mark.matrix
    @pytest.mark.parametrize("person", ["hugo", "elin", "marco"])
    def test_it_goes_on_with_the_newest_key(
        self, visitor: MakeVisitor, tiktok: Simulated, person: str
    ) -> None:
        browser = visitor(person)
        browser.sign_in_and_back()
        ids = choosable(browser.session)
        again = Visitor(tiktok, browser.item, browser.token, person)
        again.sign_in_and_back()
        browser.share(*ids)
        run_jobs()
        assert {grant.state for grant in RoleGrant.objects.all()} == {"active"}
        key = Connection.objects.get(consents__purpose="client")
        assert key.state == Connection.State.LIVE
        assert key.version == 3
        assert key.problem == ""

    def test_it_does_not_put_an_older_key_over_a_newer(
        self, visitor: MakeVisitor, tiktok: Simulated
    ) -> None:
        """The first visit's task runs last; its token is dead by then."""
        first = visitor("marco")
        second = Visitor(tiktok, first.item, first.token, "marco")
        first.start()
        first.come_back(first.sign_in())
        second.start()
        second.come_back(second.sign_in())
        reading.read_accounts(second.session.pk)
        reading.read_accounts(first.session.pk)
        assert second.session.stage == Stage.CHOOSING
        assert first.session.stage == Stage.STOPPED
        second.share(*choosable(second.session))
        run_jobs()
        assert {grant.state for grant in RoleGrant.objects.all()} == {"active"}


class TestComingBackByTheLink:
    def test_it_goes_on_where_this_browser_was(self, visitor: MakeVisitor) -> None:
        browser = visitor("sofia")
        browser.sign_in_and_back()
        answer = browser.open()
        assert (answer.status_code, answer["Location"]) == (302, browser.visit_url)

    def test_it_shows_this_browser_its_results_after_the_end(
        self, visitor: MakeVisitor, tiktok: Simulated
    ) -> None:
        browser = visitor("sofia")
        browser.sign_in_and_back()
        browser.share(tiktok.accounts_of("Halden Outdoor")[0])
        run_jobs()
        browser.item.request.refresh_from_db()
        assert not browser.item.request.is_open
        assert browser.open()["Location"] == browser.visit_url
        stranger = Visitor(tiktok, browser.item, browser.token)
        assert stranger.open().status_code == 404
