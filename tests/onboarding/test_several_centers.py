"""One client with two Business Centers: one login for both, or a login for each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from accounts.flows import sharing, withdrawing, work
from accounts.models import Asset, Connection, Consent, RoleGrant, User
from accounts.trail import Actor
from onboarding.models import LinkSession
from tests.accounts.admin.conftest import browser_of
from tests.onboarding.test_scenarios import choosable
from tests.onboarding.visitor import Visitor
from tests.simulated import run_jobs

pytestmark = pytest.mark.long

MakeVisitor = Callable[..., Visitor]
BY = Actor.system()


@pytest.fixture
def one_login(visitor: MakeVisitor) -> Visitor:
    """Ines is admin of Kestrel UK and Kestrel B2B, and has shared from both."""
    browser = visitor("ines")
    browser.sign_in_and_back()
    browser.share(*choosable(browser.session))
    run_jobs()
    return browser


@pytest.fixture
def two_logins(visitor: MakeVisitor) -> Visitor:
    """Sofia has shared from her center; asked again, Hugo has from his."""
    first = visitor("sofia")
    shares_two(first)
    second = visitor("hugo", client=first.item.client)
    shares_two(second)
    return second


def shares_two(browser: Visitor) -> None:
    browser.sign_in_and_back()
    browser.share(*choosable(browser.session)[:2])
    run_jobs()


def by_center() -> dict[str, set[str]]:
    """Return the states of the grants by their center's name."""
    states: dict[str, set[str]] = {}
    for grant in RoleGrant.objects.select_related("asset__center"):
        states.setdefault(str(grant.asset.center), set()).add(grant.state)
    return states


def take_back(grant: RoleGrant) -> None:
    assert withdrawing.withdraw(grant, reason="Not needed", by=BY)
    work.carry_out([str(grant.pk)])


class TestOneLogin:
    def test_what_is_ticked_in_both_is_shared_by_both(self, one_login: Visitor) -> None:
        assert by_center() == {
            "Kestrel Cycles UK": {"active"},
            "Kestrel Cycles B2B": {"active"},
        }
        owners = Asset.objects.filter(kind=Asset.Kind.CENTER, client__isnull=False)
        assert {center.client for center in owners} == {one_login.item.client}

    def test_where_she_is_no_admin_she_sees_why(self, visitor: MakeVisitor) -> None:
        browser = visitor("ines")
        page = browser.sign_in_and_back().text
        for center in ("Kestrel Cycles UK", "Kestrel Cycles B2B"):
            assert center in page
        assert "You are not an admin of Kestrel Cycles Racing." in page

    def test_her_results_say_which_center_each_is_in(self, one_login: Visitor) -> None:
        page = one_login.look().text
        assert page.count("<small>Kestrel Cycles UK</small>") == 2
        assert page.count("<small>Kestrel Cycles B2B</small>") == 2

    def test_the_clients_page_names_both_centers(
        self, one_login: Visitor, owner: User
    ) -> None:
        url = reverse("admin:accounts_client_change", args=[one_login.item.client.pk])
        page = browser_of(owner).get(url).text
        assert "Kestrel Cycles UK" in page
        assert "Kestrel Cycles B2B" in page

    def test_taking_one_back_leaves_the_other_center_alone(
        self, one_login: Visitor
    ) -> None:
        for grant in RoleGrant.objects.filter(asset__center__name="Kestrel Cycles UK"):
            take_back(grant)
        assert by_center() == {
            "Kestrel Cycles UK": {"withdrawn"},
            "Kestrel Cycles B2B": {"active"},
        }


class TestTwoLogins:
    def test_each_serves_its_own_center(self, two_logins: Visitor) -> None:
        assert by_center() == {"Halden Outdoor": {"active"}, "Lang Optics": {"active"}}
        for name, center in (("Sofia", "Halden Outdoor"), ("Hugo", "Lang Optics")):
            grant = RoleGrant.objects.filter(asset__center__name=center)[0]
            key = sharing.clients_key(grant)
            assert key is not None
            assert key.label.startswith(name)

    def test_the_client_has_both_keys(self, two_logins: Visitor) -> None:
        standing = Consent.objects.standing().filter(client=two_logins.item.client)
        assert standing.count() == 2
        assert {one.state for one in standing} == {"given"}

    def test_each_sees_only_what_they_shared(self, two_logins: Visitor) -> None:
        page = two_logins.look().text
        assert "Lang Optics" in page
        assert "Halden" not in page

    def test_each_center_is_taken_back_with_its_own_key(
        self, two_logins: Visitor
    ) -> None:
        hugos = Connection.objects.get(label__startswith="Hugo")
        for grant in RoleGrant.objects.filter(asset__center__name="Lang Optics"):
            take_back(grant)
            used = grant.attempts.filter(operation="unshare").get()
            assert used.connection == hugos
        assert by_center() == {
            "Halden Outdoor": {"active"},
            "Lang Optics": {"withdrawn"},
        }

    def test_a_second_login_is_not_held_as_another_clients(
        self, two_logins: Visitor
    ) -> None:
        assert not LinkSession.objects.filter(problem="other_client").exists()
