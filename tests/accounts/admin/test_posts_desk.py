"""The ledger of codes: what is red, who acts, and what no page ever shows."""

from __future__ import annotations

import datetime as dt
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.admin import posts
from accounts.models import (
    Client,
    Creator,
    PostAuthorization,
    SparkAuthorization,
    User,
)
from accounts.roles import MEDIA_BUYERS
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

pytestmark = pytest.mark.django_db

LEDGER = "/admin/accounts/postauthorization/"
CODE = "#pvnLmqo8aWrt4Y2c7NdkQ3xUzR5+hK0="


@pytest.fixture
def asked(factory: Factory, aurora: Client, mira: User) -> SparkAuthorization:
    creator = factory.make_creator(name="Aino Virta", handle="aino.outdoors")
    return factory.make_authorization(
        client=aurora, creator=creator, campaign="Harvest", asked_by=mira
    )


@pytest.fixture
def post(factory: Factory, asked: SparkAuthorization) -> Any:
    """Make a post whose code ends in so many days; the campaign does in 30."""

    def make(days: int, **fields: Any) -> PostAuthorization:
        ends_at = timezone.now() + dt.timedelta(days=days)
        return factory.make_post(
            **{
                "authorization": asked,
                "title": "Rained on",
                "ends_at": ends_at,
                **fields,
            }
        )

    return make


def url(name: str, row: Any) -> str:
    return reverse(f"admin:accounts_post_{name}", args=[row.pk])


class TestWhoMayNot:
    def test_a_stranger_finds_no_page_of_it(self, post: Any, factory: Factory) -> None:
        stranger = browser_of(factory.make_user())
        one = post(10)
        for name in ("bind", "extend", "withdraw"):
            assert stranger.get(url(name, one)).status_code == 404
        assert stranger.get(url("enter", one.authorization)).status_code == 404
        assert "Rained on" not in stranger.get(LEDGER).text

    def test_a_buyer_looks_and_changes_nothing(
        self, post: Any, factory: Factory, aurora: Client
    ) -> None:
        buyer = factory.make_user(role=MEDIA_BUYERS)
        factory.make_assignment(client=aurora, user=buyer, role="buyer")
        browser, one = browser_of(buyer), post(10)
        assert "Rained on" in browser.get(LEDGER).text
        assert "Enter a code" not in browser.get(LEDGER).text
        assert browser.post(url("withdraw", one)).status_code == 403


class TestEntering:
    @pytest.fixture(autouse=True)
    def _held(self, factory: Factory, aurora: Client) -> None:
        account = factory.make_ad_account(client=aurora, name="Aurora Nordics")
        factory.make_grant(asset=account, state="active")

    @pytest.mark.parametrize(
        ("code", "said"),
        [("", "Paste the code"), ("#short", "longer"), ("#two words " * 3, "spaces")],
    )
    def test_what_is_no_code_is_told_and_not_echoed(
        self, desk: HttpsClient, asked: SparkAuthorization, code: str, said: str
    ) -> None:
        page = desk.post(url("enter", asked), {"code": code, "ad_account": ""})
        assert said in page.text
        assert not code.strip() or code.strip() not in page.text
        assert not PostAuthorization.objects.exists()

    def test_a_code_is_entered_once_and_shown_nowhere(
        self, desk: HttpsClient, asked: SparkAuthorization
    ) -> None:
        account = asked.client.assets.get(name="Aurora Nordics")
        data = {"code": CODE, "ad_account": account.pk}
        page = desk.post(url("enter", asked), data, follow=True)
        assert "Not bound yet" in page.text
        again = desk.post(url("enter", asked), data)
        assert "This code is entered already" in again.text
        for shown in (page, again, desk.get(LEDGER)):
            assert CODE not in shown.text
            assert "hK0=" in shown.text

    def test_only_the_clients_own_accounts_that_we_hold_are_offered(
        self, desk: HttpsClient, asked: SparkAuthorization, factory: Factory
    ) -> None:
        factory.make_ad_account(client=asked.client, name="Not ours to use")
        factory.make_grant(state="active")
        page = desk.get(url("enter", asked))
        [offered] = page.context["form"].fields["ad_account"].queryset
        assert offered.name == "Aurora Nordics"


