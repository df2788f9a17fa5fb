"""The trail's desk: sentences, newest first, read and never written."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.models import Client, Event, User
from accounts.trail import Actor, record
from audit.admin import trail
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

LIST = "admin:accounts_event_changelist"


def tell(client: Client | None, action: str = "client.moved", **data: Any) -> Event:
    with transaction.atomic():
        return record(
            action, by=Actor.system(), subject=client, client=client, data=data
        )


@pytest.fixture
def event(aurora: Client) -> Event:
    return tell(aurora, status="Onboarding")


def page_of(event: Event) -> str:
    return reverse("admin:accounts_event_change", args=[event.pk])


@pytest.mark.parametrize("name", ["mira", "priya", "noa"])
def test_nobody_writes_on_it(event: Event, request, name: str) -> None:
    browser = browser_of(request.getfixturevalue(name))
    assert browser.get(reverse("admin:accounts_event_add")).status_code == 403
    assert browser.post(page_of(event), {"action": "x"}).status_code == 403
    delete = reverse("admin:accounts_event_delete", args=[event.pk])
    assert browser.post(delete, {"post": "yes"}).status_code == 403
    event.refresh_from_db()
    assert event.action == "client.moved"


def test_it_shows_no_strangers_event(desk: HttpsClient, factory: Factory) -> None:
    other = factory.make_client(name="Borealis Books")
    theirs = tell(other, status="Active")
    assert desk.get(page_of(theirs)).status_code == 404
    for query in ("", f"?client_key={other.pk}", f"?subject_key={other.pk}"):
        assert "Borealis" not in desk.get(reverse(LIST) + query).text


def test_it_shows_the_houses_own_events_to_those_who_see_all(
    desk: HttpsClient, noa: User
) -> None:
    ours = tell(None, "vault.rotated")
    assert desk.get(page_of(ours)).status_code == 404
    assert browser_of(noa).get(page_of(ours)).status_code == 200


def test_it_is_closed_to_media_buyers(factory: Factory, event: Event) -> None:
    browser = browser_of(factory.make_user(role="Media buyers"))
    assert browser.get(reverse(LIST)).status_code == 403


def test_it_reads_as_sentences(desk: HttpsClient, event: Event) -> None:
    assert "Aurora Wines is now: Onboarding." in desk.get(reverse(LIST)).text
    assert desk.get(page_of(event)).status_code == 200


def test_it_begins_with_the_newest(desk: HttpsClient, aurora: Client) -> None:
    tell(aurora, status="First word")
    tell(aurora, status="Last word")
    page = desk.get(reverse(LIST)).text
    assert page.index("Last word") < page.index("First word")


def test_it_leads_to_one_clients_story(noa: User, event: Event, factory) -> None:
    tell(factory.make_client(name="Borealis Books"), status="Active")
    url = f"{reverse(LIST)}?client_key={event.client_key}"
    page = browser_of(noa).get(url).text
    assert "Aurora Wines is now" in page
    assert "Borealis" not in page


def test_it_counts_no_further_than_anybody_pages(
    noa: User, aurora: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "MOST_COUNTED", 3)
    for _ in range(5):
        tell(aurora, status="Active")
    page = browser_of(noa).get(reverse(LIST))
    assert page.context["cl"].result_count == 3
