"""What is proved is kept with its side, and grows old with it; and who acts next."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts import spark_rows
from accounts.flows import spark_qr, spark_withdrawing
from accounts.models import SparkAuthorization
from accounts.trail import Actor
from onboarding.public import spark_state
from tests.accounts.flows.sparked import Spark
from tests.simulated import never_arrives, says

pytestmark = pytest.mark.long

State = SparkAuthorization.State
LIST = "bc/asset/get/"
KEYS_WORD = "tt_user/token_info/get/"
DELETE = "bc/asset/admin/delete/"
DONE = b'{"code": 0, "message": "OK", "data": {}}'
REFUSED = b'{"code": 40001, "message": "an ad runs with it", "data": {}}'
LONG_AGO = dt.timedelta(days=30)


def words_of(asked: SparkAuthorization) -> dict[str, str]:
    return {
        str(one["word"]): str(one["pill"]["word"])
        for one in spark_rows.word_list(asked)
        if one["is_asked"]
    }


class TestProof:
    def test_of_a_side_nobody_has_read_for_a_month_is_not_green(
        self, sparks: Spark
    ) -> None:
        sparks.approve("aino", "POST", "LIVE")
        asked = sparks.ask("posts", "live")
        sparks.connect(asked)
        asked = sparks.seen(asked)
        assert set(words_of(asked).values()) == {"Granted"}
        month = timezone.now() - LONG_AGO
        SparkAuthorization.objects.update(center_read_at=month)
        with sparks.tiktok.disturbed(LIST, never_arrives):
            asked = sparks.look_again(asked)
        assert (asked.state, asked.missing) == (State.ACTIVE, [])
        assert sorted(words_of(asked).values()) == ["Granted", "Not checked today"]
        assert spark_rows.pill_of(asked)["word"] == "Not checked today"
        assert spark_state.look_of(asked) == (3, spark_state.NOT_TODAY)

    def test_a_side_takes_back_only_what_it_showed(self, sparks: Spark) -> None:
        sparks.approve("aino", "POST", "LIVE")
        asked = sparks.ask("posts", "live")
        sparks.connect(asked)
        sparks.approve("aino", "POST")
        with sparks.tiktok.disturbed(KEYS_WORD, never_arrives):
            asked = sparks.look_again(asked)
        assert (asked.state, asked.missing) == (State.ACTIVE, ["live"])


class TestANewCode:
    def test_of_what_was_lost_is_shown_and_read_each_minute(
        self, sparks: Spark
    ) -> None:
        sparks.approve()
        asked = sparks.ask()
        sparks.leave()
        for _ in range(2):
            asked = sparks.look_again(asked)
        assert (asked.state, asked.account_id is None) == (State.LOST, False)
        spark_qr.make_qr(asked, by=Actor.staff(sparks.user))
        asked = sparks.seen(asked)
        assert spark_state.center_of(asked) is not None
        in_a_minute = timezone.now() + dt.timedelta(minutes=1)
        assert asked.next_check_at is not None
        assert asked.next_check_at <= in_a_minute
        sparks.approve()
        asked = sparks.look_again(asked)
        assert (asked.state, spark_state.center_of(asked)) == (State.ACTIVE, None)


class TestWhoActsNext:
    def test_is_ours_where_the_creator_granted_nothing(self, sparks: Spark) -> None:
        asked = sparks.ask("posts", slug="luis", center=None)
        sparks.connect(asked, "luis", withhold=["biz.spark.auth"])
        asked = sparks.seen(asked)
        assert spark_rows.pill_of(asked)["tone"] == "bad"
        self.is_of(sparks, asked, "us")
        with sparks.tiktok.disturbed(KEYS_WORD, never_arrives):
            asked = sparks.look_again(asked)
        self.is_of(sparks, asked, "us")

    def test_of_a_removal_is_the_portals_until_something_is_refused(
        self, sparks: Spark
    ) -> None:
        sparks.approve()
        asked = sparks.ask()
        with sparks.tiktok.disturbed(DELETE, says(DONE)):
            spark_withdrawing.withdraw(asked, reason="It is over.", user=sparks.user)
            asked = sparks.look_again(asked)
        assert "still lists the account" in asked.problem
        self.is_of(sparks, asked, "portal")
        with sparks.tiktok.disturbed(DELETE, says(REFUSED)):
            asked = sparks.look_again(asked)
        self.is_of(sparks, asked, "us")

    def is_of(self, sparks: Spark, asked: SparkAuthorization, turn: str) -> None:
        """Check that the lists and the row say the same of it."""
        rows = SparkAuthorization.objects.filter(pk=asked.pk)
        found = [one for one, q in spark_rows.TURNS.items() if rows.filter(q).exists()]
        assert found == [turn]
        names = {
            "us": "Jonas Lind",
            "creator": asked.creator.shown,
            "portal": "The portal",
        }
        assert spark_rows.who_acts(asked) == names[turn]
