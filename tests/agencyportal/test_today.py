"""The front page."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import RoleGrant
from tests.base import HttpsClient
from tests.factory import Factory

State = RoleGrant.State
TODAY = "admin:index"


@pytest.fixture
def open_today(factory: Factory):
    def open_as(**fields):
        browser = HttpsClient()
        browser.sign_in(fields.pop("user", None) or factory.make_user(**fields))
        return browser.get(reverse(TODAY))

    return open_as


def test_it_shows_nothing_of_a_strangers(open_today, factory: Factory) -> None:
    client = factory.make_client(name="Borealis Books")
    account = factory.make_ad_account(client=client, name="Borealis Spring")
    factory.make_grant(asset=account, state=State.MANUAL, waits_on="account_manager")
    factory.make_item(request=factory.make_request(client=client))
    assert "Borealis" not in open_today().text


def test_an_empty_agency_sees_three_first_steps(open_today) -> None:
    steps = open_today(role="Access owners").context["first_steps"]
    assert [step["is_done"] for step in steps] == [False, False, False]
    assert steps[1]["url"] == reverse("admin:accounts_client_add")
    assert steps[2]["url"] == ""


def test_a_step_that_was_taken_is_ticked(open_today, factory: Factory) -> None:
    client = factory.make_client()
    owner = factory.make_user(role="Access owners")
    factory.make_consent(user=owner)
    steps = open_today(user=owner).context["first_steps"]
    assert [step["is_done"] for step in steps] == [True, True, False]
    assert steps[2]["url"] == reverse("admin:onboarding_ask", args=[client.pk])


@pytest.mark.parametrize("role", ["Auditors", "Media buyers"])
def test_who_cannot_take_them_sees_no_steps(open_today, role: str) -> None:
    assert open_today(role=role).context["first_steps"] == []


def test_the_steps_are_gone_with_the_first_grant(open_today, factory: Factory) -> None:
    factory.make_grant()
    assert open_today(role="Access owners").context["first_steps"] == []


def test_only_what_was_read_within_a_day_counts(open_today, factory: Factory) -> None:
    factory.make_grant(state=State.ACTIVE)
    long_ago = timezone.now() - dt.timedelta(hours=25)
    factory.make_grant(state=State.ACTIVE, verified_at=long_ago)
    tile = open_today(role="Access owners").context["tiles"][0]
    assert (tile["number"], tile["of"]) == (1, 2)
    assert tile["note"] == "1 not checked today"


def test_every_tile_leads_to_its_rows(open_today, factory: Factory) -> None:
    owner = factory.make_user(role="Access owners")
    factory.make_grant(state=State.ACTIVE)
    factory.make_grant(state=State.MANUAL, waits_on="account_manager")
    factory.make_grant(state=State.UNVERIFIED, waits_on="portal")
    browser = HttpsClient()
    browser.sign_in(owner)
    for tile in browser.get(reverse(TODAY)).context["tiles"]:
        listed = browser.get(tile["url"])
        assert listed.status_code == 200
        assert listed.context["cl"].result_count == (tile.get("of") or tile["number"])


def test_what_needs_us_comes_longest_wait_first(open_today, factory: Factory) -> None:
    owner = factory.make_user(role="Access owners")
    for days, name in ((1, "Younger"), (5, "Older")):
        factory.make_grant(
            asset=factory.make_ad_account(name=name),
            state=State.MANUAL,
            waits_on="account_manager",
            since=timezone.now() - dt.timedelta(days=days),
        )
    titles = [row["title"] for row in open_today(user=owner).context["needs_you"]]
    assert [title.split(",")[0] for title in titles] == ["Older", "Younger"]
