"""The pages where a code is made, bound, given days and taken out of use."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AdAccount, Client, PostAuthorization, SparkAuthorization
from tests.accounts.flows.posted import give_creators_key
from tests.base import HttpsClient
from tests.factory import Factory

pytestmark = pytest.mark.django_db

State = PostAuthorization.State
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
