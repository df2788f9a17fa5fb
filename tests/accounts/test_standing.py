"""Where grants stand: every grant in exactly one place, pages and lists alike."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from itertools import product

import pytest
from django.db import connection
from django.utils import timezone

from accounts import standing
from accounts.models import RoleGrant
from accounts.standing import HANGING, STANDINGS, URGENCY
from tests.factory import Factory

pytestmark = pytest.mark.long

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn


@pytest.fixture
def grants(factory: Factory) -> list[RoleGrant]:
    """One grant of every state and turn, read just now and long ago.

    Each once a center's own and twice a person's, by a center's that stands or not.
    """
    receiver = factory.make_receiver()
    client = factory.make_client()

    def make(**fields) -> RoleGrant:
        account = factory.make_ad_account(client=client)
        return factory.make_grant(asset=account, grantee=receiver, **fields)

    vias = (None, make(state=State.ACTIVE), make(state=State.LOST))
    moments = (timezone.now(), timezone.now() - dt.timedelta(hours=25))
    made = [
        make(state=state, waits_on=waits_on, verified_at=moment, via=via)
        for state, waits_on, moment, via in product(State, WaitsOn, moments, vias)
    ]
    with connection.cursor() as cursor:
        # PostgreSQL plans by what it knows of tables, and rolled back tests mislead it.
        cursor.execute("ANALYZE")
    return made


def test_a_persons_share_of_a_lost_account_is_not_lost_once_more(factory) -> None:
    lost = factory.make_grant(state=State.LOST)
    for _ in range(3):
        factory.make_grant(state=State.LOST, via=lost)
    counts = standing.count(RoleGrant.objects.all())
    assert (counts["trouble"], counts["hanging"]) == (1, 3)


def test_every_grant_stands_in_exactly_one_place(grants: list[RoleGrant]) -> None:
    places = Counter()
    for place in STANDINGS:
        of_place = RoleGrant.objects.filter(place.where())
        places.update(of_place.values_list("pk", flat=True))
    assert set(places.values()) == {1}
    assert len(places) == RoleGrant.objects.count()


def test_the_count_is_the_length_of_the_list(grants: list[RoleGrant]) -> None:
    counts = standing.count(RoleGrant.objects.all())
    assert counts == {
        place.key: RoleGrant.objects.filter(place.where()).count()
        for place in STANDINGS
    }
    assert sum(counts.values()) == RoleGrant.objects.count()


def test_it_counts_in_one_query(grants, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        standing.count(RoleGrant.objects.all())


def test_what_is_urgent_stands_first(grants: list[RoleGrant]) -> None:
    assert set(URGENCY) == set(STANDINGS) - {HANGING}
    centers = RoleGrant.objects.filter(via__isnull=True)
    ranks = {}
    for rank, place in enumerate(URGENCY):
        of_place = centers.filter(place.where())
        ranks |= dict.fromkeys(of_place.values_list("pk", flat=True), rank)
    seen = [ranks[one.pk] for one in standing.by_urgency(centers)]
    assert seen == sorted(seen)
