"""What the trail says of people: coming and going, and what is done at the server."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts import roles
from accounts.models import Event, EventPayload
from accounts.signin.groups import BOOKS, allow, fit_groups
from accounts.trail import describe
from accounts.trail.context import request_scope
from tests.accounts.signin.people import (
    enrol,
    make_user,
    sign_in,
    type_password,
)
from tests.base import HttpsClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def mira():
    return make_user("mira@portal.example", name="Mira Okafor")


def told(prefix="user."):
    """Return what was told since, oldest first, as it reads."""
    events = Event.objects.filter(action__startswith=prefix).order_by("pk")
    return [sentence for _, sentence in describe(events)]


def payload(action):
    event = Event.objects.filter(action=action).latest("pk")
    return json.loads(EventPayload.objects.get(event_id=event.pk).body)


class TestComingAndGoing:
    def test_nobody_signs_out_who_was_not_in(self, client):
        client.post(reverse("account_logout"))
        assert told("signin.out") == []

    def test_it_tells_of_signing_out(self, client, mira):
        sign_in(client, mira)
        client.post(reverse("account_logout"))
        assert told("signin.out") == ["Mira Okafor signed out."]

    def test_it_tells_from_where_somebody_signed_in(self, client, mira):
        sign_in(client, mira)
        assert payload("signin.ok")["from"] == "127.0.0.1"

    def test_it_tells_from_where_somebody_was_refused(self, client, mira):
        type_password(client, mira, "not-the-password")
        assert payload("signin.failed")["from"] == "127.0.0.1"

    def test_it_tells_that_the_other_browsers_were_signed_out(self, client, mira):
        factor = sign_in(HttpsClient(), mira)
        Authenticator.objects.filter(pk=factor.pk).delete()  # a code works once
        sign_in(client, mira)
        client.post(reverse("usersessions_list"))
        assert told("signin.ended") == ["Mira Okafor signed out everywhere else."]


class TestAtTheServer:
    def test_inside_a_request_the_desk_tells_it(self, mira):
        with request_scope():
            mira.is_superuser = True
            mira.save()
            mira.groups.add(Group.objects.get(name=roles.AUDITORS))
            enrol(mira).delete()
        assert Event.objects.count() == 0

    def test_a_save_that_changes_nothing_is_not_told(self, mira):
        mira.save()
        mira.groups.remove(Group.objects.get(name=roles.AUDITORS))
        assert told() == []

    def test_a_hash_made_stronger_at_sign_in_is_no_new_password(self, mira):
        mira.password = make_password("another salt")
        mira.save(update_fields=["password"])
        assert told() == []

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("is_superuser", True),
            ("is_active", False),
            ("is_staff", False),
            ("email", "else@portal.example"),
            ("expires_on", dt.date(2030, 1, 31)),
        ],
    )
    def test_it_tells_what_was_and_what_is(self, mira, field, value):
        before = getattr(mira, field)
        setattr(mira, field, value)
        mira.save()
        body = payload("user.changed")
        assert body["by"] == "Somebody at the server"
        assert body["before"] == {field: before}
        assert body["after"] == {field: str(value) if "on" in field else value}

    def test_it_tells_of_a_new_password(self, mira):
        mira.set_password("typed in a shell by somebody")
        mira.save()
        assert told() == ["Somebody at the server gave Mira Okafor another password."]

    def test_it_tells_of_roles_given_and_taken(self, mira):
        group = Group.objects.get(name=roles.ACCESS_OWNERS)
        mira.groups.add(group)
        mira.groups.clear()
        assert told() == [
            "Somebody at the server gave Mira Okafor the role Access owners.",
            "Somebody at the server took the role Access owners from Mira Okafor.",
        ]

    def test_it_tells_of_them_from_the_groups_side_too(self, mira):
        group = Group.objects.get(name=roles.ACCESS_OWNERS)
        group.user_set.add(mira)
        group.user_set.remove(mira)
        subjects = Event.objects.values_list("action", "subject_key").order_by("pk")
        assert list(subjects) == [
            ("user.role_given", str(mira.pk)),
            ("user.role_taken", str(mira.pk)),
        ]

    def test_it_tells_of_a_permission_of_ones_own(self, mira):
        mira.user_permissions.add(Permission.objects.get(codename="delete_client"))
        assert "delete client" in told()[0].lower()

    def test_it_tells_of_a_role_that_means_something_else(self):
        auditors = Group.objects.get(name=roles.AUDITORS)
        auditors.permissions.add(Permission.objects.get(codename="change_client"))
        assert told("role.") == [
            "Somebody at the server changed what the role Auditors may do."
        ]

    def test_it_tells_of_a_second_factor_added_and_removed(self, mira):
        enrol(mira).delete()
        assert told("second_factor.") == [
            "Somebody at the server added a second factor: authenticator app.",
            "Somebody at the server removed a second factor: authenticator app.",
        ]


class TestRolesOfANewVersion:
    @pytest.fixture(autouse=True)
    def books_put_back(self):
        yield
        allow("accounts", BOOKS)

    def test_fitting_what_fits_already_is_not_told(self):
        fit_groups("accounts")
        assert told("role.") == []

    def test_a_role_that_may_do_something_else_is_told(self):
        allow("accounts", {**BOOKS, "client": {roles.AUDITORS: "view change"}})
        fit_groups("accounts")
        events = Event.objects.filter(action="role.changed")
        assert events.count() == len(roles.ROLES)
        told_of = EventPayload.objects.filter(event_id__in=events.values("pk"))
        body = next(json.loads(one.body) for one in told_of if "Auditors" in one.body)
        assert set(body["after"]["may"]) - set(body["before"]["may"]) == {
            "change_client"
        }
