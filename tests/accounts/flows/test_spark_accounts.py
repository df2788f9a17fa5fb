"""Which listed account is the creator's, and for whom its being listed is a yes."""

from __future__ import annotations

import pytest

from accounts.flows import spark_accounts
from accounts.flows.spark import CannotAsk
from accounts.models import SparkAuthorization
from accounts.trail import Actor
from tests.accounts.flows.sparked import Spark
from tests.simulated import run_jobs

State = SparkAuthorization.State


def test_a_code_scanned_for_another_client_is_no_yes_to_this_one(sparks: Spark) -> None:
    sparks.approve()
    first = sparks.ask()
    kestrel = sparks.factory.make_client(name="Kestrel")
    asked = sparks.ask("posts", "live", client=kestrel)
    assert (asked.state, asked.granted) == (State.WAITING, [])
    assert asked.verified_at is None
    assert "hands out the link: @aino.outdoors connects" in asked.problem
    assert sparks.look_again(first).state == State.ACTIVE
    sparks.connect(asked)
    assert sparks.seen(asked).state == State.ACTIVE


class TestWhichAccountIsTheirs:
    def test_is_asked_of_those_alone_that_its_own_center_lists(
        self, sparks: Spark
    ) -> None:
        sparks.approve("luis")
        asked = sparks.ask()
        elsewhere = sparks.factory.make_receiver(label="Northlight Nordic").center
        other = sparks.ask(
            client=sparks.factory.make_client(name="Kestrel"), center=None
        )
        assert [str(one) for one in spark_accounts.unclaimed(asked)] == [
            sparks.told("luis")["name"]
        ]
        assert not spark_accounts.unclaimed(other).exists()
        SparkAuthorization.objects.filter(pk=other.pk).update(center=elsewhere)
        assert not spark_accounts.unclaimed(sparks.seen(other)).exists()
        sparks.leave("luis")
        sparks.look_again(asked)
        assert not spark_accounts.unclaimed(asked).exists()

    def test_is_no_other_creators_where_it_would_become_the_clients(
        self, sparks: Spark
    ) -> None:
        sparks.approve("luis")
        asked = sparks.ask(is_own=True)
        [foreign] = spark_accounts.unclaimed(asked)
        with pytest.raises(CannotAsk, match="is not called like"):
            spark_accounts.choose(asked, foreign, by=Actor.staff(sparks.user))
        foreign.refresh_from_db()
        assert (foreign.client, foreign.creator) == (None, None)

    def test_is_left_to_staff_where_two_are_called_so(self, sparks: Spark) -> None:
        body = {"id": "twin", "name": "Aino Virta", "username": "aino.two"}
        sparks.tiktok.control("creators", **body)
        sparks.approve("aino")
        sparks.approve("twin")
        asked = sparks.ask()
        assert (asked.state, asked.account) == (State.WAITING, None)
        assert asked.problem.startswith("2 accounts in Northlight Agency")
        theirs = spark_accounts.unclaimed(asked).get(
            external_id=sparks.told("aino")["asset_id"]
        )
        assert spark_accounts.choose(asked, theirs, by=Actor.staff(sparks.user))
        run_jobs()
        assert sparks.seen(asked).state == State.ACTIVE
