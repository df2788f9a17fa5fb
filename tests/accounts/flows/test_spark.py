"""A creator is asked, answers by a key or a center's code, and a read tells of it."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.utils import timezone

from accounts.flows import spark, spark_qr, spark_work
from accounts.flows.spark import AlreadyAsked, CannotAsk
from accounts.models import Asset, RoleGrant, SparkAdAccount, SparkAuthorization
from accounts.trail import Actor
from tests.accounts.flows.sparked import Spark, ours_in_center
from tests.simulated import loses_the_answer, never_arrives, run_jobs, says

State = SparkAuthorization.State
LIST = "bc/asset/get/"
KEYS_WORD = "tt_user/token_info/get/"
IDENTITIES = "identity/get/"
LINK = "bc/asset/advertiser/assign/"
NO_PERMISSION = b'{"code": 40001, "message": "no", "data": {}}'


class TestItIsRefused:
    def test_to_ask_for_nothing(self, sparks: Spark) -> None:
        with pytest.raises(CannotAsk, match="Choose what @aino"):
            sparks.ask("nothing we know")

    def test_to_ask_a_creator_twice_for_one_client(self, sparks: Spark) -> None:
        first = sparks.ask()
        with pytest.raises(AlreadyAsked) as known:
            sparks.ask("live")
        assert known.value.authorization == first

    def test_to_serve_somebody_without_a_seat(self, sparks: Spark) -> None:
        nobody = sparks.factory.make_person(label="Ida Berg")
        with pytest.raises(CannotAsk, match="Ida Berg has no seat in Northlight"):
            sparks.ask(members=[nobody])

    def test_to_use_it_in_another_clients_ad_account(self, sparks: Spark) -> None:
        foreign = sparks.factory.make_ad_account(name="Not theirs")
        with pytest.raises(CannotAsk, match="Not theirs is not an ad account of"):
            sparks.ask(ad_accounts=[foreign])


class TestACreatorsKey:
    def test_grants_what_its_own_word_says(self, sparks: Spark) -> None:
        asked = sparks.ask("posts", "profile", center=None)
        sparks.connect(asked)
        asked = sparks.seen(asked)
        assert (asked.state, asked.granted) == (State.ACTIVE, ["posts", "profile"])
        assert (asked.is_fresh, asked.problem) == (True, "")

    def test_is_enough_where_nobody_is_to_work_in_the_center(
        self, sparks: Spark
    ) -> None:
        asked = sparks.ask("posts")
        sparks.connect(asked)
        asked = sparks.seen(asked)
        assert (asked.state, asked.problem) == (State.ACTIVE, "")

    def test_is_not_enough_for_our_people_in_the_center(self, sparks: Spark) -> None:
        asked = sparks.ask("posts", members=[sparks.person()])
        sparks.connect(asked)
        assert "Jonas Lind shows @aino.outdoors" in sparks.seen(asked).problem

    def test_that_gives_a_part_says_what_is_missing(self, sparks: Spark) -> None:
        asked = sparks.ask("posts", "videos", slug="nora", center=None)
        sparks.connect(asked, "nora")
        asked = sparks.seen(asked)
        assert (asked.state, asked.missing) == (State.ACTIVE, ["videos"])
        assert asked.problem == (
            "Not granted: public videos. Jonas Lind asks @cucina.di.nora with a new"
            " code, or asks for less."
        )
        assert f"granted use posts for ads. {asked.problem}" in sparks.story(asked)[0]

    def test_that_gives_nothing_asked_is_never_active(self, sparks: Spark) -> None:
        asked = sparks.ask("posts", slug="luis", center=None)
        sparks.connect(asked, "luis", withhold=["biz.spark.auth"])
        asked = sparks.seen(asked)
        assert (asked.state, asked.verified_at) == (State.UNVERIFIED, None)
        assert "granted nothing that was asked" in asked.problem

    def test_that_died_leaves_the_access_as_it_was_known(self, sparks: Spark) -> None:
        asked = sparks.ask(center=None)
        key = sparks.connect(asked)
        sparks.tiktok.control("creators/withdraw", creator="aino")
        asked = sparks.look_again(asked)
        assert asked.state == State.ACTIVE
        assert "connects again with a new link" in asked.problem
        key.refresh_from_db()
        assert key.state == "needs_reauthorization"


class TestACentersCode:
    def test_is_kept_with_its_age_and_nowhere_else(self, sparks: Spark) -> None:
        asked = sparks.ask()
        spark_qr.make_qr(asked, by=Actor.staff(sparks.user))
        asked = sparks.seen(asked)
        assert "/qr/" in asked.qr_url
        assert asked.qr_made_at is not None
        assert asked.next_check_at is not None
        assert (asked.next_check_at - timezone.now()).total_seconds() <= 60
        assert asked.qr_url not in " ".join(sparks.story(asked))

    def test_that_was_scanned_shows_in_the_centers_list(self, sparks: Spark) -> None:
        asked = sparks.ask("posts", "profile")
        assert asked.state == State.WAITING
        sparks.approve()
        asked = sparks.look_again(asked)
        assert (asked.state, asked.missing) == (State.ACTIVE, [])
        assert asked.account is not None
        assert asked.account.external_id == sparks.told("aino")["asset_id"]
        assert asked.account.owner == Asset.Owner.THIRD_PARTY

    def test_the_clients_own_account_becomes_the_clients(self, sparks: Spark) -> None:
        sparks.approve()
        asked = sparks.ask(is_own=True)
        assert asked.account is not None
        assert asked.account.client == sparks.client


class TestALaterRead:
    def test_that_fails_changes_nothing(self, sparks: Spark) -> None:
        sparks.approve()
        asked = sparks.ask()
        with sparks.tiktok.disturbed(LIST, never_arrives):
            later = sparks.look_again(asked)
        assert (later.state, later.granted) == (
            State.ACTIVE,
            ["posts", "profile", "videos"],
        )
        assert later.verified_at == asked.verified_at

    def test_of_which_two_miss_it_finds_it_lost(self, sparks: Spark) -> None:
        sparks.approve()
        asked = sparks.ask()
        sparks.leave()
        once = sparks.look_again(asked)
        assert (once.state, once.is_fresh) == (State.UNVERIFIED, False)
        SparkAuthorization.objects.update(next_check_at=timezone.now())
        twice = sparks.look_again(asked)
        assert (twice.state, twice.granted) == (State.LOST, [])
        assert "gone in two reads" in twice.problem

    def test_that_comes_too_soon_is_no_second_one(self, sparks: Spark) -> None:
        sparks.approve()
        asked = sparks.ask()
        sparks.leave()
        missed = sparks.look_again(asked)
        spark_work.read_now(missed, by=Actor.staff(sparks.user))
        assert sparks.seen(asked).state == State.UNVERIFIED

    def test_that_fails_past_the_second_look_comes_later_each_time(
        self, sparks: Spark
    ) -> None:
        jonas = sparks.person()
        sparks.approve()
        asked = sparks.ask(members=[jonas])
        long_ago = timezone.now() - dt.timedelta(hours=5)
        grants = RoleGrant.objects.filter(asset=asked.account)
        grants.update(missed_at=long_ago, next_check_at=long_ago)
        soon = timezone.now() + dt.timedelta(hours=4)
        with sparks.tiktok.disturbed(LIST, never_arrives):
            sparks.look_again(asked)
            assert not SparkAuthorization.objects.filter(next_check_at__lt=soon)
            missed = {"state": State.UNVERIFIED, "missed_at": long_ago}
            SparkAuthorization.objects.update(**missed, since=long_ago)
            sparks.look_again(asked)
        assert not SparkAuthorization.objects.filter(next_check_at__lt=soon)

    def test_shows_what_was_lost_again(self, sparks: Spark) -> None:
        sparks.approve()
        asked = sparks.ask()
        SparkAuthorization.objects.update(state=State.LOST, granted=[])
        assert sparks.look_again(asked).state == State.ACTIVE

    def test_of_one_whose_key_cannot_be_read_takes_nothing_away(
        self, sparks: Spark
    ) -> None:
        asked = sparks.ask("posts", "profile")
        sparks.connect(asked)
        with sparks.tiktok.disturbed(KEYS_WORD, never_arrives):
            later = sparks.look_again(asked)
        assert (later.state, later.missing) == (State.ACTIVE, [])


class TestOurPeople:
    def test_are_put_on_it_by_a_grant_that_is_read_back(self, sparks: Spark) -> None:
        jonas = sparks.person()
        sparks.approve()
        sparks.ask(members=[jonas])
        grant = RoleGrant.objects.get(family=RoleGrant.Family.CREATOR)
        assert (grant.state, grant.observed_role) == ("active", "posts")
        assert sparks.hold()["members"] == {jonas.external_id: ["POST"]}
        assert {"assign"} == set(grant.attempts.values_list("operation", flat=True))

    def test_are_taken_off_when_it_serves_them_no_more(self, sparks: Spark) -> None:
        jonas = sparks.person()
        sparks.approve()
        asked = sparks.ask(members=[jonas])
        assert spark.serve(asked, [], user=sparks.user)
        run_jobs()
        assert RoleGrant.objects.get(family="creator_account").state == "withdrawn"
        assert sparks.hold()["members"] == {}

    def test_stay_on_it_for_another_clients_campaign(self, sparks: Spark) -> None:
        jonas = sparks.person()
        sparks.approve()
        first = sparks.ask(members=[jonas])
        other = sparks.factory.make_client(name="Kestrel")
        sparks.connect(sparks.ask(members=[jonas], client=other))
        spark.serve(first, [], user=sparks.user)
        run_jobs()
        assert sparks.hold()["members"] == {jonas.external_id: ["POST"]}

    def test_an_answer_that_was_lost_is_no_second_call(self, sparks: Spark) -> None:
        jonas = sparks.person()
        sparks.approve()
        with sparks.tiktok.disturbed("bc/asset/assign/", loses_the_answer) as calls:
            sparks.ask(members=[jonas])
        assert len(calls) == 1
        assert RoleGrant.objects.get(family="creator_account").state == "active"


class TestAdAccounts:
    def test_are_linked_and_read_back(self, sparks: Spark) -> None:
        account = ours_in_center(sparks)
        sparks.approve()
        asked = sparks.ask(ad_accounts=[account])
        link = asked.ad_accounts.get()
        assert (link.state, link.problem) == (SparkAdAccount.State.LINKED, "")
        assert sparks.hold()["advertiser_ids"] == [account.external_id]

    def test_that_are_refused_say_so_and_are_not_asked_for_again(
        self, sparks: Spark
    ) -> None:
        account = ours_in_center(sparks)
        sparks.approve()
        with sparks.tiktok.disturbed(LINK, says(NO_PERMISSION)) as calls:
            asked = sparks.ask(ad_accounts=[account])
        link = asked.ad_accounts.get()
        assert (len(calls), link.state) == (1, SparkAdAccount.State.WANTED)
        assert link.problem

    def test_that_may_not_show_the_creator_say_why(self, sparks: Spark) -> None:
        account = ours_in_center(sparks)
        sparks.approve()
        row = {
            "identity_id": "1",
            "identity_type": "BC_AUTH_TT",
            "username": "aino.outdoors",
            "available_status": "IS_PRIVATE_ACCOUNT",
        }
        with sparks.tiktok.disturbed(IDENTITIES, says(listing(row))):
            asked = sparks.ask(ad_accounts=[account])
        assert "The account is private" in asked.ad_accounts.get().problem
        with sparks.tiktok.disturbed(IDENTITIES, never_arrives):
            later = sparks.look_again(asked)
        assert "The account is private" in later.ad_accounts.get().problem
        stranger = {**row, "username": "somebody", "available_status": "AVAILABLE"}
        with sparks.tiktok.disturbed(IDENTITIES, says(listing(stranger))):
            later = sparks.look_again(asked)
        assert "does not list @aino.outdoors" in later.ad_accounts.get().problem
        later = sparks.look_again(asked)
        assert later.ad_accounts.get().problem == ""

    def test_whose_own_list_nobody_could_read_are_not_green(
        self, sparks: Spark
    ) -> None:
        account = ours_in_center(sparks)
        sparks.approve()
        with sparks.tiktok.disturbed(IDENTITIES, never_arrives):
            asked = sparks.ask(ad_accounts=[account])
        link = asked.ad_accounts.get()
        assert (link.state, link.verified_at) == (SparkAdAccount.State.LINKED, None)


def listing(row: dict[str, str]) -> bytes:
    """Return what `identity/get/` answers with this one row."""
    page = {"page": 1, "page_size": 100, "total_number": 1, "total_page": 1}
    data = {"identity_list": [row], "page_info": page}
    return json.dumps({"code": 0, "message": "OK", "data": data}).encode()
