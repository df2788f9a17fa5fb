from __future__ import annotations

import datetime as dt
import re
import time
from urllib.parse import quote

import pytest
from django.core import mail, signing
from django.urls import reverse

from accounts.models import Event, User
from accounts.outbound.redact import redact
from accounts.signin.invitations import (
    VALID_FOR,
    WelcomeError,
    read_link,
    set_first_password,
    welcome,
)
from tests.accounts.signin.people import PASSWORD, is_in, make_user, type_password

pytestmark = pytest.mark.django_db
CHOICE = "a-password-of-my-own"


@pytest.fixture
def newcomer():
    return make_user("tomas@portal.example", password=None, name="Tomás Vega")


@pytest.fixture
def link(newcomer):
    welcome(newcomer, by=make_user("priya@portal.example"))
    return mailed_link()


def mailed_link() -> str:
    found = re.search(r"https://portal\.example(/\S+)", mail.outbox[-1].body)
    assert found
    return found[1]


def token_of(link: str) -> str:
    return link.rstrip("/").rsplit("/", 1)[1]


def choose(client, password=CHOICE):
    data = {"new_password1": password, "new_password2": password}
    return client.post(reverse("signin_set_password"), data)


def test_it_refuses_a_made_up_link(client):
    assert client.get(reverse("signin_welcome", args=["made-up"])).status_code == 410
    assert client.get(reverse("signin_set_password")).status_code == 410


@pytest.mark.parametrize("content", [None, "x", ["x", "y"], ["x"], [1, 2], {}])
def test_it_refuses_signed_nonsense(content):
    assert read_link(signing.dumps(content, salt="accounts.signin.welcome")) is None


def test_it_works_once(client, link, newcomer):
    client.get(link)
    assert choose(client).url == reverse("account_login")
    assert client.get(link).status_code == 410
    assert set_first_password(token_of(link), "another-long-password") is None
    newcomer.refresh_from_db()
    assert newcomer.check_password(CHOICE)


def test_it_ends_after_three_days(client, link, monkeypatch):
    later = time.time() + VALID_FOR.total_seconds() + 1
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert client.get(link).status_code == 410


def test_it_ends_with_a_newer_letter(client, link, newcomer):
    welcome(newcomer, by=User.objects.get(email="priya@portal.example"))
    assert client.get(link).status_code == 410
    assert client.get(mailed_link()).status_code == 302


def test_it_ends_with_a_new_address(client, link, newcomer):
    newcomer.refresh_from_db()
    newcomer.email = "tomas.vega@portal.example"
    newcomer.save()
    assert client.get(link).status_code == 410


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"expires_on": dt.date(2020, 1, 1)}]
)
def test_it_ends_with_the_right_to_sign_in(client, link, change):
    User.objects.filter(email="tomas@portal.example").update(**change)
    assert client.get(link).status_code == 410


def test_it_refuses_a_weak_password(client, link, newcomer):
    client.get(link)
    assert choose(client, "tomas").status_code == 200
    newcomer.refresh_from_db()
    assert not newcomer.has_usable_password()


def test_it_changes_nothing_when_only_opened(client, link):
    for _ in range(3):
        client.get(link)
        client.head(link)
    assert read_link(token_of(link)) is not None


def test_it_keeps_the_link_out_of_addresses_and_of_the_database(client, link):
    response = client.get(link)
    assert response.url == reverse("signin_set_password")
    assert "sessionid" not in client.cookies
    assert client.cookies["welcome"]["httponly"]


def test_it_signs_out_whoever_was_here_and_lets_nobody_in_by_itself(client, link):
    client.force_login(User.objects.get(email="priya@portal.example"))
    client.get(link)
    choose(client)
    assert "_auth_user_id" not in client.session


def test_it_leads_to_sign_in_and_enrolment(client, link, newcomer):
    client.get(link)
    choose(client)
    newcomer.refresh_from_db()
    type_password(client, newcomer, CHOICE)
    assert not is_in(client)
    assert client.get("/brand-new/").url == reverse("mfa_index")


def test_it_records_the_letter_and_the_password(client, link):
    client.get(link)
    choose(client)
    actions = list(Event.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["user.welcomed", "user.password_set"]


def test_it_writes_no_letter_to_those_who_have_a_password():
    with pytest.raises(WelcomeError, match="has set a password"):
        welcome(make_user(password=PASSWORD), by=make_user("priya@portal.example"))


def test_it_writes_no_letter_to_those_who_may_not_sign_in(newcomer):
    newcomer.is_active = False
    newcomer.save()
    with pytest.raises(WelcomeError, match="may not sign in"):
        welcome(newcomer, by=make_user("priya@portal.example"))
    assert mail.outbox == []


def test_it_says_so_when_the_mail_server_refuses(newcomer, monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
    with pytest.raises(WelcomeError, match="did not take"):
        welcome(newcomer, by=make_user("priya@portal.example"))
    assert not Event.objects.exists()


def test_it_names_who_added_them_and_the_days(link):
    letter = mail.outbox[-1]
    assert letter.to == ["tomas@portal.example"]
    assert "Priya" in letter.body
    assert "3 days" in letter.body
    assert "\n" not in letter.subject


@pytest.mark.parametrize("path", ["{link}", "/accounts/password/reset/key/{token}/"])
def test_it_keeps_links_out_of_the_logs(link, path):
    token = token_of(link)
    line = f'"GET {path.format(link=link, token=token)} HTTP/1.1" 302'
    assert token not in redact(line)
    assert token[:20] not in redact(f"next={quote(line)}")
