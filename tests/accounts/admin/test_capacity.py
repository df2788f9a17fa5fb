"""The plan of our centers: room, owning addresses, and who sits where."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import capacity
from accounts.models import Client, PlatformLimit, RoleGrant, Team
from tests.base import HttpsClient
from tests.factory import Factory

URL = reverse("admin:accounts_capacity")


@pytest.mark.parametrize(
    ("taken", "tone"), [(0, ""), (79, ""), (80, "wait"), (99, "wait"), (100, "bad")]
)
def test_a_meter_is_amber_from_four_fifths_and_red_when_full(
    taken: int, tone: str
) -> None:
    checked_on = timezone.localdate()
    assert capacity.meter("Room", taken, 100, checked_on)["tone"] == tone


def test_a_meter_is_amber_by_an_old_figure() -> None:
    long_ago = timezone.localdate() - dt.timedelta(days=91)
    assert capacity.meter("Room", 1, 100, long_ago)["tone"] == "wait"


def test_who_does_not_decide_about_centers_sees_no_plan(desk: HttpsClient) -> None:
    assert desk.get(URL).status_code == 403


def test_it_shows_who_sits_where_by_vertical_and_by_team(
    owners_desk: HttpsClient, factory: Factory
) -> None:
    receiver = factory.make_receiver()
    team = Team.objects.create(name="DACH performance")
    wines = factory.make_client(name="Aurora Wines", vertical="Wine", team=team)
    Client.objects.filter(pk=wines.pk).update(default_center=receiver)
    lamps = factory.make_client(name="Aster Lamps", default_center=receiver)
    for _ in range(2):
        factory.make_grant(
            asset=factory.make_ad_account(client=wines),
            grantee=receiver,
            state=RoleGrant.State.ACTIVE,
        )
    (center,) = owners_desk.get(URL).context["centers"]
    names = {
        group["name"]: [(one["name"], one["accounts"]) for one in group["clients"]]
        for group in center["groups"]
    }
    assert names == {"Wine": [("Aurora Wines", 2)], "No vertical": [(lamps.name, 0)]}
    assert center["meter"]["words"] == "2 of 150"
    page = owners_desk.get(URL, {"by": "team"})
    groups = [group["name"] for group in page.context["centers"][0]["groups"]]
    assert groups == ["DACH performance", "No team"]


def test_front_page_list_and_plan_count_alike_what_nobody_has_claimed_too(
    owners_desk: HttpsClient, factory: Factory
) -> None:
    receiver = factory.make_receiver(center=factory.make_center())
    for client in (factory.make_client(), None):
        owner = "client" if client else "unknown"
        asset = factory.make_ad_account(client=client, owner=owner)
        factory.make_grant(asset=asset, grantee=receiver, state=RoleGrant.State.FOUND)
    (planned,) = owners_desk.get(URL).context["centers"]
    (ours,) = owners_desk.get(reverse("admin:index")).context["centers"]
    listed = owners_desk.get(reverse("admin:accounts_businesscenter_changelist"))
    assert planned["meter"]["words"] == ours.room["words"] == "2 of 150"
    assert "2 of 150" in listed.text
    sitting = [one for group in planned["groups"] for one in group["clients"]]
    assert sum(one["accounts"] for one in sitting) == 2
    assert "Nobody's in the books" in [one["name"] for one in sitting]


def test_the_guides_three_centers_an_address_are_what_is_warned_of(
    owners_desk: HttpsClient, factory: Factory
) -> None:
    for address in ("Ops@northlight.example", *["ops@northlight.example"] * 2, ""):
        factory.make_center(owning_email=address)
    page = owners_desk.get(URL)
    (address,) = page.context["addresses"]
    assert (address["label"], address["words"]) == ("ops@northlight.example", "3 of 3")
    assert address["tone"] == "bad"
    assert len(page.context["unsigned"]) == 1
    assert "<b>30</b>" in page.text  # the other source stands beside it
    assert "<b>3,000</b>" in page.text


def test_it_says_so_when_no_source_is_in_use(
    owners_desk: HttpsClient, factory: Factory
) -> None:
    PlatformLimit.objects.update(is_used=False)
    factory.make_center(owning_email="ops@northlight.example")
    page = owners_desk.get(URL)
    assert page.context["addresses"] == []
    assert page.context["centers"][0]["meter"] is None


def test_it_costs_the_same_however_many_sit_there(
    owners_desk: HttpsClient, factory: Factory, django_assert_max_num_queries
) -> None:
    receivers = [factory.make_receiver() for _ in range(4)]
    for n in range(12):
        factory.make_grant(grantee=receivers[n % 4], state=RoleGrant.State.ACTIVE)
    with django_assert_max_num_queries(9):
        owners_desk.get(URL)
