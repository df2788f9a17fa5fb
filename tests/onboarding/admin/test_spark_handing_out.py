"""The hand-off of a Spark authorization: link, card, letter, and their end."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.flows import spark as asking
from accounts.flows import spark_moving
from accounts.models import Client, Creator, SparkAuthorization, User
from accounts.trail import Actor
from onboarding.flows import spark
from onboarding.models import SparkLink
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

DOORS = ["hand_out", "mail", "revoke_all"]
CENTERS_OWN = "https://www.tiktok.com/business/qr/one"


@pytest.fixture
def asked(factory: Factory, aurora: Client) -> SparkAuthorization:
    creator = factory.make_creator(name="Aino Virta", email="aino@example.org")
    return factory.make_authorization(client=aurora, creator=creator)


def address(name: str, row: SparkAuthorization | SparkLink) -> str:
    return reverse(f"admin:onboarding_spark_{name}", args=[row.pk])


@pytest.mark.parametrize("name", DOORS)
def test_it_is_closed_to_those_who_only_look(
    asked: SparkAuthorization, noa: User, name: str
) -> None:
    assert browser_of(noa).post(address(name, asked)).status_code == 403
    assert not SparkLink.objects.exists()


@pytest.mark.parametrize("name", DOORS)
def test_it_does_not_know_a_strangers(
    desk: HttpsClient, factory: Factory, name: str
) -> None:
    theirs = factory.make_authorization()
    assert desk.post(address(name, theirs)).status_code == 404


def test_reading_makes_and_ends_nothing(
    desk: HttpsClient, asked: SparkAuthorization
) -> None:
    made = spark.hand_out(asked, SparkLink.HandOut.COPY, by=Actor.system())
    for name in DOORS:
        desk.get(address(name, asked))
    desk.get(address("revoke", made.link))
    assert SparkLink.objects.get().revoked_at is None
    assert mail.outbox == []


def test_nothing_is_handed_out_after_the_end(
    desk: HttpsClient, asked: SparkAuthorization
) -> None:
    SparkAuthorization.objects.update(state=SparkAuthorization.State.WITHDRAWN)
    answer = desk.post(address("hand_out", asked), follow=True)
    assert "Nobody can say yes to this any more" in answer.text
    assert not SparkLink.objects.exists()


def test_a_link_is_shown_once_and_opens(
    desk: HttpsClient, asked: SparkAuthorization
) -> None:
    page = desk.post(address("hand_out", asked), {"way": "paper"})
    url = re.search(r'value="(https://[^"]+/s/[^"]+)"', page.text)
    assert url
    assert HttpsClient().get(url[1]).status_code == 200
    assert SparkLink.objects.get().hand_out == SparkLink.HandOut.PAPER
    assert url[1] not in desk.get(address("hand_out", asked)).text


def test_the_card_bears_the_centers_own_code_too(
    desk: HttpsClient, asked: SparkAuthorization, factory: Factory
) -> None:
    SparkAuthorization.objects.update(
        center=factory.make_center(), qr_url=CENTERS_OWN, qr_made_at=timezone.now()
    )
    page = desk.post(address("hand_out", asked), {"way": "paper"}).text
    card = page.partition('class="papercard')[2]
    assert card.partition("</article>")[0].count("<svg") == 2
    assert CENTERS_OWN not in page


def test_it_mails_the_creator(desk: HttpsClient, asked: SparkAuthorization) -> None:
    desk.post(address("mail", asked))
    assert [letter.to for letter in mail.outbox] == [["aino@example.org"]]


def test_a_link_is_ended(desk: HttpsClient, asked: SparkAuthorization) -> None:
    made = spark.hand_out(asked, SparkLink.HandOut.COPY, by=Actor.system())
    desk.post(address("revoke", made.link))
    assert HttpsClient().get(made.url).status_code == 404


def test_all_are_revoked_only_while_one_works(
    desk: HttpsClient, asked: SparkAuthorization
) -> None:
    page = address("hand_out", asked)
    assert address("revoke_all", asked) not in desk.get(page).text
    made = spark.hand_out(asked, SparkLink.HandOut.COPY, by=Actor.system())
    assert address("revoke_all", asked) in desk.get(page).text
    spark.revoke(made.link, by=Actor.system())
    assert address("revoke_all", asked) not in desk.get(page).text


def test_a_card_names_links_and_prints_no_clock(
    desk: HttpsClient, asked: SparkAuthorization
) -> None:
    page = desk.post(address("hand_out", asked), {"way": "paper"}).text
    card = page.partition('class="papercard')[2].partition("</article>")[0]
    assert "The link ends" in card
    assert "Scan the QR code" in card
    before_clock = page.partition("Times by your clock")[0].rpartition("<div")[2]
    assert before_clock.startswith(' class="screen-only">')


def test_its_page_offers_and_lists_hand_outs(
    desk: HttpsClient, asked: SparkAuthorization
) -> None:
    spark.hand_out(asked, SparkLink.HandOut.PAPER, by=Actor.system())
    url = reverse("admin:accounts_sparkauthorization_change", args=[asked.pk])
    page = desk.get(url).text
    assert address("hand_out", asked) in page
    assert "On paper" in page


class TestWhoseTurnItIs:
    @pytest.fixture
    def fresh(self, factory: Factory, aurora: Client, mira: User) -> SparkAuthorization:
        creator = factory.make_creator(name="Aino Virta", handle="aino.outdoors")
        return ask_for_one(aurora, creator, mira)

    def page(self, desk: HttpsClient, asked: SparkAuthorization) -> str:
        url = reverse("admin:accounts_sparkauthorization_change", args=[asked.pk])
        return str(desk.get(url).text)

    def today(self, desk: HttpsClient) -> tuple[list[Any], list[Any]]:
        page = desk.get(reverse("admin:index")).context
        return page["needs_you"], page["waits_on_clients"]

    def test_is_ours_until_a_link_is_out(
        self, desk: HttpsClient, fresh: SparkAuthorization
    ) -> None:
        spark_moving.move(fresh, fresh.state, by=Actor.system())  # as a read does
        assert "Next: Mira Okafor, hand out the link." in self.page(desk, fresh)
        [row], waits = self.today(desk)
        assert (row["act"]["url"], waits) == (address("hand_out", fresh), [])

    def test_is_the_creators_then(
        self, desk: HttpsClient, fresh: SparkAuthorization
    ) -> None:
        made = spark.hand_out(fresh, SparkLink.HandOut.COPY, by=Actor.system())
        spark_moving.move(fresh, fresh.state, by=Actor.system())
        shown = self.page(desk, fresh)
        assert "Waits for @aino.outdoors." in shown
        assert "not opened yet, ends" in shown
        needs, [row] = self.today(desk)
        assert (needs, row["title"]) == ([], "@aino.outdoors")
        spark.revoke(made.link, by=Actor.system())
        fresh.refresh_from_db()
        assert fresh.waits_on == SparkAuthorization.WaitsOn.US

    def test_is_the_creators_once_our_centers_code_is_shown(
        self, fresh: SparkAuthorization
    ) -> None:
        fresh.qr_made_at = timezone.now()
        spark_moving.pass_turn(fresh)
        fresh.refresh_from_db()
        assert fresh.waits_on == SparkAuthorization.WaitsOn.CREATOR

    def test_handing_out_is_the_main_button_while_something_is_to_be_given(
        self, desk: HttpsClient, fresh: SparkAuthorization
    ) -> None:
        def is_main() -> bool:
            shown = self.page(desk, fresh)
            return (
                f'class="button default" href="{address("hand_out", fresh)}"' in shown
            )

        assert is_main()
        now = timezone.now()
        SparkAuthorization.objects.update(
            state=SparkAuthorization.State.ACTIVE,
            granted=fresh.asked,
            shown={"key": fresh.asked},
            key_read_at=now,
            verified_at=now,
            waits_on="",
        )
        assert not is_main()


def ask_for_one(client: Client, creator: Creator, user: User) -> SparkAuthorization:
    now = timezone.now()
    return asking.ask(
        client,
        creator,
        platform="tiktok",
        asked=["posts"],
        campaign="Harvest",
        campaign_ends_on=now.date() + dt.timedelta(days=30),
        center=None,
        closes_at=now + dt.timedelta(days=14),
        user=user,
    )
