"""The pages where a code is made, bound, given days and taken out of use."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import post_rows, spark_rows
from accounts.flows.posts_withdrawing import what_stays
from accounts.models import AdAccount, Client, PostAuthorization, SparkAuthorization
from accounts.zones import day_word, house_day
from tests.accounts.flows.posted import give_creators_key
from tests.base import HttpsClient
from tests.factory import Factory

pytestmark = pytest.mark.django_db

State = PostAuthorization.State
LEDGER = "/admin/accounts/postauthorization/"
ITEM = "7440182236614409505"


@pytest.fixture
def asked(factory: Factory, aurora: Client) -> SparkAuthorization:
    """One whose creator signed in: we hold the key."""
    creator = factory.make_creator(name="Aino Virta", handle="aino.outdoors")
    authorization = factory.make_authorization(
        client=aurora, creator=creator, campaign="Harvest"
    )
    give_creators_key(authorization, factory)
    return authorization


@pytest.fixture
def account(factory: Factory, aurora: Client) -> AdAccount:
    """An ad account of the client that a center of ours holds."""
    held = factory.make_ad_account(client=aurora, name="Aurora Nordics")
    factory.make_grant(asset=held, state="active")
    return held


def url(name: str, row: Any) -> str:
    return reverse(f"admin:accounts_post_{name}", args=[row.pk])


class TestMaking:
    def test_offers_days_and_the_one_ad_account_we_hold(
        self, desk: HttpsClient, asked: SparkAuthorization, account: AdAccount
    ) -> None:
        page = desk.get(url("make", asked))
        assert "Make a code for a post of @aino.outdoors" in page.text
        assert "365 days" in page.text
        assert page.context["form"].initial["ad_account"] == account

    def test_needs_no_ad_account(
        self, desk: HttpsClient, asked: SparkAuthorization
    ) -> None:
        assert desk.get(url("make", asked)).status_code == 200
        desk.post(url("make", asked), {"item_id": ITEM, "days": 60, "ad_account": ""})
        made = PostAuthorization.objects.get()
        assert (made.item_id, made.days, made.ad_account) == (ITEM, 60, None)

    def test_books_the_ad_account_that_is_to_use_it(
        self, desk: HttpsClient, asked: SparkAuthorization, account: AdAccount
    ) -> None:
        filled = {"item_id": ITEM, "days": 30, "ad_account": account.pk}
        desk.post(url("make", asked), filled)
        made = PostAuthorization.objects.get()
        assert (made.days, made.ad_account_id) == (30, account.pk)

    @pytest.mark.parametrize("item_id", ["", "the one with the rain"])
    def test_says_what_is_no_post(
        self, desk: HttpsClient, asked: SparkAuthorization, item_id: str
    ) -> None:
        page = desk.post(url("make", asked), {"item_id": item_id, "days": 60})
        assert page.context["form"].errors["item_id"]
        assert not PostAuthorization.objects.exists()


def test_every_page_of_a_code_opens(
    desk: HttpsClient, asked: SparkAuthorization, factory: Factory, account: AdAccount
) -> None:
    unused = factory.make_post(authorization=asked, state=State.UNUSED)
    for name in ("bind", "extend", "withdraw"):
        assert desk.get(url(name, unused)).status_code == 200, name
    for name in ("choose", "calendar", "feed"):
        page = desk.get(reverse(f"admin:accounts_post_{name}"))
        assert page.status_code == 200, name


def test_every_page_of_an_authorization_opens(
    desk: HttpsClient, asked: SparkAuthorization
) -> None:
    for name in ("edit", "members", "ad_accounts", "account", "close", "withdraw"):
        page = reverse(f"admin:accounts_spark_{name}", args=[asked.pk])
        assert desk.get(page, follow=True).status_code == 200, name
    assert desk.get(reverse("admin:accounts_spark_begin")).status_code == 200
    ask = reverse("admin:accounts_spark_ask", args=[asked.client_id])
    assert desk.get(ask).status_code == 200


class TestMoreDays:
    @pytest.fixture
    def post(self, factory: Factory, asked: SparkAuthorization) -> PostAuthorization:
        """A code of which ten days are left; the campaign goes on for thirty."""
        ends_at = timezone.now() + dt.timedelta(days=10)
        fields = {"title": "Up the fell in the rain", "ends_at": ends_at}
        return factory.make_post(authorization=asked, **fields)

    def test_each_choice_says_until_when(
        self, desk: HttpsClient, post: PostAuthorization
    ) -> None:
        page = desk.get(url("extend", post)).text
        assert "<h1>Give “Up the fell in the rain” more days?</h1>" in page
        for days, beside in (
            (7, "13 days before the campaign"),
            (30, "10 days after the campaign"),
        ):
            end = post.ends_at + dt.timedelta(days=days)
            day = day_word(timezone.localdate(end, timezone.get_default_timezone()))
            assert f"To {day}, {beside}" in page

    @pytest.mark.parametrize(
        ("campaign", "chosen"), [(5, 7), (16, 7), (17, 30), (30, 30), (900, 365)]
    )
    def test_the_least_that_covers_the_campaign_is_chosen(
        self, desk: HttpsClient, post: PostAuthorization, campaign: int, chosen: int
    ) -> None:
        last = house_day() + dt.timedelta(days=campaign)
        SparkAuthorization.objects.update(campaign_ends_on=last)
        form = desk.get(url("extend", post)).context["form"]
        assert form.initial["days"] == chosen

    def test_an_end_nobody_read_promises_none(
        self, desk: HttpsClient, post: PostAuthorization
    ) -> None:
        PostAuthorization.objects.update(ends_at=None)
        page = desk.get(url("extend", post)).text
        assert "60 days" in page
        assert "the campaign</small>" not in page


def test_a_code_that_outlasts_the_campaign_says_so_in_words(
    desk: HttpsClient, asked: SparkAuthorization, factory: Factory
) -> None:
    day = house_day() + dt.timedelta(days=75)
    noon = dt.datetime.combine(day, dt.time(12), timezone.get_default_timezone())
    post = factory.make_post(authorization=asked, ends_at=noon)
    said = f"{day_word(day)}, 45 days after the campaign"
    assert said in desk.get(post_rows.page_of(post)).text
    assert f"60 days, to {said}" in desk.get(spark_rows.page_of(asked)).text


class TestNoAdAccountHeld:
    ASK = '. <a href="{}">Ask for access</a> first.'

    def test_leads_to_asking(
        self,
        desk: HttpsClient,
        asked: SparkAuthorization,
        aurora: Client,
        factory: Factory,
    ) -> None:
        Client.objects.filter(pk=aurora.pk).update(name="Aurora <b>Wines</b>")
        unbound = factory.make_post(authorization=asked, state=State.UNUSED)
        ask = reverse("admin:onboarding_ask", args=[aurora.pk])
        for page in (url("enter", asked), url("bind", unbound)):
            assert self.ASK.format(ask) in desk.get(page).text
            assert "<b>Wines" not in desk.get(page).text

    def test_the_authorization_says_when_it_is_chosen(
        self, desk: HttpsClient, asked: SparkAuthorization
    ) -> None:
        page = desk.get(spark_rows.page_of(asked)).text
        assert "A code needs no linking: you choose its ad account" in page


class TestOutOfUse:
    LIVES = "At the creator&#x27;s the code lives to its end; no ad account of ours"

    def test_a_creators_own_code_lives_on_and_is_told_to_before_and_after(
        self, desk: HttpsClient, asked: SparkAuthorization, factory: Factory
    ) -> None:
        post = factory.make_post(authorization=asked)
        assert self.LIVES in desk.get(url("withdraw", post)).text
        gone = {"state": State.WITHDRAWN, "problem": what_stays(post), "days": 90}
        PostAuthorization.objects.filter(pk=post.pk).update(**gone)
        day = day_word(timezone.localdate())
        assert self.LIVES in desk.get(post_rows.page_of(post)).text
        row = f"90 days. Removed {day}. At the creator&#x27;s it lives on</small>"
        assert row in desk.get(spark_rows.page_of(asked)).text
        assert "creator&#x27;s it lives on" in desk.get(LEDGER).text

    def test_one_of_ours_goes_for_good(
        self, desk: HttpsClient, asked: SparkAuthorization, factory: Factory
    ) -> None:
        post = factory.make_post(authorization=asked, source="minted")
        page = desk.get(url("withdraw", post)).text
        assert "Deleted with the creator&#x27;s key" in page
        assert self.LIVES not in page

    def test_one_past_its_end_lives_no_more(
        self, desk: HttpsClient, asked: SparkAuthorization, factory: Factory
    ) -> None:
        over = {
            "state": State.WITHDRAWN,
            "problem": "It lives.",
            "ends_at": timezone.now(),
        }
        post = factory.make_post(authorization=asked, **over)
        for page in (post_rows.page_of(post), spark_rows.page_of(asked), LEDGER):
            assert "lives" not in desk.get(page).text
