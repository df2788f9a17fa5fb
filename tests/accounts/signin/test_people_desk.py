from __future__ import annotations

import datetime as dt
import json

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse

from accounts import roles
from accounts.models import Event, EventPayload, User
from tests.accounts.signin.people import enrol, make_user, sign_in

pytestmark = pytest.mark.django_db
LIST = "admin:accounts_user_changelist"


@pytest.fixture
def priya(client):
    user = make_user("priya@portal.example", role=roles.ACCESS_OWNERS)
    sign_in(client, user)
    return user


@pytest.fixture
def commit_hooks(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


def address(user):
    return reverse("admin:accounts_user_change", args=[user.pk])


def form_for(user, **changes):
    data = {
        "email": user.email,
        "name": user.name,
        "groups": [group.pk for group in user.groups.all()],
        "expires_on": user.expires_on or "",
        "time_zone": user.time_zone,
        "away_until": "",
        "is_active": "on",
    }
    data |= changes
    return {name: value for name, value in data.items() if value is not None}


def group(name):
    return Group.objects.get(name=name).pk


@pytest.mark.parametrize(
    "role", [roles.ACCOUNT_MANAGERS, roles.MEDIA_BUYERS, roles.AUDITORS]
)
def test_it_lets_other_roles_only_look(client, role):
    user = make_user("other@portal.example", role=role)
    sign_in(client, user)
    assert client.get(reverse(LIST)).status_code == 200
    assert client.get(reverse("admin:accounts_user_add")).status_code == 403
    changes = form_for(user, groups=[group(roles.ACCESS_OWNERS)])
    assert client.post(address(user), changes).status_code == 403


def test_it_lets_nobody_raise_themselves(client, priya):
    changes = form_for(
        priya, groups=[group(name) for name in roles.ROLES], is_superuser="on"
    )
    client.post(address(priya), changes)
    priya = User.objects.get(pk=priya.pk)
    assert priya.role_names == {roles.ACCESS_OWNERS}
    assert not priya.is_superuser


def test_it_lets_nobody_move_their_own_last_day(client, priya):
    client.post(address(priya), form_for(priya, expires_on="2099-01-01"))
    priya.refresh_from_db()
    assert priya.expires_on is None


def test_it_lets_no_access_owner_make_a_superuser(client, priya):
    user = make_user()
    client.post(address(user), form_for(user, is_superuser="on"))
    user.refresh_from_db()
    assert not user.is_superuser


def test_it_keeps_superusers_out_of_an_access_owners_hands(client, priya):
    boss = make_user("boss@portal.example", is_superuser=True)
    changes = form_for(boss, email="priya+boss@portal.example")
    assert client.post(address(boss), changes).status_code == 403


def test_it_deletes_nobody(client, priya):
    url = reverse("admin:accounts_user_delete", args=[make_user().pk])
    assert client.post(url, {"post": "yes"}).status_code == 403


def test_it_offers_no_side_door():
    for model in (EmailAddress, Authenticator, Group):
        assert not admin.site.is_registered(model), model


def test_it_has_no_password_and_no_second_factor_to_take(client, priya):
    user = make_user()
    factor = enrol(user)
    page = client.get(address(user)).content.decode()
    assert 'name="password' not in page
    assert user.password not in page
    assert factor.data["secret"] not in page


def test_it_welcomes_a_new_colleague(client, priya, commit_hooks):
    data = {
        "email": "Tomas@portal.example",
        "name": "Tomás Vega",
        "groups": [group(roles.MEDIA_BUYERS)],
        "expires_on": "",
        "time_zone": "Europe/Lisbon",
    }
    with commit_hooks(execute=True):
        answer = client.post(reverse("admin:accounts_user_add"), data)
    assert answer.status_code == 302
    user = User.objects.get(email="tomas@portal.example")
    assert user.is_staff
    assert not user.has_usable_password()
    assert user.role_names == {roles.MEDIA_BUYERS}
    assert EmailAddress.objects.get(user=user).verified
    assert mail.outbox[-1].to == [user.email]
    told = Event.objects.filter(subject_key=str(user.pk)).order_by("pk")
    assert [event.action for event in told] == ["user.added", "user.welcomed"]


def test_it_says_that_a_colleague_exists(client, priya):
    data = {"email": "PRIYA@portal.example", "name": "P", "time_zone": "UTC"}
    page = client.post(reverse("admin:accounts_user_add"), data)
    assert "A colleague with this address exists" in page.content.decode()


def test_it_sends_the_letter_again(client, priya):
    user = make_user("tomas@portal.example", password=None)
    data = {"action": "send_welcome_again", "_selected_action": [user.pk]}
    client.post(reverse(LIST), data)
    assert len(mail.outbox) == 1


def test_it_says_why_it_sends_no_letter_again(client, priya):
    data = {"action": "send_welcome_again", "_selected_action": [make_user().pk]}
    page = client.post(reverse(LIST), data, follow=True)
    assert "has set a password" in page.content.decode()
    assert mail.outbox == []


def test_it_records_what_changed(client, priya):
    user = make_user(role=roles.MEDIA_BUYERS)
    changes = form_for(user, groups=[group(roles.ACCOUNT_MANAGERS)], is_active=None)
    client.post(address(user), changes)
    event = Event.objects.get(action="user.changed")
    body = json.loads(EventPayload.objects.get(event_id=event.pk).body)
    assert body["before"] == {"groups": ["Media buyers"], "is_active": True}
    assert body["after"] == {"groups": ["Account managers"], "is_active": False}
    assert body["by"] == str(priya)


def test_it_asks_the_database_as_often_for_many_as_for_few(
    client, priya, django_assert_max_num_queries
):
    for number in range(30):
        make_user(f"colleague{number}@portal.example", role=roles.MEDIA_BUYERS)
    with django_assert_max_num_queries(11):
        client.get(reverse(LIST))


def test_it_lets_an_access_owner_make_no_other(client, priya):
    """An approval needs two people, not one with two addresses."""
    mira = make_user("mira@portal.example", role=roles.ACCOUNT_MANAGERS)
    changes = form_for(mira, groups=[group(roles.ACCESS_OWNERS)])
    assert "is not one of the available choices" in (
        client.post(address(mira), changes).content.decode()
    )
    assert User.objects.get(pk=mira.pk).role_names == {roles.ACCOUNT_MANAGERS}


def test_it_keeps_other_access_owners_out_of_reach(client, priya):
    other = make_user("owen@portal.example", role=roles.ACCESS_OWNERS)
    changes = form_for(other, email="mine@portal.example")
    assert client.post(address(other), changes).status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "elsewhere@portal.example"},
        {"groups": [1]},
        {"expires_on": "2099-01-01"},
        {"is_active": None},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_who_is_changed_is_not_known_for_a_week(client, priya, changes):
    person = long_known("old@portal.example")
    if "groups" in changes:
        changes = {"groups": [group(roles.AUDITORS)]}
    assert client.post(address(person), form_for(person, **changes)).status_code == 302
    assert not User.objects.get(pk=person.pk).is_known


