"""An account our center does not list: nothing is asked of it, all on it is judged."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.flows import spark
from accounts.models import RoleGrant, SparkAuthorization
from tests.accounts.flows.sparked import Spark, ours_in_center
from tests.simulated import never_arrives, run_jobs

State = SparkAuthorization.State
LIST = "bc/asset/get/"
ASSIGN = "bc/asset/assign/"
LINK = "bc/asset/advertiser/assign/"


@pytest.fixture
def held(sparks: Spark) -> SparkAuthorization:
    """Jonas is on it, and an ad account uses it."""
    sparks.approve()
    return sparks.ask(members=[sparks.person()], ad_accounts=[ours_in_center(sparks)])


def on_it() -> list[str]:
    grants = RoleGrant.objects.filter(family="creator_account").order_by("asked_at")
    return list(grants.values_list("state", flat=True))


def test_whoever_was_on_it_is_read_gone_with_it(
    sparks: Spark, held: SparkAuthorization
) -> None:
    sparks.leave()
    assert sparks.look_again(held).state == State.UNVERIFIED
    assert on_it() == ["unverified"]
    assert sparks.look_again(held).state == State.LOST
    link = held.ad_accounts.get()
    assert (on_it(), link.state) == (["withdrawn"], "wanted")
    assert "did not list the creator's account" in link.problem
    assert (sparks.tiktok.calls(ASSIGN), sparks.tiktok.calls(LINK)) == (1, 1)


def test_what_comes_back_is_used_again(sparks: Spark, held: SparkAuthorization) -> None:
    sparks.leave()
    sparks.look_again(held)
    sparks.look_again(held)
    sparks.approve()
    assert sparks.look_again(held).state == State.ACTIVE
    link = held.ad_accounts.get()
    assert (on_it(), link.state) == (["withdrawn", "active"], "linked")


def test_a_key_alone_puts_nobody_on_it(sparks: Spark) -> None:
    sparks.approve()
    asked = sparks.ask()
    sparks.connect(asked)
    sparks.leave()
    assert spark.serve(asked, [sparks.person()], user=sparks.user)
    run_jobs()
    assert sparks.seen(asked).state == State.ACTIVE
    assert (on_it(), sparks.tiktok.calls(ASSIGN)) == ([], 0)


def test_a_list_that_was_not_read_ends_no_wait(sparks: Spark) -> None:
    asked = sparks.ask()
    yesterday = timezone.now() - dt.timedelta(days=1)
    SparkAuthorization.objects.update(closes_at=yesterday)
    with sparks.tiktok.disturbed(LIST, never_arrives):
        late = sparks.look_again(asked)
    assert late.state == State.WAITING
    assert late.next_check_at is not None
    assert sparks.look_again(asked).state == State.EXPIRED
