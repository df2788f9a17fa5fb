"""Whose clock tells a moment: the colleague's, the contact's, the agency's."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client, Contact, User
from accounts.trail import Actor
from accounts.zones import day_word
from onboarding.admin.forms import AskForm
from onboarding.flows import links, requests
from onboarding.models import AccessLink, AccessRequest
from onboarding.words import clock_of
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

UTC = dt.UTC
# Berlin leaves summer time in the night to the 25th.
AUTUMN = dt.datetime(2031, 10, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def aurora(factory: Factory) -> Client:
    return factory.make_client(name="Aurora Wines", time_zone="Europe/Berlin")


@pytest.fixture
def sofia(factory: Factory, aurora: Client) -> Contact:
    """Who decides at Aurora Wines lives in Tokyo."""
    return factory.make_contact(client=aurora, name="Sofia", time_zone="Asia/Tokyo")


@pytest.fixture
def mira(factory: Factory, aurora: Client) -> User:
    """Their account manager lives in New York."""
    return factory.make_user(name="Mira", serves=aurora, time_zone="America/New_York")


@pytest.fixture
def asked(factory: Factory, sofia: Contact, mira: User) -> AccessRequest:
    return factory.make_item(
        request=factory.make_request(
            client=sofia.client,
            contact=sofia,
            asked_by=mira,
            closes_at=timezone.now().replace(hour=18, minute=30)
            + dt.timedelta(days=40),
        )
    ).request


def told(moment: dt.datetime, zone: str) -> str:
    there = moment.astimezone(zoneinfo.ZoneInfo(zone))
    year = f" {there.year}" if there.year != timezone.now().year else ""
    return f"{there:%-d %B}{year}, {there:%H:%M} {zone}"


def the_page(asked: AccessRequest, **more: Any) -> str:
    handed = links.hand_out(asked, AccessLink.HandOut.COPY, by=Actor.system(), **more)
    page: str = HttpsClient().get(f"/l/{handed.url.split('/')[-2]}/").text
    return page


class TestPagesForClients:
    def test_the_end_is_told_by_the_contacts_clock(self, asked: AccessRequest) -> None:
        assert told(asked.closes_at, "Asia/Tokyo") in the_page(asked)

    def test_another_holder_reads_it_by_theirs(
        self, asked: AccessRequest, factory: Factory
    ) -> None:
        ola = factory.make_contact(client=asked.client, time_zone="Pacific/Auckland")
        assert told(asked.closes_at, "Pacific/Auckland") in the_page(asked, contact=ola)

    @pytest.mark.parametrize(
        ("contacts", "clients", "then"),
        [
            ("Asia/Tokyo", "Europe/Berlin", "Asia/Tokyo"),
            ("", "Europe/Berlin", "Europe/Berlin"),
            ("Mars/Olympus", "Europe/Berlin", "Europe/Berlin"),
            ("", "", "UTC"),
        ],
    )
    def test_the_company_answers_for_a_contact_without_a_zone(
        self, asked: AccessRequest, contacts: str, clients: str, then: str
    ) -> None:
        asked.contact.time_zone, asked.client.time_zone = contacts, clients
        assert str(clock_of(asked)) == then

    def test_the_letter_tells_it_by_the_readers_clock(
        self, asked: AccessRequest
    ) -> None:
        links.mail(asked, asked.contact, by=Actor.system())
        letter: Any = mail.outbox[0]
        for text in (letter.body, letter.alternatives[0][0]):
            assert told(asked.closes_at, "Asia/Tokyo") in text

    def test_one_clients_clock_does_not_stay_for_the_next(
        self, asked: AccessRequest
    ) -> None:
        the_page(asked)
        assert timezone.get_current_timezone_name() == "UTC"


class TestDesks:
    def page(self, user: User, asked: AccessRequest) -> str:
        url = reverse("admin:onboarding_accessrequest_change", args=[asked.pk])
        page: str = browser_of(user).get(url).text
        return page

    def test_a_colleague_reads_their_own_clock_and_its_name(
        self, asked: AccessRequest, mira: User
    ) -> None:
        page = self.page(mira, asked)
        assert "Times by your clock: America/New_York" in page

    def test_both_clocks_tell_the_end_where_they_differ(
        self, asked: AccessRequest, mira: User
    ) -> None:
        page = self.page(mira, asked)
        ours = asked.closes_at.astimezone(mira.zone)
        said = f"{day_word(ours.date())}, {ours:%H:%M} America/New_York; for Sofia"
        assert said in page
        there = asked.closes_at.astimezone(zoneinfo.ZoneInfo("Asia/Tokyo"))
        assert f"{day_word(there.date())}, {there:%H:%M} Asia/Tokyo" in page

    def test_one_clock_tells_it_where_they_agree(
        self, asked: AccessRequest, mira: User
    ) -> None:
        User.objects.update(time_zone="Asia/Tokyo")
        assert "for Sofia" not in self.page(mira, asked)

    def test_a_moment_says_its_zone_when_pointed_at(
        self, asked: AccessRequest, mira: User
    ) -> None:
        requests.close(asked, "cancelled", by=Actor.staff(mira))
        there = timezone.now().astimezone(mira.zone)
        assert f'title="{there:%-d %B}, ' in self.page(mira, asked)


class TestLastDay:
    """The last day of a link ends at 23:59 by the clock of whoever asks."""

    @pytest.mark.parametrize(
        ("day", "zone", "moment"),
        [
            ("2031-10-25", "Europe/Berlin", "2031-10-25T21:59"),  # summer time
            ("2031-10-26", "Europe/Berlin", "2031-10-26T22:59"),  # ends that morning
            ("2031-10-27", "Europe/Berlin", "2031-10-27T22:59"),
            ("2031-11-02", "America/New_York", "2031-11-03T04:59"),
            ("2031-10-25", "Pacific/Auckland", "2031-10-25T10:59"),
        ],
    )
    def test_it_ends_right_where_a_day_has_23_or_25_hours(
        self,
        sofia: Contact,
        factory: Factory,
        monkeypatch: pytest.MonkeyPatch,
        day: str,
        zone: str,
        moment: str,
    ) -> None:
        data = {
            "platform": "tiktok",
            "role": "operator",
            "contact": str(sofia.pk),
            "receiver": str(factory.make_receiver().pk),
            "closes_on": day,
            "keep_token": "keep",
            "method": "link",
        }
        monkeypatch.setattr(timezone, "now", lambda: AUTUMN)
        with timezone.override(zone):
            form = AskForm(data, client=sofia.client)
            assert form.is_valid(), form.errors
            ends = form.wish().closes_at
        assert ends == dt.datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_a_last_day_of_the_house_does_not_hang_on_who_looks(
    factory: Factory, mira: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tomorrow in Auckland already; the agency's clock decides."""
    evening = dt.datetime(2031, 10, 24, 20, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: evening)
    assignment = factory.make_assignment(until=dt.date(2031, 10, 24))
    with timezone.override("Pacific/Auckland"):
        assert assignment.is_live
        assert type(assignment).objects.live().filter(pk=assignment.pk).exists()