def test_another_name_leaves_somebody_known(client, priya):
    person = long_known("old@portal.example")
    client.post(address(person), form_for(person, name="Another Name"))
    person.refresh_from_db()
    assert person.name == "Another Name"
    assert person.is_known


def test_who_is_added_is_not_known_yet(client, priya):
    data = {"email": "new@portal.example", "name": "New", "groups": [1]}
    data |= {"groups": [group(roles.MEDIA_BUYERS)], "time_zone": "Europe/Berlin"}
    client.post(reverse("admin:accounts_user_add"), data)
    assert not User.objects.get(email="new@portal.example").is_known


def test_the_address_somebody_had_hears_of_the_new_one(client, priya, commit_hooks):
    person = long_known("old@portal.example")
    with commit_hooks(execute=True):
        client.post(address(person), form_for(person, email="new@portal.example"))
    assert [letter.to for letter in mail.outbox] == [["old@portal.example"]]
    assert "Priya changed the address" in mail.outbox[0].body
    assert "new@portal.example" not in mail.outbox[0].body


def test_a_save_without_another_address_writes_no_letter(client, priya, commit_hooks):
    person = long_known("old@portal.example")
    with commit_hooks(execute=True):
        client.post(address(person), form_for(person, email="OLD@portal.example"))
        client.post(address(priya), form_for(priya, name="Priya Nair"))
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_it_says_when_the_letter_to_the_old_address_is_refused(client, priya, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    person = long_known("old@portal.example")
    client.post(address(person), form_for(person, email="new@portal.example"))
    page = client.get(reverse(LIST)).text
    assert "The mail server did not take the letter to old@portal.example." in page


def long_known(email):
    person = make_user(email)
    person.date_joined -= dt.timedelta(days=30)
    person.save()
    return person
