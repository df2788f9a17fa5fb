from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver, reverse

from accounts.signin.factors import Factors
from accounts.signin.gate import ENROL, PROVE, RequireSecondFactor, proof_url
from accounts.signin.public import is_public_page
from tests.accounts.signin.people import (
    PASSWORD,
    code_of,
    enrol,
    give_recovery_codes,
    is_in,
    make_user,
    sign_in,
    type_password,
)
from tests.base import HttpsClient

pytestmark = pytest.mark.django_db


def test_it_denies_a_new_page_to_a_stranger(client):
    response = client.get("/brand-new/")
    assert urlsplit(response.url).path == reverse("account_login")


def test_it_denies_a_new_page_to_a_colleague_without_a_second_factor(client):
    client.force_login(make_user())
    response = client.get("/brand-new/")
    assert response.url == reverse("mfa_index")


def test_it_denies_a_new_page_to_an_enrolled_colleague_without_proof(client):
    user = make_user()
    enrol(user)
    client.force_login(user)
    response = client.get("/brand-new/?page=2")
    assert urlsplit(response.url).path == reverse("mfa_reauthenticate")
    assert parse_qs(urlsplit(response.url).query) == {"next": ["/brand-new/?page=2"]}


def test_it_denies_a_post_and_does_not_come_back_to_it(client):
    user = make_user()
    enrol(user)
    client.force_login(user)
    assert client.post("/brand-new/").url == reverse("mfa_reauthenticate")


def test_it_stops_an_older_password_only_session_once_enrolled_elsewhere(client):
    user = make_user()
    type_password(client, user)
    assert client.get(reverse("mfa_index")).status_code == 200
    elsewhere = HttpsClient()
    sign_in(elsewhere, user)
    assert is_in(elsewhere)
    assert not is_in(client)
    for name in ENROL - PROVE:
        assert client.get(reverse(name)).status_code == 302, name


def test_it_lets_an_older_session_in_after_a_code(client):
    user = make_user()
    type_password(client, user)
    factor = enrol(user)
    client.post(
        reverse("mfa_reauthenticate") + "?next=/brand-new/", {"code": code_of(factor)}
    )
    assert is_in(client)


def test_it_does_not_take_the_password_again_for_a_second_factor(client):
    user = make_user()
    type_password(client, user)
    enrol(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert not is_in(client)


def test_it_does_not_count_recovery_codes_as_a_second_factor(client):
    user = make_user()
    codes = give_recovery_codes(user)
    type_password(client, user)
    assert client.get("/brand-new/").url == reverse("mfa_index")
    client.post(reverse("mfa_reauthenticate"), {"code": codes[0]})
    assert not is_in(client)


def test_it_takes_a_recovery_code_in_place_of_a_lost_phone(client):
    user = make_user()
    enrol(user)
    codes = give_recovery_codes(user)
    type_password(client, user)
    client.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert is_in(client)


def test_it_forgets_a_proof_by_an_authenticator_that_is_gone(client):
    user = make_user()
    sign_in(client, user).delete()
    enrol(user)
    assert not is_in(client)


def test_it_keeps_a_session_out_after_a_wrong_code(client):
    user = make_user()
    factor = enrol(user)
    type_password(client, user)
    wrong = f"{(int(code_of(factor)) + 1) % 10**6:06}"
    client.post(reverse("mfa_authenticate"), {"code": wrong})
    assert not is_in(client)


def test_it_asks_for_the_passkey_where_no_code_can_be_typed(rf):
    user = make_user()
    Authenticator.objects.create(user=user, type="webauthn", data={})
    request = rf.get("/brand-new/")
    request.user = user
    address = reverse("mfa_reauthenticate_webauthn")
    assert urlsplit(proof_url(request, Factors.of(user))).path == address


def test_it_lets_a_session_pass_that_used_its_second_factor(client):
    sign_in(client, make_user())
    assert is_in(client)


def test_it_opens_public_pages_to_strangers_and_to_colleagues_on_the_way_in(client):
    assert client.get("/for-anybody/").content == b"outside"
    client.force_login(make_user())
    assert client.get("/for-anybody/").content == b"outside"


def test_it_ends_other_sessions_when_the_password_changes(client):
    user = make_user()
    sign_in(client, user)
    user.set_password("another-long-password")
    user.save()
    assert client.get(reverse("mfa_index")).status_code == 302


def test_it_sends_the_admins_own_doors_to_ours(client):
    assert urlsplit(client.get(reverse("admin:login")).url).path == reverse(
        "account_login"
    )
    data = {"username": make_user().email, "password": PASSWORD}
    client.post(reverse("admin:login"), data)
    assert "_auth_user_id" not in client.session
    sign_in(client, get_user_model().objects.get())
    change = client.get(reverse("admin:password_change"))
    assert change.url == reverse("account_change_password")
    assert client.post(reverse("admin:logout")).url == reverse("account_logout")


def all_views() -> Iterator[tuple[str, URLPattern]]:
    def walk(patterns, namespaces):
        for entry in patterns:
            if isinstance(entry, URLPattern):
                yield ":".join([*namespaces, entry.name or ""]), entry
            else:
                inner = [entry.namespace] if entry.namespace else []
                yield from walk(entry.url_patterns, [*namespaces, *inner])

    return walk(get_resolver().url_patterns, [])


@pytest.mark.parametrize("is_enrolled", [False, True])
def test_it_denies_every_address_that_is_not_listed(is_enrolled):
    user = make_user()
    if is_enrolled:
        enrol(user)
    gate = RequireSecondFactor(lambda request: HttpResponse())
    opened = set()
    for name, entry in all_views():
        request = RequestFactory().get("/somewhere/")
        request.user, request.session = user, SessionStore()
        record_authentication(request, user, method="password")
        request.resolver_match = type("Match", (), {"view_name": name})()
        is_open = gate.process_view(request, entry.callback, (), {}) is None
        if is_open and not is_public_page(entry.callback):
            opened.add(name)
    assert opened == (PROVE if is_enrolled else ENROL)
