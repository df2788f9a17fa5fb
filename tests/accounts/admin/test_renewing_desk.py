"""Renewing a key by hand: only where its platform lets us, and with a clear answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.flows import refresh
from accounts.models import Client, Connection
from accounts.outbound import OutboundError
from accounts.trail import Actor, record_all
from tests.base import HttpsClient
from tests.factory import Factory

CREATOR = Connection.Kind.CREATOR


def page_of(key: Connection) -> str:
    return reverse("admin:accounts_connection_change", args=[key.pk])


def door_of(key: Connection) -> str:
    return reverse("admin:accounts_refresh", args=[key.pk])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """Keep what is asked to renew, in place of the platform."""
    keys: list[Connection] = []
    monkeypatch.setattr(refresh, "now", lambda key, *, by: keys.append(key))
    return keys


def test_a_login_key_has_no_button_and_nothing_is_asked(
    desk: HttpsClient, factory: Factory, aurora: Client, asked: list[Connection]
) -> None:
    key = factory.make_consent(client=aurora).connection
    assert "Renew now" not in desk.get(page_of(key)).text
    answer = desk.post(door_of(key), follow=True)
    assert "does not renew itself" in answer.text
    assert asked == []


def test_a_key_nobody_may_see_is_not_there(
    desk: HttpsClient, factory: Factory, asked: list[Connection]
) -> None:
    key = factory.make_consent(connection=factory.make_connection(kind=CREATOR))
    assert desk.post(door_of(key.connection)).status_code == 404
    assert asked == []


def test_a_creators_key_is_renewed_and_the_next_time_is_said(
    desk: HttpsClient, factory: Factory, aurora: Client, asked: list[Connection]
) -> None:
    key = factory.make_connection(kind=CREATOR)
    factory.make_consent(connection=key, client=aurora)
    assert "Renew now" in desk.get(page_of(key)).text
    assert "Renewed just now." in desk.post(door_of(key), follow=True).text
    assert asked == [key]


def test_what_stands_in_the_way_is_said(
    desk: HttpsClient,
    factory: Factory,
    aurora: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise OutboundError("It is being renewed. Try again.", permanent=False)

    monkeypatch.setattr(refresh, "now", busy)
    key = factory.make_connection(kind=CREATOR)
    factory.make_consent(connection=key, client=aurora)
    assert "It is being renewed." in desk.post(door_of(key), follow=True).text


def test_what_was_sent_twice_is_counted(
    desk: HttpsClient, factory: Factory, aurora: Client
) -> None:
    key = factory.make_connection(kind=CREATOR)
    factory.make_consent(connection=key, client=aurora)
    assert "Sent twice" not in desk.get(page_of(key)).text
    Connection.objects.update(resends=2)
    assert "2 renewals: nobody knew" in desk.get(page_of(key)).text


def test_a_dead_ones_page_holds_the_letter_to_its_creator(
    desk: HttpsClient, factory: Factory, aurora: Client
) -> None:
    creator = factory.make_creator(name="Aino Virta", email="aino@creator.example")
    key = factory.make_connection(kind=CREATOR)
    whose = {"purpose": "creator", "client": None, "creator": creator}
    factory.make_consent(connection=key, **whose)
    for client in (aurora, factory.make_client(name="Borealis Books")):
        factory.make_authorization(client=client, creator=creator, connection=key)
    assert "no longer works" not in desk.get(page_of(key)).text
    Connection.objects.update(state=Connection.State.NEEDS_REAUTHORIZATION)
    page = desk.get(page_of(key)).text
    assert "Hello Aino," in page
    assert "the permission you gave us on TikTok for Aurora Wines no longer" in page
    assert "We send you a fresh link." in page
    assert 'href="mailto:aino@creator.example' in page
    assert "Borealis" not in page


def test_a_renewal_by_hand_stands_once_in_the_story_and_routine_ones_do_not(
    desk: HttpsClient, owners_desk: HttpsClient, factory: Factory, aurora: Client
) -> None:
    key = factory.make_connection(kind=CREATOR, label="Aino Virta")
    others = factory.make_client(name="Borealis Books")
    for client in (aurora, others):
        factory.make_authorization(client=client, connection=key)
    jonas = Actor.staff(factory.make_user(name="Jonas Lind"))
    told = [(key, {"label": str(key)})]
    with transaction.atomic():
        for by, clients in ((jonas, (aurora, others)), (refresh.BY, (None,))):
            record_all("connection.refreshed", told, by=by, clients=clients)
    for browser in (desk, owners_desk):
        page = browser.get(page_of(key)).text
        assert page.count("Jonas Lind renewed Aino Virta&#x27;s key.") == 1
        assert "2 times" not in page
        assert "The portal renewed" not in page
    trail = desk.get(reverse("admin:accounts_event_changelist")).text
    assert trail.count("Jonas Lind renewed") == 1
