"""Codes of posts at the simulated TikTok: made by key, bound, extended, given up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import posts, posts_binding, posts_extending, posts_work
from accounts.flows.posts_steps import for_work
from accounts.models import Asset, PostAuthorization, SparkAuthorization
from accounts.outbound.secret import Secret
from tests.accounts.flows.sparked import BY, Spark, ours_in_center
from tests.simulated import loses_the_answer, main_receiver, never_arrives, run_jobs

pytestmark = pytest.mark.long

State = PostAuthorization.State
AUTHORIZE, LIST, MAKE, DELETE = (
    *("tt_video/authorize/", "tt_video/list/"),
    *("business/post/authorize/setting/", "business/post/authorize/delete/"),
)


@dataclass
class Ledger:
    """Aino's first post, her key, and an ad account of ours to run it in."""

    sparks: Spark
    asked: SparkAuthorization
    account: Asset
    item_id: str

    def enter(self, days: int = 60) -> PostAuthorization:
        body = {"item_id": self.item_id, "days": days}
        code = self.sparks.tiktok.control("posts/code", **body)["code"]
        user = self.sparks.user
        return self.worked(
            posts.type_in(self.asked, self.account, Secret(code), user=user)
        )

    def make(self, days: int = 60, *, binds: bool = True) -> PostAuthorization:
        account = self.account if binds else None
        user = self.sparks.user
        return self.worked(
            posts.mint(self.asked, self.item_id, days, account, user=user)
        )

    def worked(self, post: PostAuthorization) -> PostAuthorization:
        run_jobs()
        return self.seen(post)

    def look_again(self, post: PostAuthorization) -> PostAuthorization:
        due = PostAuthorization.objects.filter(next_check_at__isnull=False)
        due.update(next_check_at=timezone.now(), lease_until=None)
        posts_work.sweep()
        return self.seen(post)

    def seen(self, post: PostAuthorization) -> PostAuthorization:
        return for_work(PostAuthorization.objects.all()).get(pk=post.pk)

    def runs_ad(self, *, is_running: bool = True) -> None:
        body = {"item_id": self.item_id, "advertiser_id": self.account.external_id}
        self.sparks.tiktok.control("ads", is_running=is_running, **body)

    @property
    def bound_to(self) -> list[str]:
        told = self.sparks.tiktok.look("posts")
        bound: Any = next(p["bound_to"] for p in told if p["item_id"] == self.item_id)
        return bound


@pytest.fixture
def ledger(sparks: Spark, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    monkeypatch.setattr(posts_binding, "WAITS", (0,))
    asked = sparks.ask("posts", center=None)
    sparks.connect(asked)
    account = ours_in_center(sparks)
    sparks.factory.make_grant(asset=account, grantee=main_receiver(), state="active")
    told = sparks.tiktok.look("posts")
    item_id = next(post["item_id"] for post in told if post["creator"] == "aino")
    return Ledger(sparks, sparks.seen(asked), account, item_id)


def test_a_code_the_creator_sent_is_in_use_once_the_list_shows_it(
    ledger: Ledger,
) -> None:
    post = ledger.enter(days=30)
    assert (post.state, post.item_id, post.days) == (State.ACTIVE, ledger.item_id, 30)
    assert post.title == "Up the fell in the rain"
    left = post.ends_at - timezone.now()
    assert dt.timedelta(days=29) < left <= dt.timedelta(days=30)


@pytest.mark.parametrize("how", [loses_the_answer, never_arrives])
def test_a_lost_answer_binds_it_once(ledger: Ledger, how: Any) -> None:
    with ledger.sparks.tiktok.disturbed(AUTHORIZE, how):
        post = ledger.enter()
    assert ledger.look_again(post).state == State.ACTIVE
    assert ledger.bound_to == [ledger.account.external_id]


def test_a_code_that_is_used_up_is_refused(ledger: Ledger) -> None:
    old = ledger.sparks.tiktok.control("posts/code", item_id=ledger.item_id, days=7)
    ledger.sparks.tiktok.control("posts/code", item_id=ledger.item_id, days=7)
    code, user = Secret(old["code"]), ledger.sparks.user
    post = posts.type_in(ledger.asked, ledger.account, code, user=user)
    post = ledger.worked(post)
    assert post.state == State.FAILED
    assert "sends a new one" in post.problem


def test_what_the_creator_takes_back_ends(ledger: Ledger) -> None:
    post = ledger.enter()
    ledger.sparks.tiktok.control("posts/withdraw", item_id=ledger.item_id)
    post = ledger.look_again(post)
    assert (post.state, post.native_status) == (State.ENDED, "CANCELED")


def test_a_word_nobody_knows_proves_nothing_by_itself(ledger: Ledger) -> None:
    post = ledger.enter()
    ledger.sparks.tiktok.control("switches", ad_auth_status="SOMETHING_NEW")
    assert ledger.look_again(post).state == State.ACTIVE  # the code itself answers
    ledger.sparks.tiktok.control("posts/withdraw", item_id=ledger.item_id)
    unproved = ledger.look_again(post)
    assert "next look that counts" in unproved.problem


def test_a_code_made_with_the_key_is_not_used_until_it_is_bound(
    ledger: Ledger,
) -> None:
    post = ledger.make(days=365, binds=False)
    assert (post.state, post.native_status) == (State.UNUSED, "NOT_USED")
    posts.bind(post, ledger.account, user=ledger.sparks.user)
    post = ledger.worked(post)
    assert (post.state, post.days) == (State.ACTIVE, 365)


def test_a_code_whose_making_was_lost_is_taken_up(ledger: Ledger) -> None:
    with ledger.sparks.tiktok.disturbed(MAKE, loses_the_answer) as asked:
        post = ledger.make()
        assert ledger.look_again(post).state == State.ACTIVE
    assert len(asked) == 1


def test_more_days_are_read_back(ledger: Ledger) -> None:
    post = ledger.make(days=7)
    assert posts_extending.extend(post, 60, user=ledger.sparks.user)
    assert (ledger.seen(post).ends_at - timezone.now()).days >= 60


def test_taken_back_it_is_gone_on_both_sides(ledger: Ledger) -> None:
    post = ledger.make()
    ledger.runs_ad()
    assert posts.withdraw(post, reason="The campaign is over.", by=BY)
    post = ledger.worked(post)
    assert (post.state, ledger.bound_to) == (State.WITHDRAWN, [])
    ads = ledger.sparks.tiktok.look("ads")
    assert not any(ad["is_running"] for ad in ads if ad["item_id"] == ledger.item_id)


def test_a_code_in_use_elsewhere_keeps_it_open_until_that_ad_rests(
    ledger: Ledger,
) -> None:
    post = ledger.make()
    tiktok, center = ledger.sparks.tiktok, ledger.sparks.center.external_id
    tiktok.control("switches", code_in_use_can_end=False)
    other = tiktok.control("accounts", bc_id=center, name="Halden SE")
    body = {"item_id": ledger.item_id, "advertiser_id": other["advertiser_id"]}
    tiktok.control("ads", is_running=True, **body)
    posts.withdraw(post, reason="The campaign is over.", by=BY)
    post = ledger.worked(post)
    assert post.state == State.WITHDRAWING
    assert "an ad may still use it" in post.problem
    tiktok.control("ads", is_running=False, **body)
    assert ledger.look_again(post).state == State.WITHDRAWN
