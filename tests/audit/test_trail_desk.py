"""The trail's desk: sentences, newest first, read and never written."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.flows.spark_moving import tell as tell_of
from accounts.models import Client, Event, User
from accounts.rows import MOST_ROWS
from accounts.spark_rows import page_of as page_of_spark
from accounts.trail import Actor, record
from accounts.trail.context import request_scope
from audit.admin import searching, trail
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
    for query in ("", f"?client_key={other.pk}"):
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


def test_a_story_longer_than_its_card_leads_to_all_of_it(
    desk: HttpsClient, aurora: Client, factory: Factory
) -> None:
    asked, other = (factory.make_authorization(client=aurora) for _ in range(2))
    theirs = factory.make_authorization()
    told = [f"Aino {number}" for number in range(MOST_ROWS + 1)]
    with transaction.atomic():
        for one, labels in ((asked, told), (other, told[:-1]), (theirs, told)):
            for label in labels:
                tell_of(one, "spark.connected", Actor.system(), label=label)
    way = f"{reverse(LIST)}?about=accounts.sparkauthorization%3A{asked.pk}"
    assert f'href="{way}">All of it' in desk.get(page_of_spark(asked)).text
    assert "All of it" not in desk.get(page_of_spark(other)).text
    page = desk.get(way)
    assert str(asked) in page.text
    assert page.context["cl"].result_count == len(told)
    foreign = desk.get(
        reverse(LIST), {"about": f"accounts.sparkauthorization:{theirs.pk}"}
    )
    assert foreign.context["cl"].result_count == 0
    assert str(theirs) not in foreign.text


def test_it_counts_no_further_than_anybody_pages(
    noa: User, aurora: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "MOST_COUNTED", 3)
    for _ in range(5):
        tell(aurora, status="Active")
    page = browser_of(noa).get(reverse(LIST))
    assert page.context["cl"].result_count == 3


def found(user: User, query: str) -> list[str]:
    """Return what the list says under this query, newest first."""
    page = browser_of(user).get(f"{reverse(LIST)}?{query}")
    assert page.status_code == 200
    return [event.said for event in page.context["cl"].result_list]


class TestSearching:
    @pytest.fixture(autouse=True)
    def story(self, aurora: Client, mira: User, priya: User, factory: Factory) -> None:
        borealis = factory.make_client(name="Borealis Books")
        factory.make_assignment(client=borealis, user=priya)
        for client, user in ((aurora, mira), (borealis, priya)):
            with transaction.atomic():
                record(
                    "client.moved",
                    by=Actor.staff(user),
                    subject=client,
                    client=client,
                    data={"status": "Active"},
                )
        tell(aurora, "trail.probed")

    def test_it_finds_no_strangers_story_by_any_name(self, mira: User) -> None:
        for word in ("Borealis", "Priya", "Active", "client.moved", "books"):
            assert not [said for said in found(mira, f"q={word}") if "Bor" in said]

    def test_it_finds_nothing_for_what_nothing_is_called(self, noa: User) -> None:
        assert found(noa, "q=zzzz") == []
        page = browser_of(noa).get(f"{reverse(LIST)}?q=zzzz").text
        assert "Nothing matches" in page

    def test_by_client(self, noa: User) -> None:
        assert found(noa, "q=borealis+books") == ["Borealis Books is now: Active."]

    def test_by_colleague(self, noa: User, mira: User) -> None:
        for typed in ("okafor", mira.email, "Mira+Okafor"):
            assert found(noa, f"q={typed}+moved") == ["Aurora Wines is now: Active."]

    @pytest.mark.parametrize("typed", ["client.moved", "is+now", "MOVED"])
    def test_by_what_happened(self, mira: User, typed: str) -> None:
        assert found(mira, f"q={typed}") == ["Aurora Wines is now: Active."]

    def test_words_narrow_each_other(self, noa: User) -> None:
        assert found(noa, "q=priya+moved") == ["Borealis Books is now: Active."]
        assert found(noa, "q=priya+probed") == []

    def test_by_contact_and_the_links_they_hold(
        self, noa: User, aurora: Client, factory: Factory
    ) -> None:
        dana = factory.make_contact(client=aurora, name="Dana Whitlock")
        link = factory.make_link(
            request=factory.make_request(client=aurora, contact=dana), contact=dana
        )
        with transaction.atomic():
            record("link.started", by=Actor.link(link), subject=link, client=aurora)
        assert found(noa, "q=whitlock") == ["Somebody with the link pressed Start."]

    def test_by_the_contact_a_copied_link_is_for(
        self, noa: User, mira: User, aurora: Client, factory: Factory
    ) -> None:
        dana = factory.make_contact(client=aurora, name="Dana Whitlock")
        link = factory.make_link(
            request=factory.make_request(client=aurora, contact=dana), contact=None
        )
        with transaction.atomic():
            record("link.started", by=Actor.link(link), subject=link, client=aurora)
        for user in (noa, mira):
            said = found(user, "q=whitlock")
            assert said == ["Somebody with the link pressed Start."]

    def test_it_finds_no_strangers_account_by_name_or_id(
        self, mira: User, factory: Factory
    ) -> None:
        other = factory.make_client(name="Calder")
        account = factory.make_ad_account(client=other, name="Reading room EU")
        grant = factory.make_grant(asset=account)
        for subject in (account, grant):
            with transaction.atomic():
                record("x.y", by=Actor.system(), subject=subject, client=other)
        for word in ("reading", account.external_id):
            assert found(mira, f"q={word}") == []

    def test_by_account_its_id_and_the_grants_on_it(
        self, mira: User, aurora: Client, factory: Factory
    ) -> None:
        account = factory.make_ad_account(client=aurora, name="Reading room EU")
        grant = factory.make_grant(asset=account)
        for subject in (account, grant):
            with transaction.atomic():
                record(
                    "client.moved",
                    by=Actor.system(),
                    subject=subject,
                    client=aurora,
                    data={"status": "Here"},
                )
        for typed in ("reading+room", account.external_id):
            assert len(found(mira, f"q={typed}")) == 2, typed

    def test_by_request(self, noa: User) -> None:
        with request_scope() as one:
            tell(None, "vault.rotated")
        assert found(noa, f"q={one}") == ["Secrets were encrypted anew."]

    def test_it_looks_at_few_words_only(self, noa: User) -> None:
        words = "+".join(["moved"] * searching.MOST_WORDS + ["zzzz"])
        assert len(found(noa, f"q={words}")) == 2


class TestNarrowing:
    @pytest.mark.parametrize(
        "query",
        [
            "from=yesterday",
            "to=2026-02-31",
            "from=0001-01-01",
            "to=9999-12-31",
            "when=never",
            "actor_kind=nobody",
            "client_key=%00",
            "actor_key=x&request_id=z",
            "p=99999",
        ],
    )
    def test_nonsense_does_not_break_it(
        self, noa: User, event: Event, query: str
    ) -> None:
        page = browser_of(noa).get(f"{reverse(LIST)}?{query}")
        assert page.status_code in {200, 302}

    def test_another_field_is_no_filter_here(self, noa: User) -> None:
        url = f"{reverse(LIST)}?payload_hash__startswith=0"
        assert browser_of(noa).get(url).status_code == 400

    def test_by_days(self, mira: User, aurora: Client) -> None:
        now = timezone.now()
        for days, word in ((0, "now"), (3, "then"), (40, "long_ago")):
            Event.objects.create(
                occurred_at=now - dt.timedelta(days=days),
                action=f"test.{word}",
                client_key=str(aurora.pk),
            )
        day = timezone.localdate(now) - dt.timedelta(days=40)
        for query, words in {
            "when=today": ["now"],
            "when=week": ["now", "then"],
            f"from={day}&to={day}": ["long_ago"],
            f"to={day}": ["long_ago"],
            f"from={day}": ["now", "then", "long_ago"],
        }.items():
            said = [one.split()[0] for one in found(mira, query)]
            assert said == [f"test.{word}" for word in words], query

    def test_by_one_request(self, noa: User, aurora: Client) -> None:
        with request_scope() as one:
            tell(aurora, status="Together")
        tell(aurora, status="Apart")
        assert found(noa, f"request_id={one}") == ["Aurora Wines is now: Together."]

    def test_a_clients_story_holds_that_of_those_merged_into_it(
        self, mira: User, aurora: Client, factory: Factory
    ) -> None:
        merged = factory.make_client(name="Aurora Wine Ltd", merged_into=aurora)
        tell(merged, status="Merged")
        for query in (f"client_key={aurora.pk}", "q=aurora", ""):
            assert found(mira, query) == ["Aurora Wine Ltd is now: Merged."], query


class TestOneEvent:
    def show(self, user: User, event: Event) -> str:
        return browser_of(user).get(page_of(event)).text

    def changed(self, aurora: Client, mira: User) -> Event:
        with transaction.atomic():
            return record(
                "client.changed",
                by=Actor.staff(mira),
                subject=aurora,
                client=aurora,
                data={
                    "kind": "client",
                    "fields": "vertical",
                    "before": {"vertical": ""},
                    "after": {"vertical": "Drinks", "is_new": True},
                },
            )

    def test_it_shows_what_was_and_what_is(self, mira: User, aurora: Client) -> None:
        page = self.show(mira, self.changed(aurora, mira))
        assert "Mira Okafor changed the client Aurora Wines: vertical." in page
        for word in ("Before and after", "Vertical", "Nothing", "Drinks", "Is new"):
            assert word in page

    def test_it_leads_to_who_and_what(self, mira: User, aurora: Client) -> None:
        page = self.show(mira, self.changed(aurora, mira))
        assert reverse("admin:accounts_user_change", args=[mira.pk]) in page
        assert reverse("admin:accounts_client_change", args=[aurora.pk]) in page

    def test_it_leads_to_no_subject_the_onlooker_does_not_see(
        self, mira: User, aurora: Client, factory: Factory
    ) -> None:
        other = factory.make_client(name="Borealis Books")
        with transaction.atomic():
            event = record(
                "client.moved", by=Actor.system(), subject=other, client=aurora
            )
        assert str(other.pk) not in self.show(mira, event)

    @pytest.mark.parametrize("kind", ["nowhere.gone", "accounts.approval", ""])
    def test_it_names_a_subject_that_has_no_page(
        self, noa: User, event: Event, kind: str
    ) -> None:
        one = Event.objects.create(
            action="x.y",
            actor_kind="task",
            actor_key="t",
            subject_type=kind,
            subject_key="torn",
            payload_hash="0" * 64,
        )
        assert "what it said was erased" in self.show(noa, one)

    def test_it_tells_what_else_the_request_did_but_no_strangers_part(
        self, mira: User, aurora: Client, factory: Factory
    ) -> None:
        other = factory.make_client(name="Borealis Books")
        with request_scope():
            tell(other, status="Hidden")
            first = tell(aurora, status="First")
            second = tell(aurora, status="Second")
        page = self.show(mira, first)
        assert "Of the same request" in page
        assert page_of(second) in page
        assert "Borealis" not in page
