"""Nobody says yes to a second self: who added or changed who asks does not decide."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from accounts.flows import approvals
from accounts.models import User
from accounts.roles import ACCESS_OWNERS, ACCOUNT_MANAGERS
from tests.accounts.admin.conftest import browser_of
from tests.factory import Factory

EMAIL = "second@self.example"


@pytest.fixture
def priya(factory: Factory) -> User:
    return factory.make_user(name="Priya Nair", role=ACCESS_OWNERS)


@pytest.fixture
def mira(factory: Factory) -> User:
    joined = timezone.now() - dt.timedelta(days=30)
    return factory.make_user(name="Mira Okafor", date_joined=joined)


def add(by: User, role: str = ACCOUNT_MANAGERS) -> User:
    """Add somebody at the colleagues' desk."""
    desk = browser_of(by)
    desk.post(reverse("admin:accounts_user_add"), typed(role, name="Second Self"))
    return User.objects.get(email=EMAIL)


def change(user: User, by: User, **fields: str) -> User:
    url = reverse("admin:accounts_user_change", args=[user.pk])
    was = {"name": user.name, "email": user.email, "is_active": "on"}
    answer = browser_of(by).post(url, typed(ACCOUNT_MANAGERS, **{**was, **fields}))
    assert answer.status_code == 302
    return User.objects.get(pk=user.pk)


def typed(role: str, **fields: str) -> dict[str, object]:
    groups = [Group.objects.get(name=role).pk]
    return {"email": EMAIL, "groups": groups, "time_zone": "Europe/Berlin", **fields}


def why_not(asker: User, decider: User) -> str:
    asked = approvals.ask(what={"role": "admin"}, asked_by=asker)
    return approvals.why_not(asked, User.objects.get(pk=decider.pk))


def test_who_added_the_asker_does_not_decide(factory: Factory, priya: User) -> None:
    asker = add(by=priya)
    no = "You added or changed Second Self less than a week ago: another access owner"
    assert why_not(asker, priya).startswith(no)
    assert why_not(asker, factory.make_user(role=ACCESS_OWNERS)) == ""


@pytest.mark.parametrize("name", ["email", "is_active"])
def test_who_changed_the_asker_does_not_decide(
    mira: User, priya: User, name: str
) -> None:
    """Their address or their standing; the name, below, is no way in."""
    asker = change(mira, priya, **{name: EMAIL if name == "email" else ""})
    assert "You added or changed Mira Okafor" in why_not(asker, priya)


def test_anothers_change_afterwards_does_not_help(
    factory: Factory, mira: User, priya: User
) -> None:
    asker = change(mira, priya, email=EMAIL)
    asker = change(asker, factory.make_user(role=ACCESS_OWNERS), name="Mira Vega")
    assert "You added or changed Mira Vega" in why_not(asker, priya)


def test_a_new_name_is_no_other_person(mira: User, priya: User) -> None:
    assert why_not(change(mira, priya, name="Mira Vega"), priya) == ""


def test_a_week_later_they_decide(priya: User) -> None:
    asker = add(by=priya)
    asker.date_joined = timezone.now() - dt.timedelta(days=7)
    assert why_not(asker, priya) == ""


def test_on_the_first_day_one_decides_whom_a_superuser_added(
    factory: Factory, priya: User
) -> None:
    boss = factory.make_user(role="", is_superuser=True)
    assert why_not(add(by=boss), priya) == ""
