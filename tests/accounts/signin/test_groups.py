from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from accounts import roles
from accounts.signin.groups import BOOKS, allow, allowed, fit_groups
from tests.accounts.signin.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def books_put_back():
    yield
    allow("accounts", BOOKS)


def codenames(role, app_label="accounts"):
    found = Permission.objects.filter(
        group__name=role, content_type__app_label=app_label
    )
    return set(found.values_list("codename", flat=True))


def test_it_makes_the_four_groups():
    assert set(Group.objects.values_list("name", flat=True)) == set(roles.ROLES)


def test_it_lets_auditors_change_nothing():
    every = Permission.objects.filter(group__name=roles.AUDITORS)
    assert every.exists()
    assert not every.exclude(codename__startswith="view_").exists()


def test_it_lets_only_access_owners_manage_people():
    holders = Group.objects.filter(
        permissions__codename__in=["add_user", "change_user"]
    )
    assert {group.name for group in holders} == {roles.ACCESS_OWNERS}


def test_it_lets_nobody_delete_or_touch_groups():
    granted = Permission.objects.filter(group__isnull=False)
    assert not granted.filter(codename__startswith="delete_").exists()
    assert not granted.filter(content_type__app_label="auth").exists()


@pytest.mark.parametrize("role", roles.ROLES)
def test_it_names_only_tables_that_exist(role):
    for app in apps.get_app_configs():
        stated = allowed(app.label).get(role, set())
        assert codenames(role, app.label) == stated, app.label


def test_it_takes_back_what_is_stated_no_more(books_put_back):
    allow("accounts", {"client": BOOKS["client"]})
    fit_groups("accounts")
    assert codenames(roles.AUDITORS) == {"view_client"}


def test_it_adds_a_group_that_went_missing():
    Group.objects.all().delete()
    fit_groups("accounts")
    assert Group.objects.count() == len(roles.ROLES)


@pytest.mark.parametrize(
    ("role", "sees_all"),
    [
        (roles.ACCESS_OWNERS, True),
        (roles.AUDITORS, True),
        (roles.ACCOUNT_MANAGERS, False),
        (roles.MEDIA_BUYERS, False),
        (None, False),
    ],
)
def test_it_says_who_sees_all_clients(role, sees_all):
    user = make_user(role=role)
    assert user.sees_all_clients is sees_all
    assert roles.is_access_owner(user) is (role == roles.ACCESS_OWNERS)
    assert roles.connects_centers(user) is (role == roles.ACCESS_OWNERS)


def test_it_gives_a_switched_off_access_owner_nothing():
    user = make_user(role=roles.ACCESS_OWNERS, is_active=False)
    assert not user.sees_all_clients
    assert not roles.manages_people(user)
