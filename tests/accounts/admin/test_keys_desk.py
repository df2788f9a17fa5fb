"""The keys' desk names only the clients a colleague sees."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Client, Connection, SparkAuthorization, User
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

LIST = "admin:accounts_connection_changelist"
OVER = SparkAuthorization.State.WITHDRAWN


@pytest.mark.parametrize("field", ["consents", "consents__client", "vault_ref"])
def test_no_field_but_a_filters_own_narrows_the_list(
    desk: HttpsClient, factory: Factory, aurora: Client, field: str
) -> None:
    """Whether a shared login's list comes out empty would tell whom else it serves."""
    login = factory.make_consent(client=aurora).connection
    theirs = factory.make_consent(connection=login)
    keys = {"consents": theirs.pk, "consents__client": theirs.client_id}
    page = desk.get(reverse(LIST), {field: keys.get(field, "")})
    assert page.status_code == 400
    assert desk.get(reverse(LIST), {"end": "never"}).status_code == 200


def test_a_login_of_two_clients_names_to_each_their_own(
    desk: HttpsClient, factory: Factory, aurora: Client, priya: User
) -> None:
    other = factory.make_client(name="Borealis Books")
    login = factory.make_connection(label="Sofia Marin")
    factory.make_consent(connection=login, client=aurora)
    factory.make_consent(connection=login, client=other)
    assert "Aurora Wines" in desk.get(reverse(LIST)).text
    page = reverse("admin:accounts_connection_change", args=[login.pk])
    for url in (reverse(LIST), page):
        assert "Borealis" not in desk.get(url).text
        assert "Borealis" in browser_of(priya).get(url).text


def test_our_own_login_is_for_those_who_see_all(
    desk: HttpsClient, factory: Factory, priya: User
) -> None:
    ours = factory.make_consent(user=priya).connection
    page = reverse("admin:accounts_connection_change", args=[ours.pk])
    assert desk.get(page).status_code == 404
    assert browser_of(priya).get(page).status_code == 200


def test_an_ended_key_stays_with_those_it_served_and_with_nobody_else(
    desk: HttpsClient, factory: Factory, aurora: Client
) -> None:
    """What is over leaves the desk's list of what ended as little as the trail."""
    kind, revoked = Connection.Kind.CREATOR, Connection.State.REVOKED
    ended = factory.make_connection(label="Aino Virta", kind=kind, state=revoked)
    foreign = factory.make_connection(label="Nora Conti", kind=kind, state=revoked)
    alive = factory.make_connection(label="Otto Laine", kind=kind)
    factory.make_authorization(connection=foreign, state=OVER)
    factory.make_authorization(connection=alive)
    for key in (ended, alive):
        factory.make_authorization(client=aurora, connection=key, state=OVER)
    listed = desk.get(reverse(LIST), {"end": "over"}).context["cl"].result_list
    assert list(listed) == [ended]
    for key, answer in ((ended, 200), (foreign, 404), (alive, 404)):
        page = reverse("admin:accounts_connection_change", args=[key.pk])
        assert desk.get(page).status_code == answer
