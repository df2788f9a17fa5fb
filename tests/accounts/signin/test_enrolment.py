"""A new colleague's first minutes, and what the trail keeps of them."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.urls import reverse

from accounts.models import Event
from tests.accounts.signin.people import (
    PASSWORD,
    code_of,
    enrol,
    is_in,
    make_user,
    sign_in,
    type_password,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("commit_at_once")]


@pytest.fixture
def commit_at_once(monkeypatch):
    """The test's transaction never commits: run what waits for it in the request."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda act, **_: act())


def add_app(client):
    """Add an authenticator app the way a person does; return the last answer."""
    client.get(reverse("mfa_activate_totp"))
    secret = client.session[totp.SECRET_SESSION_KEY]
    value = totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time()))
    code = totp.format_hotp_value(value)
    return client.post(reverse("mfa_activate_totp"), {"code": code})


def actions():
    return list(Event.objects.order_by("pk").values_list("action", flat=True))


def test_it_asks_the_password_again_when_it_was_typed_long_ago(client, monkeypatch):
    type_password(client, make_user())
    monkeypatch.setattr("accounts.signin.adapter.time.time", lambda: 9e9)
    page = client.get(reverse("mfa_activate_totp"))
    assert page.url.startswith(reverse("account_reauthenticate"))


def test_it_asks_a_code_before_a_second_phone_is_added(client):
    user = make_user()
    sign_in(client, user)
    page = client.get(reverse("mfa_add_webauthn"))
    assert page.url.startswith(reverse("mfa_reauthenticate"))
    page = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert page.url.startswith(reverse("mfa_reauthenticate"))


def test_it_lets_a_new_colleague_in_after_adding_an_app(client):
    user = make_user()
    assert type_password(client, user).url == reverse("admin:index")
    page = add_app(client)
    assert page.url == reverse("mfa_view_recovery_codes")
    assert client.get(page.url).status_code == 200
    assert is_in(client)
    assert totp.SECRET_SESSION_KEY not in client.session


def test_it_keeps_a_session_that_renewed_its_recovery_codes(client):
    user = make_user()
    type_password(client, user)
    add_app(client)
    client.post(reverse("mfa_generate_recovery_codes"))
    assert is_in(client)


def test_it_closes_again_when_the_last_second_factor_is_taken_off(client):
    type_password(client, make_user())
    add_app(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()
    assert not is_in(client)


def test_it_records_each_step(client):
    user = make_user()
    type_password(client, user)
    add_app(client)
    assert actions() == ["signin.ok", "second_factor.added", "second_factor.added"]


def test_it_mails_the_person_about_a_new_second_factor(client):
    user = make_user()
    type_password(client, user)
    add_app(client)
    assert [letter.to for letter in mail.outbox] == [[user.email]]


def test_it_records_a_wrong_code(client):
    user = make_user()
    factor = enrol(user)
    type_password(client, user)
    wrong = f"{(int(code_of(factor)) + 1) % 10**6:06}"
    client.post(reverse("mfa_authenticate"), {"code": wrong})
    assert actions()[-1] == "signin.failed"


def test_it_records_a_changed_password(client):
    user = make_user()
    sign_in(client, user)
    data = {
        "oldpassword": PASSWORD,
        "password1": "a-brand-new-password",
        "password2": "a-brand-new-password",
    }
    client.post(reverse("account_change_password"), data)
    assert actions()[-1] == "user.password_changed"
    assert is_in(client)
