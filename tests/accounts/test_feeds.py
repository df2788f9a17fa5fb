"""A colleague's calendar address: who reads by it, what, and when no longer."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.flows import feeds
from accounts.models import CalendarFeed, Client, EventPayload, SparkAuthorization, User
from tests.base import HttpsClient
from tests.factory import Factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def halden(factory: Factory) -> Client:
    return factory.make_client(name="Halden Outdoor")


@pytest.fixture
def mira(factory: Factory, halden: Client) -> User:
    return factory.make_user(name="Mira Okafor", serves=halden)


@pytest.fixture
def post(factory: Factory, halden: Client) -> Any:
    """A code that ends 9 days before its campaign."""
    creator = factory.make_creator(
        name="Aino Virta", handle="aino", email="a@b.example"
    )
    days = dt.timedelta(days=29)
    authorization = factory.make_authorization(
        client=halden,
        creator=creator,
        campaign="Fjell launch",
        campaign_ends_on=timezone.localdate() + days,
    )
    ends_at = timezone.now() + dt.timedelta(days=20)
    return factory.make_post(
        authorization=authorization, title="Fjell jacket", ends_at=ends_at
    )


def fetch(token: str) -> Any:
    return HttpsClient().get(reverse("calendar_feed", args=[token]))


def titles(token: str) -> list[str]:
    events = Calendar.from_ical(fetch(token).text).walk("VEVENT")
    return sorted(str(event["SUMMARY"]) for event in events)


def test_an_address_nobody_made_tells_nothing(mira: User) -> None:
    answer = fetch("x" * 43)
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/plain")


def test_a_revoked_address_looks_like_one_nobody_made(mira: User) -> None:
    token = feeds.make(mira)
    assert feeds.revoke(mira)
    assert fetch(token).content == fetch("x" * 43).content
    assert fetch(token).status_code == 404


def test_a_new_address_ends_the_one_before(mira: User, post: Any) -> None:
    before, now = feeds.make(mira), feeds.make(mira)
    assert fetch(before).status_code == 404
    assert fetch(now).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"is_active": False},
        {"expires_on": dt.date(2020, 1, 1)},
    ],
)
def test_it_ends_with_the_colleagues_own_sign_in(
    mira: User, change: dict[str, Any]
) -> None:
    token = feeds.make(mira)
    User.objects.filter(pk=mira.pk).update(**change)
    assert fetch(token).status_code == 404


def test_it_ends_with_the_role(mira: User) -> None:
    token = feeds.make(mira)
    mira.groups.clear()
    assert fetch(token).status_code == 404


def test_only_what_they_see_today_is_in_it(
    mira: User, post: Any, factory: Factory
) -> None:
    factory.make_post(title="A stranger's")
    token = feeds.make(mira)
    assert titles(token) == ["Campaign ends: Fjell launch", "Code ends: Fjell jacket"]
    mira.assignments.update(until=dt.date(2020, 1, 1))
    assert titles(token) == []


@pytest.mark.parametrize("state", SparkAuthorization.OVER)
def test_the_campaign_of_what_is_over_is_not_in_it(
    mira: User, post: Any, state: str
) -> None:
    SparkAuthorization.objects.update(state=state)
    assert titles(feeds.make(mira)) == ["Code ends: Fjell jacket"]


def test_it_says_how_early_a_code_ends_and_gives_no_code_and_no_address(
    mira: User, post: Any
) -> None:
    answer = fetch(feeds.make(mira))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    unfolded = answer.text.replace("\r\n ", "")
    assert "9 days before the campaign" in unfolded
    assert post.code_end not in unfolded
    assert not re.search(r"\S@\w+\.\w+", unfolded)


def test_an_event_keeps_its_uid_from_fetch_to_fetch(mira: User, post: Any) -> None:
    token = feeds.make(mira)
    assert fetch(token).content == fetch(token).content
    assert f"UID:urn:uuid:{post.pk}" in fetch(token).text


def test_the_books_keep_only_a_fingerprint(mira: User) -> None:
    token = feeds.make(mira)
    kept = str(list(CalendarFeed.objects.values()))
    told = str(list(EventPayload.objects.values_list("body", flat=True)))
    assert token not in kept + told
    fetch(token)
    assert CalendarFeed.objects.get().last_fetched_at is not None


def test_the_page_shows_it_once(mira: User) -> None:
    browser = HttpsClient()
    browser.sign_in(mira)
    page = reverse("admin:accounts_post_feed")
    made = browser.post(page)
    [address] = re.findall(r"/feeds/[\w-]{43}\.ics", made.text)
    assert address not in browser.get(page).text
    assert HttpsClient().get(address).status_code == 200
    browser.post(reverse("admin:accounts_post_feed_revoke"))
    assert HttpsClient().get(address).status_code == 404
