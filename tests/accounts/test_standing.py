"""Where grants stand: every grant in exactly one place, pages and lists alike."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest
from django.utils import timezone

from accounts import standing
from accounts.models import RoleGrant
from accounts.standing import STANDINGS, URGENCY
from tests.factory import Factory

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn


@pytest.fixture
def grants(factory: Factory) -> list[RoleGrant]:
    """One grant of every state and turn, read just now and long ago."""
    receiver = factory.make_receiver()
    client = factory.make_client()
    moments = (timezone.now(), timezone.now() - dt.timedelta(hours=25))
    return [
        factory.make_grant(
            asset=factory.make_ad_account(client=client),
            grantee=receiver,
            state=state,
            waits_on=waits_on,
            verified_at=moment,
        )
        for state, waits_on, moment in product(State, WaitsOn, moments)
    ]


def test_every_grant_stands_in_exactly_one_place(grants: list[RoleGrant]) -> None:
    places = {grant.pk: [] for grant in grants}
    for place in STANDINGS:
        for grant in RoleGrant.objects.filter(place.where()):
            places[grant.pk].append(place.key)
    assert {len(keys) for keys in places.values()} == {1}


def test_the_count_is_the_length_of_the_list(grants: list[RoleGrant]) -> None:
    counts = standing.count(RoleGrant.objects.all())
    assert counts == {
        place.key: RoleGrant.objects.filter(place.where()).count()
        for place in STANDINGS
    }
    assert sum(counts.values()) == len(grants)


def test_it_counts_in_one_query(grants, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        standing.count(RoleGrant.objects.all())


def test_what_is_urgent_stands_first(grants: list[RoleGrant]) -> None:
    assert set(URGENCY) == set(STANDINGS)
    keys = [place.key for place in URGENCY]
    ranks = [
        next(
            keys.index(place.key)
            for place in STANDINGS
            if RoleGrant.objects.filter(place.where(), pk=grant.pk).exists()
        )
        for grant in standing.by_urgency(RoleGrant.objects.all())
    ]
    assert ranks == sorted(ranks)
