"""Spark Ads of Today: whose accounts and codes need us, for which creators we wait."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.flows.spark_moving import tell
from accounts.models import Client, SparkAuthorization, User
from accounts.rows import MOST_WAITING
from accounts.trail import Actor, record
from tests.base import HttpsClient
from tests.factory import Factory
from tests.walks.test_queries import queries_of

State = SparkAuthorization.State
DAY = dt.timedelta(days=1)


@pytest.fixture
def mira(factory: Factory) -> User:
    return factory.make_user(name="Mira Okafor")


@pytest.fixture
def aurora(factory: Factory, mira: User) -> Client:
    client = factory.make_client(name="Aurora Wines")
    factory.make_assignment(client=client, user=mira)
    return client


def today_of(user: User) -> dict[str, list[str]]:
    browser = HttpsClient()
    browser.sign_in(user)
    page = browser.get(reverse("admin:index")).context
    return {
        "needs": [row["title"] for row in page["needs_you"]],
        "waits": [row["title"] for row in page["waits_on_clients"]],
    }


def test_another_clients_creator_is_not_named(factory: Factory, mira: User) -> None:
    factory.make_authorization()
    assert today_of(mira) == {"needs": [], "waits": []}


def test_we_wait_for_a_creator(factory: Factory, mira: User, aurora: Client) -> None:
    asked = factory.make_authorization(client=aurora)
    assert today_of(mira) == {"needs": [], "waits": [asked.creator.shown]}


def test_what_was_lost_or_has_a_problem_needs_us(
    factory: Factory, mira: User, aurora: Client
) -> None:
    factory.make_authorization(client=aurora, state=State.LOST)
    factory.make_authorization(client=aurora, problem="Two accounts have this name.")
    assert len(today_of(mira)["needs"]) == 2


def test_codes_that_end_before_their_campaign_need_us(
    factory: Factory, mira: User, aurora: Client
) -> None:
    now = timezone.now()
    asked = factory.make_authorization(
        client=aurora,
        state=State.ACTIVE,
        verified_at=now,
        campaign_ends_on=(now + 30 * DAY).date(),
    )
    for days in (10, 20, 60):
        factory.make_post(authorization=asked, ends_at=now + days * DAY)
    browser = HttpsClient()
    browser.sign_in(mira)
    [row] = browser.get(reverse("admin:index")).context["needs_you"]
    assert row["title"] == asked.creator.shown
    assert row["sentence"] == "2 codes end before Autumn does."


def test_a_code_hides_no_trouble_of_its_account(
    factory: Factory, mira: User, aurora: Client
) -> None:
    now = timezone.now()
    asked = factory.make_authorization(
        client=aurora, state=State.ACTIVE, problem="Live is missing.", since=now - DAY
    )
    post = factory.make_post(authorization=asked, ends_at=now + DAY)
    browser = HttpsClient()
    browser.sign_in(mira)
    [row] = browser.get(reverse("admin:index")).context["needs_you"]
    assert row["sentence"] == "Live is missing. A code ends before Autumn does."
    SparkAuthorization.objects.update(problem="", waits_on="")
    [row] = browser.get(reverse("admin:index")).context["needs_you"]
    assert row["since"] == post.since


def test_more_than_is_shown_is_one_step_away(
    factory: Factory, mira: User, aurora: Client
) -> None:
    browser = HttpsClient()
    browser.sign_in(mira)
    url = reverse("admin:index")
    before = len(queries_of(browser, url))
    factory.make_post(authorization=factory.make_authorization(client=aurora))
    for _ in range(MOST_WAITING + 1):
        factory.make_authorization(client=aurora)
    assert len(queries_of(browser, url)) == before
    [more] = browser.get(url).context["more_waits_on_clients"]
    assert more["label"] == f"All {MOST_WAITING + 2}: Spark Ads"
    rows = browser.get(more["url"]).context["cl"].result_count
    assert rows == MOST_WAITING + 2


def test_what_a_creator_and_colleagues_did_is_told_lately(
    factory: Factory, mira: User, aurora: Client
) -> None:
    asked = factory.make_authorization(client=aurora)
    post = factory.make_post(authorization=asked)
    theirs = factory.make_authorization()
    by, shown = Actor.staff(mira), asked.creator.shown
    with transaction.atomic():
        tell(theirs, "spark.connected", by, label="Nora")
        tell(asked, "spark.started", by, platform="TikTok")
        tell(asked, "spark.connected", by, label="Aino")
        tell(asked, "spark.link_sent", by, account="Aurora Shop")
        told = {"creator": shown, "code_end": "k3vA", "ad_account": "Aurora Shop"}
        record("post.typed", by=by, subject=post, client=aurora, data=told)
        tell(asked, "spark.withdraw_asked", by, reason="It is over.")
    browser = HttpsClient()
    browser.sign_in(mira)
    events = browser.get(reverse("admin:index")).context["events"]
    assert [row["sentence"] for row in events] == [
        f"Aurora Wines: Mira Okafor takes {shown}'s account back: It is over.",
        f"Aurora Wines: Mira Okafor entered {shown}'s code …k3vA for Aurora Shop.",
        f"Aurora Wines: {shown} connected as Aino.",
        "Aurora Wines: Mira Okafor pressed Connect TikTok.",
    ]