class TestTheLedger:
    @pytest.mark.parametrize(
        ("days", "says"),
        [
            (21, "9 days before the campaign"),
            (29, "1 day before the campaign"),
            (30, "On the campaign&#x27;s last day"),
        ],
    )
    def test_a_code_that_ends_before_its_campaign_is_red(
        self, desk: HttpsClient, post: Any, days: int, says: str
    ) -> None:
        post(days)
        page = desk.get(LEDGER).text
        assert 'class="note bad"' in page
        assert says in page
        assert "Aino Virta</b><small>Chooses 365 days for this post" in page

    def test_one_that_lasts_longer_is_not(self, desk: HttpsClient, post: Any) -> None:
        post(37)
        page = desk.get(LEDGER).text
        assert "note bad" not in page
        assert "7 days after" in page

    @pytest.mark.parametrize("state", ["failed", "withdrawing", "withdrawn"])
    def test_what_runs_no_more_is_not(
        self, desk: HttpsClient, post: Any, state: str
    ) -> None:
        post(21, state=state)
        assert "note bad" not in desk.get(LEDGER).text

    def test_one_that_a_later_code_follows_is_not(
        self, desk: HttpsClient, post: Any
    ) -> None:
        first = post(21)
        post(40, item_id=first.item_id)
        assert "note bad" not in desk.get(LEDGER).text

    def test_an_ended_code_is_red_while_its_campaign_goes_on(
        self, desk: HttpsClient, post: Any
    ) -> None:
        post(-2, state="ended")
        assert "Gives a new code for this post" in desk.get(LEDGER).text

    def test_green_is_only_what_was_read_today(
        self, desk: HttpsClient, post: Any
    ) -> None:
        post(40, verified_at=timezone.now() - dt.timedelta(hours=25))
        page = desk.get(LEDGER).text
        assert "Not checked today" in page
        assert "pill ok" not in page

    def test_its_filters_narrow_by_end_client_and_creator(
        self, desk: HttpsClient, post: Any, asked: SparkAuthorization
    ) -> None:
        for days, title in ((5, "Soon"), (21, "Early"), (40, "Long")):
            post(days, title=title)
        post(-40, title="Over", state="ended")
        found = {
            "end=early": {"Soon", "Early", "Over"},
            "end=soon": {"Soon"},
            "end=ended": {"Over"},
            f"client={asked.client_id}": {"Soon", "Early", "Long", "Over"},
            f"creator={asked.creator_id}&end=soon": {"Soon"},
            "q=aino": {"Soon", "Early", "Long", "Over"},
        }
        for query, titles in found.items():
            rows = desk.get(f"{LEDGER}?{query}").context["cl"].result_list
            assert {row.title for row in rows} == titles, query

    def test_a_filter_reads_the_names_it_offers_and_no_others(
        self,
        desk: HttpsClient,
        factory: Factory,
        aurora: Client,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(posts, "MOST_OFFERED", 1)
        for letter in "ABCDE":
            creator = factory.make_creator(name=letter)
            asked = factory.make_authorization(client=aurora, creator=creator)
            factory.make_post(authorization=asked)
        read = Mock()
        post_init.connect(read, sender=Creator)
        found = desk.get(f"{LEDGER}?creator={creator.pk}").context["cl"]
        post_init.disconnect(read, sender=Creator)
        assert [post.authorization.creator for post in found.result_list] == [creator]
        assert read.call_count == 3  # one offered, the one asked for, and its row

    def test_trouble_stands_first(self, desk: HttpsClient, post: Any) -> None:
        for days, title in ((40, "Long"), (21, "Early")):
            post(days, title=title)
        post(-40, title="Gone", state="withdrawn")
        rows = desk.get(LEDGER).context["cl"].result_list
        assert [row.title for row in rows] == ["Early", "Long", "Gone"]

    @pytest.mark.parametrize("page", [LEDGER, LEDGER + "calendar/"])
    def test_it_asks_no_oftener_for_many_rows(
        self, desk: HttpsClient, post: Any, factory: Factory, page: str
    ) -> None:
        def asks() -> int:
            with CaptureQueriesContext(connection) as queries:
                assert desk.get(page).status_code == 200
            return len(queries)

        post(0)
        desk.get(page)
        few = asks()
        for number in range(8):
            post(number, title=f"Post {number}")
        assert asks() == few


class TestTheCalendar:
    def test_a_red_day_names_what_ends(self, desk: HttpsClient, post: Any) -> None:
        one = post(21, title="Fjell jacket")
        day = timezone.localdate(one.ends_at)
        page = desk.get(f"{LEDGER}calendar/?month={day:%Y-%m}").text
        assert "Fjell jacket" in page
        assert "9 days before the campaign" in page

    @pytest.mark.parametrize("query", ["month=nonsense", "day=2027-02-30", "month="])
    def test_what_is_no_month_is_this_one(self, desk: HttpsClient, query: str) -> None:
        page = desk.get(f"{LEDGER}calendar/?{query}")
        assert f"{timezone.localdate():%B %Y}" in page.text

    def test_an_empty_month_leads_to_the_next_that_is_not(
        self, desk: HttpsClient, post: Any
    ) -> None:
        day = timezone.localdate(post(100).ends_at)
        before = day.replace(day=1) - dt.timedelta(days=40)
        page = desk.get(f"{LEDGER}calendar/?month=2020-02").text
        assert "Nothing ends in February." in page
        first = timezone.localdate() + dt.timedelta(days=30)
        assert f'month={first:%Y-%m}">{date_format(first, "j F Y")}</a>' in page
        SparkAuthorization.objects.update(campaign_ends_on=dt.date(2019, 1, 1))
        page = desk.get(f"{LEDGER}calendar/?month={before:%Y-%m}").text
        assert f'month={day:%Y-%m}">{date_format(day, "j F Y")}</a>' in page

    def test_after_the_last_end_there_is_no_next(
        self, desk: HttpsClient, post: Any
    ) -> None:
        post(10)
        page = desk.get(f"{LEDGER}calendar/?month=2090-02").text
        assert "Nothing ends in February." in page
        assert "Next:" not in page


def test_taking_it_out_of_use_says_first_that_ads_stop(
    desk: HttpsClient, post: Any, factory: Factory, aurora: Client
) -> None:
    one = post(10, ad_account=factory.make_ad_account(client=aurora))
    assert "Ads that use this post pause." in desk.get(url("withdraw", one)).text
    one.refresh_from_db()
    assert one.state == PostAuthorization.State.ACTIVE
    desk.post(url("withdraw", one), {"reason": "The campaign is over."})
    one.refresh_from_db()
    assert one.state == PostAuthorization.State.WITHDRAWING
