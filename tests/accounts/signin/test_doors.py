"""What strangers can try at the doors."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import connection, connections
from django.urls import reverse

from accounts.models import Event, EventPayload, User
from accounts.signin.adapter import EncryptedMFAAdapter
from accounts.vault.errors import VaultError
from tests.accounts.signin.people import (
    code_of,
    enrol,
    give_recovery_codes,
    make_user,
    sign_in,
    type_password,
)
from tests.base import HttpsClient

LIMIT = 5


@pytest.mark.django_db
def test_it_has_no_sign_up(client):
    data = {
        "email": "eve@elsewhere.example",
        "password1": "correct-horse-battery",
        "password2": "correct-horse-battery",
    }
    assert client.post(reverse("account_signup"), data).status_code == 200
    assert not User.objects.exists()


@pytest.mark.django_db
def test_it_lets_nobody_give_themselves_another_address(client):
    user = make_user()
    sign_in(client, user)
    data = {"action_add": "", "email": "mine@elsewhere.example"}
    client.post(reverse("account_email"), data)
    assert EmailAddress.objects.get().email == user.email


@pytest.mark.django_db
def test_it_says_the_same_about_known_and_unknown_addresses(client):
    user = make_user()
    pages = []
    for email in (user.email, "nobody@portal.example"):
        data = {"login": email, "password": "wrong"}
        page = client.post(reverse("account_login"), data).content.decode()
        pages.append(page.replace(email, ""))
    assert pages[0].count("not correct") == pages[1].count("not correct") == 1


@pytest.mark.django_db
def test_it_mails_no_stranger_about_a_password(client):
    address = reverse("account_reset_password")
    client.post(address, {"email": "nobody@portal.example"})
    assert mail.outbox == []


@pytest.mark.django_db
def test_it_limits_guesses_at_one_person_from_any_address(client):
    user = make_user()
    for number in range(LIMIT):
        client.post(
            reverse("account_login"),
            {"login": user.email, "password": "wrong"},
            REMOTE_ADDR=f"192.0.2.{number}",
        )
    type_password(client, user)
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_it_limits_guesses_at_the_second_factor(client):
    user = make_user()
    factor = enrol(user)
    type_password(client, user)
    wrong = f"{(int(code_of(factor)) + 1) % 10**6:06}"
    for _ in range(LIMIT):
        client.post(reverse("mfa_authenticate"), {"code": wrong})
    client.post(reverse("mfa_authenticate"), {"code": code_of(factor)})
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_it_takes_a_code_only_once(client):
    user = make_user()
    factor = enrol(user)
    code = code_of(factor)
    type_password(client, user)
    client.post(reverse("mfa_authenticate"), {"code": code})
    second = HttpsClient()
    type_password(second, user)
    second.post(reverse("mfa_authenticate"), {"code": code})
    assert "_auth_user_id" not in second.session


@pytest.mark.django_db
def test_it_keeps_no_second_factor_in_clear():
    user = make_user()
    factor = enrol(user)
    give_recovery_codes(user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        rows = " ".join(str(row[0]) for row in cursor.fetchall())
    adapter = EncryptedMFAAdapter()
    recovery = Authenticator.objects.get(user=user, type="recovery_codes")
    assert adapter.decrypt(factor.data["secret"]) not in rows
    assert adapter.decrypt(recovery.data["seed"]) not in rows
    with pytest.raises(VaultError):
        adapter.decrypt(factor.data["secret"][:-4] + "AAAA")


@pytest.mark.django_db
def test_it_records_a_refusal_with_the_address_in_the_payload_only(client):
    make_user()
    data = {"login": "mira@portal.example", "password": "a-wrong-password"}
    client.post(reverse("account_login"), data)
    event = Event.objects.get(action="signin.failed")
    body = EventPayload.objects.get(event_id=event.pk).body
    assert json.loads(body)["email"] == "mira@portal.example"
    assert json.loads(body)["reason"] == "wrong password"
    assert "a-wrong-password" not in body
    assert "mira" not in str([getattr(event, f.attname) for f in event._meta.fields])


@pytest.mark.django_db(transaction=True)
def test_it_bounds_parallel_guesses():
    """The limits live in the shared cache: processes and threads count together."""
    user = make_user()

    def guess(number: int) -> bool:
        try:
            page = HttpsClient().post(
                reverse("account_login"),
                {"login": user.email, "password": f"guess-{number}"},
            )
            return b"not correct" in page.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        tried = sum(pool.map(guess, range(24)))
    assert tried <= LIMIT


@pytest.mark.django_db
def test_it_goes_on_without_a_mail_server(client, monkeypatch):
    """A reset asked for while the server is down answers as ever."""

    def refuse(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    user = make_user("mira@portal.example")
    answer = client.post(reverse("account_reset_password"), {"email": user.email})
    assert answer.status_code == 302
