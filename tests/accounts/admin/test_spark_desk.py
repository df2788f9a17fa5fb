"""The desk of Spark authorizations: what it says, whom it asks, what it warns of."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import spark_rows
from accounts.flows import spark_moving, spark_withdrawing
from accounts.models import (
    Client,
    Creator,
    CreatorAccount,
    Event,
    RoleGrant,
    SparkAuthorization,
    User,
)
from accounts.roles import MEDIA_BUYERS
from accounts.trail import Actor, describe
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

State = SparkAuthorization.State
QR = "https://ads.example/qr/a-code-of-our-center"


@pytest.fixture
def asked(factory: Factory, aurora: Client, mira: User) -> SparkAuthorization:
    """Active at the platform's word, with our center's code beside it."""
    return factory.make_authorization(
        client=aurora,
        creator=factory.make_creator(name="Aino Virta", handle="aino.outdoors"),
        center=factory.make_receiver().center,
        state=State.ACTIVE,
        campaign="Harvest",
        asked_by=mira,
        qr_url=QR,
        qr_made_at=timezone.now(),
    )


def page(desk: HttpsClient, asked: SparkAuthorization) -> str:
    return str(desk.get(spark_rows.page_of(asked)).text)


def url(name: str, asked: SparkAuthorization) -> str:
    return reverse(f"admin:accounts_spark_{name}", args=[asked.pk])


class TestAsking:
    def form(self, **more: Any) -> dict[str, Any]:
        ends = timezone.localdate() + dt.timedelta(days=30)
        return {
            "whose": "new",
            "name": "Aino Virta",
            "handle": "@Aino.Outdoors ",
            "words": ["posts"],
            "campaign": "Harvest",
            "campaign_ends_on": ends.isoformat(),
            "closes_on": ends.isoformat(),
            **more,
        }

    def ask(self, desk: HttpsClient, client: Client, **more: Any) -> Any:
        address = reverse("admin:accounts_spark_ask", args=[client.pk])
        return desk.post(address, self.form(**more))

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("handle", "", "Enter the handle"),
            ("words", [], "Tick at least one"),
            ("campaign_ends_on", "2026-01-01", "That day is over"),
        ],
    )
    def test_says_beside_a_field_what_is_missing(
        self, desk: HttpsClient, aurora: Client, field: str, value: Any, said: str
    ) -> None:
        answer = self.ask(desk, aurora, **{field: value})
        assert (answer.status_code, said in answer.text) == (400, True)
        assert not SparkAuthorization.objects.exists()
        assert not Creator.objects.exists()

    def test_books_the_creator_by_one_way_to_write_the_handle(
        self, desk: HttpsClient, aurora: Client
    ) -> None:
        answer = self.ask(desk, aurora)
        asked = SparkAuthorization.objects.get()
        assert answer["Location"] == spark_rows.page_of(asked)
        assert asked.creator.handle == "aino.outdoors"

    def test_takes_whose_handle_it_is_for_the_same_creator(
        self, desk: HttpsClient, aurora: Client, factory: Factory
    ) -> None:
        known = factory.make_creator(name="A. Virta", handle="aino.outdoors")
        self.ask(desk, aurora)
        assert SparkAuthorization.objects.get().creator == known
        assert Creator.objects.get().name == "A. Virta"

    def test_refuses_a_creator_of_clients_the_colleague_does_not_see(
        self, desk: HttpsClient, aurora: Client, factory: Factory
    ) -> None:
        foreign = factory.make_authorization(
            creator=factory.make_creator(handle="aino.outdoors", email="a@aino.example")
        )
        answer = self.ask(desk, aurora)
        assert (answer.status_code, "An access owner asks" in answer.text) == (
            400,
            True,
        )
        assert SparkAuthorization.objects.get() == foreign
        page = reverse("admin:accounts_creator_change", args=[foreign.creator.pk])
        assert desk.get(page).status_code == 404

    def test_leads_to_the_one_that_is_open_already(
        self, desk: HttpsClient, asked: SparkAuthorization
    ) -> None:
        answer = self.ask(desk, asked.client)
        assert answer["Location"] == spark_rows.page_of(asked)


class TestAPage:
    def test_is_green_only_where_all_that_was_asked_was_read_today(
        self, asked: SparkAuthorization
    ) -> None:
        assert spark_rows.pill_of(asked)["tone"] == "ok"
        asked.asked = ["posts", "live"]
        assert spark_rows.pill_of(asked)["word"] == "Active, in part"
        assert spark_rows.pill_of(asked)["tone"] == "wait"
        asked.key_read_at = timezone.now() - dt.timedelta(hours=25)
        assert spark_rows.pill_of(asked)["word"] == "Not checked today"

    def test_shows_the_centers_code_to_who_may_hand_it_out(
        self, desk: HttpsClient, asked: SparkAuthorization, factory: Factory
    ) -> None:
        buyer = factory.make_user(role=MEDIA_BUYERS)
        factory.make_assignment(client=asked.client, user=buyer, role="buyer")
        assert "Make a new one" in page(desk, asked)
        assert "Make a new one" not in page(browser_of(buyer), asked)

    def test_says_where_the_account_is_known_from(
        self, desk: HttpsClient, asked: SparkAuthorization, factory: Factory
    ) -> None:
        assert "Not known yet" in page(desk, asked)
        key = factory.make_connection(kind="creator")
        rows = SparkAuthorization.objects.filter(pk=asked.pk)
        told = {"key": ["posts"], "center": None}
        rows.update(connection=key, shown=told, center_read_at=timezone.now())
        shown = page(desk, asked)
        assert f"Not in {asked.center}: the key alone" in shown
        assert "not in its list, read today" in shown
        assert reverse("admin:accounts_connection_change", args=[key.pk]) in shown
        rows.update(shown={"key": ["posts"], "center": ["posts"]})
        assert ">in its list, read today" in page(desk, asked)

    def test_stands_on_its_keys_page_as_on_its_own(
        self, desk: HttpsClient, asked: SparkAuthorization, factory: Factory
    ) -> None:
        key = factory.make_connection(kind="creator")
        rows = SparkAuthorization.objects.filter(pk=asked.pk)
        rows.update(connection=key, asked=["posts", "live"])
        address = reverse("admin:accounts_connection_change", args=[key.pk])
        link = f'<a href="{spark_rows.page_of(asked)}">Spark: Active, in part</a>'
        assert link in desk.get(address).text

    def test_leads_a_role_on_it_back_to_it(
        self, owners_desk: HttpsClient, asked: SparkAuthorization, factory: Factory
    ) -> None:
        account = CreatorAccount.objects.create(
            platform="tiktok", external_id="741", creator=asked.creator
        )
        SparkAuthorization.objects.filter(pk=asked.pk).update(account=account)
        grant = factory.make_grant(
            asset=account,
            grantee=factory.make_person(),
            family=RoleGrant.Family.CREATOR,
            asked_role="posts",
            state=RoleGrant.State.ACTIVE,
        )
        address = reverse("admin:accounts_rolegrant_change", args=[grant.pk])
        shown = owners_desk.get(address).text
        assert spark_rows.page_of(asked) in shown
        for other in ("Read back now", "Take back", "Change the role"):
            assert other not in shown


class TestWhoACreatorIs:
    def edit(self, desk: HttpsClient, creator: Creator) -> Any:
        page = reverse("admin:accounts_creator_change", args=[creator.pk])
        told = {"name": creator.name, "handle": creator.handle, "language": "en"}
        mine = {"email": "mine@example.org", "time_zone": creator.time_zone}
        return desk.post(page, {**told, **mine})

    def test_is_not_edited_while_a_client_one_does_not_see_asks_them(
        self,
        desk: HttpsClient,
        owners_desk: HttpsClient,
        asked: SparkAuthorization,
        factory: Factory,
    ) -> None:
        factory.make_authorization(creator=asked.creator)
        page = reverse("admin:accounts_creator_change", args=[asked.creator.pk])
        assert "?edit=1" not in (shown := desk.get(page).text)
        assert "An access owner" in shown
        assert self.edit(desk, asked.creator).status_code == 403
        assert self.edit(owners_desk, asked.creator).status_code == 302

    def test_is_edited_once_what_that_client_asked_is_over(
        self, desk: HttpsClient, asked: SparkAuthorization, factory: Factory
    ) -> None:
        factory.make_authorization(creator=asked.creator, state=State.EXPIRED)
        assert self.edit(desk, asked.creator).status_code == 302


class TestTakingBack:
    def test_says_what_stops_and_asks_again(
        self, desk: HttpsClient, asked: SparkAuthorization, factory: Factory
    ) -> None:
        account = factory.make_ad_account(name="Halden NO", client=asked.client)
        factory.make_post(authorization=asked, title="Up the fell", ad_account=account)
        first = desk.get(url("withdraw", asked)).text
        assert "Ads that show @aino.outdoors pause." in first
        assert "Up the fell, runs in Halden NO" in first
        again = desk.post(url("withdraw", asked), {"reason": "Over"}).text
        assert "Ads with these pause." in again
        asked.refresh_from_db()
        assert asked.state == State.ACTIVE
        desk.post(url("withdraw", asked), {"reason": "Over", "sure": "yes"})
        asked.refresh_from_db()
        assert asked.state == State.WITHDRAWING

    def test_keeps_its_times_and_says_of_no_right_that_it_is_not_checked(
        self, desk: HttpsClient, asked: SparkAuthorization, mira: User
    ) -> None:
        spark_withdrawing.withdraw(asked, reason="Over", user=mira)
        assert [one["pill"]["word"] for one in spark_rows.word_list(asked)] == [
            "Removing"
        ]
        spark_moving.move(asked, State.WITHDRAWN, by=Actor.system(), granted=[])
        asked_at = Event.objects.get(action="spark.withdraw_asked").occurred_at
        assert spark_rows.steps_of(asked)[1]["note"] == asked_at
        listing = reverse("admin:accounts_sparkauthorization_changelist")
        assert "<small>not " not in desk.get(listing).text

    def test_asks_once_where_nothing_is_known_to_use_it(
        self, desk: HttpsClient, asked: SparkAuthorization
    ) -> None:
        desk.post(url("withdraw", asked), {"reason": "The campaign is over"})
        asked.refresh_from_db()
        assert asked.state == State.WITHDRAWING
        told = [line for _, line in describe(Event.objects.about(asked))]
        assert any("The campaign is over" in line for line in told)
        assert QR not in " ".join(told)


def test_the_list_leads_to_asking_those_who_may(
    desk: HttpsClient, factory: Factory, aurora: Client
) -> None:
    listing = reverse("admin:accounts_sparkauthorization_changelist")
    begin = reverse("admin:accounts_spark_begin")
    assert begin in desk.get(listing).text
    assert (
        begin not in browser_of(factory.make_user(role=MEDIA_BUYERS)).get(listing).text
    )
    answer = desk.post(begin, {"client": str(aurora.pk)})
    assert answer["Location"] == reverse("admin:accounts_spark_ask", args=[aurora.pk])
