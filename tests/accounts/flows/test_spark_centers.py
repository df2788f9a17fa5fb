"""Two of our centers have one creator's account; each sees to its own people alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.flows import spark
from accounts.models import Asset, RoleGrant, SparkAuthorization
from tests.accounts.flows.sparked import Spark
from tests.simulated import run_jobs

pytestmark = pytest.mark.long

UNASSIGN = "bc/asset/unassign/"


@pytest.fixture
def nordic(sparks: Spark) -> Spark:
    """The same town, seen from our other center, for another client."""
    center = Asset.objects.get(kind="center", name="Northlight Nordic")
    client = sparks.factory.make_client(name="Kestrel")
    return replace(sparks, center=center, client=client)


def ask_in(place: Spark, name: str) -> SparkAuthorization:
    place.approve()
    return place.ask(members=[place.person(name)])


def states() -> dict[str, str]:
    grants = RoleGrant.objects.filter(family="creator_account")
    return dict(grants.values_list("grantee__label", "state"))


def test_neither_takes_the_others_people_off(sparks: Spark, nordic: Spark) -> None:
    first = ask_in(sparks, "Jonas Lind")
    second = ask_in(nordic, "Priya Raman")
    for asked in (first, second, first):
        sparks.look_again(asked)
    assert states() == {"Jonas Lind": "active", "Priya Raman": "active"}
    assert sparks.tiktok.calls(UNASSIGN) == 0


def test_each_takes_its_own_off(sparks: Spark, nordic: Spark) -> None:
    first = ask_in(sparks, "Jonas Lind")
    ask_in(nordic, "Priya Raman")
    spark.serve(first, [], user=sparks.user)
    sparks.look_again(first)
    assert states() == {"Jonas Lind": "withdrawn", "Priya Raman": "active"}
    assert sparks.tiktok.calls(UNASSIGN) == 1


def test_who_sits_in_both_stays_where_they_are(sparks: Spark, nordic: Spark) -> None:
    ask_in(sparks, "Priya Raman")
    priya = RoleGrant.objects.get(family="creator_account").grantee
    sparks.factory.make_seat(asset=nordic.center, grantee=priya)
    nordic.approve()
    second = nordic.ask()
    assert spark.serve(second, [priya], user=sparks.user)
    run_jobs()
    grant = RoleGrant.objects.get(family="creator_account")
    assert (grant.state, grant.missed_at) == ("active", None)
    assert sparks.tiktok.calls(UNASSIGN) == 0
