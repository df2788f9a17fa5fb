"""Somebody signs in who should not have: what is forgotten, ended, and goes on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import dropping
from accounts.models import (
    Asset,
    Connection,
    Consent,
    Event,
    Reach,
    RoleGrant,
    User,
    VaultSecret,
)
from accounts.trail import Actor
from onboarding.flows import connect
from onboarding.models import LinkSession
from tests.factory import Factory
from tests.onboarding.test_scenarios import choosable
from tests.onboarding.visitor import Visitor
from tests.simulated import Simulated, never_arrives, run_jobs

pytestmark = pytest.mark.long

MakeVisitor = Callable[..., Visitor]
Stage = LinkSession.Stage
BY = Actor.system()
REVOKE = "oauth2/revoke_token/"


def says_not_me(browser: Visitor) -> None:
    assert browser.browser.post(browser.visit_url + "not-me/").status_code == 303


def signs_in_again(browser: Visitor, person: str) -> Any:
    browser.person = person
    assert browser.browser.post(browser.visit_url + "again/").status_code == 303
    browser.come_back(browser.sign_in())
    run_jobs()
    return browser.look()


def key_of(name: str) -> Connection:
    return Connection.objects.get(label__startswith=name)


class TestThatIsNotMe:
    def test_it_keeps_nothing_of_what_the_login_showed(
        self, visitor: MakeVisitor
    ) -> None:
        browser = visitor("sofia")
        browser.sign_in_and_back()
        reference = key_of("Sofia").vault_ref
        says_not_me(browser)
        run_jobs()
        session = browser.session
        assert (session.candidates, session.signed_in_as) == ([], "")
        assert not Asset.objects.filter(kind=Asset.Kind.AD_ACCOUNT).exists()
        assert not Reach.objects.filter(connection=key_of("Sofia")).exists()
        assert not VaultSecret.objects.filter(reference=reference).exists()

    def test_its_key_ends_at_once(
        self, visitor: MakeVisitor, tiktok: Simulated
    ) -> None:
        browser = visitor("sofia")
        browser.sign_in_and_back()
        says_not_me(browser)
        assert "accounts.tasks.end_unused_key" in run_jobs()
        assert tiktok.calls(REVOKE) == 1
        assert key_of("Sofia").state == Connection.State.REVOKED
        told = set(Event.objects.values_list("action", flat=True))
        assert {
            "consent.withdrawn",
            "link.wrong_login",
            "connection.revoked",
        } <= told

    def test_a_key_that_could_not_be_ended_is_ended_later(
        self, visitor: MakeVisitor, tiktok: Simulated
    ) -> None:
        browser = visitor("sofia")
        browser.sign_in_and_back()
        says_not_me(browser)
        with tiktok.disturbed(REVOKE, never_arrives):
            run_jobs()
        assert key_of("Sofia").state == Connection.State.LIVE
        later = timezone.now() + dt.timedelta(seconds=1)
        assert dropping.drop_orphans(later, by=BY) == 1
        assert key_of("Sofia").state == Connection.State.REVOKED

    def test_a_key_that_serves_another_client_stays(
        self, visitor: MakeVisitor, tiktok: Simulated, factory: Factory, owner: User
    ) -> None:
        first = visitor("nadia", client=factory.make_client(name="Fjord Coffee"))
        first.sign_in_and_back()
        first.share(tiktok.accounts_of("Fjord Coffee")[0])
        run_jobs()
        second = visitor("nadia", client=factory.make_client(name="Alder and Pine"))
        second.sign_in_and_back()
        held = Consent.objects.get(client=second.item.client)
        connect.release(held, user=owner)
        run_jobs()
        says_not_me(second)
        run_jobs()
        assert key_of("Nadia").state == Connection.State.LIVE
        assert Consent.objects.standing().get(purpose="client").client == (
            first.item.client
        )

    def test_a_key_that_came_anew_meanwhile_stays(self, visitor: MakeVisitor) -> None:
        browser = visitor("sofia")
        browser.sign_in_and_back()
        key = key_of("Sofia")
        Consent.objects.update(state=Consent.State.WITHDRAWN)
        older = key.version - 1
        assert not dropping.drop_orphan(key.pk, version=older, by=BY)
        assert key_of("Sofia").state == Connection.State.LIVE

    @pytest.mark.matrix
    @pytest.mark.parametrize("person", ["hugo", "elin", "marco", "sofia"])
    def test_another_login_goes_all_the_way(
        self, visitor: MakeVisitor, person: str
    ) -> None:
        """Also the same one again: who pressed by mistake, or did not sign out."""
        browser = visitor("sofia")
        browser.sign_in_and_back()
        says_not_me(browser)
        run_jobs()
        signs_in_again(browser, person)
        browser.share(*choosable(browser.session))
        run_jobs()
        assert {grant.state for grant in RoleGrant.objects.all()} == {"active"}

    @pytest.mark.matrix
    @pytest.mark.parametrize("person", ["hugo", "elin", "marco"])
    def test_the_same_login_comes_back(self, visitor: MakeVisitor, person: str) -> None:
        browser = visitor(person)
        browser.sign_in_and_back()
        says_not_me(browser)
        run_jobs()
        signs_in_again(browser, person)
        browser.share(*choosable(browser.session))
        run_jobs()
        assert {grant.state for grant in RoleGrant.objects.all()} == {"active"}


class TestColleagues:
    def test_an_admin_of_ours_is_sent_away_and_their_key_ended(
        self, visitor: MakeVisitor, tiktok: Simulated
    ) -> None:
        """Mira runs our center, too, but has not connected our side."""
        browser = visitor("mira")
        page = browser.sign_in_and_back()
        assert browser.session.problem == "agency_login"
        assert "Northlight Agency" not in page.text
        assert browser.session.candidates == []
        assert not Consent.objects.standing().filter(purpose="client").exists()
        assert key_of("Mira").state == Connection.State.REVOKED

    def test_a_member_of_ours_is_not_offered_what_is_ours(
        self, visitor: MakeVisitor
    ) -> None:
        browser = visitor("jonas")
        page = browser.sign_in_and_back()
        assert browser.session.problem == "no_accounts"
        assert "Northlight Agency" not in page.text

    def test_the_client_goes_on_after_a_colleague(self, visitor: MakeVisitor) -> None:
        browser = visitor("mira")
        browser.sign_in_and_back()
        signs_in_again(browser, "sofia")
        assert browser.session.stage == Stage.CHOOSING
        assert key_of("Sofia").state == Connection.State.LIVE


class TestLoginThatCannotServe:
    @pytest.mark.matrix
    @pytest.mark.parametrize("person", ["oskar", "paolo", "yusuf"])
    def test_it_is_given_up_when_somebody_starts_again(
        self, visitor: MakeVisitor, person: str
    ) -> None:
        browser = visitor(person)
        browser.sign_in_and_back()
        assert browser.session.stage == Stage.STOPPED
        signs_in_again(browser, "sofia")
        standing = Consent.objects.standing().get(purpose="client")
        assert standing.connection == key_of("Sofia")
        later = timezone.now() + dt.timedelta(seconds=1)
        assert dropping.drop_orphans(later, by=BY) == 1
        assert key_of("Sofia").state == Connection.State.LIVE
