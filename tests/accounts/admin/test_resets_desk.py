"""The pages of a second factor's reset, from the colleague's desk."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from accounts.flows import resets
from accounts.models import FactorReset, User
from accounts.roles import ACCESS_OWNERS
from tests.accounts.admin.conftest import browser_of
from tests.accounts.signin.people import enrol
from tests.base import HttpsClient
from tests.factory import Factory


@pytest.fixture
def mira(factory: Factory) -> User:
    user = factory.make_user(name="Mira Okafor")
    enrol(user)
    return user


@pytest.fixture
def owen(factory: Factory) -> User:
    return long_known(factory, "Owen Diaz")


@pytest.fixture
def priya(factory: Factory) -> User:
    return long_known(factory, "Priya Nair")


def long_known(factory: Factory, name: str) -> User:
    joined = timezone.now() - dt.timedelta(days=30)
    return factory.make_user(name=name, role=ACCESS_OWNERS, date_joined=joined)


def url(name: str, user: User) -> str:
    return reverse(f"admin:accounts_user_{name}", args=[user.pk])


def ask(browser: HttpsClient, user: User, reason: str = "Lost her phone.") -> str:
    page = browser.post(url("reset", user), {"reason": reason}, follow=True)
    return page.text


@pytest.mark.parametrize("name", ["reset", "reset_do", "reset_drop"])
def test_it_is_closed_to_those_who_manage_nobody(
    mira: User, noa: User, priya: User, name: str
) -> None:
    resets.ask(mira, reason="Lost", by=priya)
    for user in (mira, noa):
        assert browser_of(user).post(url(name, mira)).status_code == 403
    assert Authenticator.objects.filter(user=mira).exists()


def test_it_wants_a_reason(owners_desk: HttpsClient, mira: User) -> None:
    ask(owners_desk, mira, "")
    assert not FactorReset.objects.exists()


def test_who_joined_this_week_is_told_who_asks_instead(
    factory: Factory, mira: User
) -> None:
    newcomer = browser_of(factory.make_user(role=ACCESS_OWNERS))
    assert url("reset", mira) in newcomer.get(url("change", mira)).text
    page = newcomer.get(url("reset", mira), follow=True).text
    assert "another access owner asks. The operator can at once" in page
    assert not FactorReset.objects.exists()


def test_who_asked_is_not_offered_to_do_it(
    owners_desk: HttpsClient, mira: User
) -> None:
    page = ask(owners_desk, mira)
    assert "You asked for this, so another access owner does it." in page
    assert url("reset_do", mira) not in page
    owners_desk.post(url("reset_do", mira))
    assert Authenticator.objects.filter(user=mira).exists()


def test_there_is_nothing_to_do_where_nobody_asked(mira: User, owen: User) -> None:
    assert browser_of(owen).get(url("reset_do", mira)).status_code == 404


def test_one_asks_and_another_does_it(
    owners_desk: HttpsClient, mira: User, owen: User
) -> None:
    assert url("reset", mira) in owners_desk.get(url("change", mira)).text
    assert "Another access owner does it" in ask(owners_desk, mira)
    browser = browser_of(owen)
    assert url("reset_do", mira) in browser.get(url("change", mira)).text
    assert "Lost her phone." in browser.get(url("reset_do", mira)).text
    page = browser.post(url("reset_do", mira), follow=True).text
    assert "It is off." in page
    assert not Authenticator.objects.filter(user=mira).exists()


def test_it_can_be_left(owners_desk: HttpsClient, mira: User, owen: User) -> None:
    ask(owners_desk, mira)
    page = browser_of(owen).post(url("reset_drop", mira), follow=True).text
    assert "Mira Okafor&#x27;s second factor stays." in page
    assert Authenticator.objects.filter(user=mira).exists()


def test_a_page_names_no_client_the_onlooker_does_not_see(
    factory: Factory, mira: User
) -> None:
    aurora = factory.make_client(name="Aurora Wines")
    factory.make_assignment(client=aurora, user=mira, role="buyer")
    theirs = factory.make_user()
    assert "Aurora" not in browser_of(theirs).get(url("change", mira)).text
    assert "Aurora" in browser_of(mira).get(url("change", mira)).text


def test_a_page_tells_no_factor_to_colleagues_beside_them(
    factory: Factory, mira: User
) -> None:
    beside = factory.make_user()
    assert "uthenticator app" not in browser_of(beside).get(url("change", mira)).text
    assert "uthenticator app" in browser_of(mira).get(url("change", mira)).text
