"""Our people and their teams: one address a person, every save on the trail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Client, Event, EventPayload, Member, Team
from accounts.roles import MEDIA_BUYERS
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

MEMBERS = reverse("admin:accounts_member_changelist")
ADD = reverse("admin:accounts_member_add")
TEAMS = reverse("admin:accounts_team_changelist")


def told(action: str) -> list[dict[str, Any]]:
    keys = Event.objects.filter(action=action).values("pk")
    payloads = EventPayload.objects.filter(event_id__in=keys)
    return [json.loads(payload.body) for payload in payloads]


def rows_of(*places: dict[str, Any], there: int = 0) -> dict[str, Any]:
    data = {
        "places-TOTAL_FORMS": len(places),
        "places-INITIAL_FORMS": there,
        "places-MIN_NUM_FORMS": 0,
        "places-MAX_NUM_FORMS": 1000,
    }
    for n, place in enumerate(places):
        data |= {f"places-{n}-{name}": value for name, value in place.items()}
    return data


@pytest.mark.parametrize(
    ("email", "why"),
    [
        ("info@northlight.example", "shared mailbox"),
        ("jonas@elsewhere.example", "is not at northlight.example"),
        ("JONAS@northlight.example", "A member with this address exists."),
    ],
)
def test_an_address_is_one_persons_own_and_ours(
    owners_desk: HttpsClient, factory: Factory, settings: Any, email: str, why: str
) -> None:
    settings.STAFF_EMAIL_DOMAINS = ("northlight.example",)
    factory.make_member(email="jonas@northlight.example")
    page = owners_desk.post(ADD, {"name": "Jonas Lind", "email": email})
    assert why in page.content.decode()
    assert Member.objects.count() == 1


def test_an_account_manager_reads_the_directory_and_changes_teams_alone(
    desk: HttpsClient,
) -> None:
    assert desk.get(MEMBERS).status_code == 200
    assert desk.get(ADD).status_code == 403
    assert desk.get(reverse("admin:accounts_team_add")).status_code == 200


def test_a_member_is_added_and_told(owners_desk: HttpsClient) -> None:
    told_form = {"name": "Jonas Lind", "email": "Jonas@northlight.example"}
    owners_desk.post(ADD, told_form)
    assert Member.objects.get().email == "jonas@northlight.example"
    [event] = told("member.added")
    assert event["after"]["name"] == "Jonas Lind"


def test_a_team_tells_who_came_and_who_went(
    desk: HttpsClient, factory: Factory
) -> None:
    jonas = factory.make_member(name="Jonas Lind")
    place = {"member": str(jonas.pk), "role": "analyst"}
    desk.post(reverse("admin:accounts_team_add"), {"name": "Search", **rows_of(place)})
    team = Team.objects.get()
    [put] = team.places.all()
    assert (put.member, put.role) == (jonas, "analyst")
    assert told("team.added")
    assert told("teamplace.added")
    gone = {"id": put.pk, "team": str(team.pk), **place, "role": ""}
    desk.post(
        reverse("admin:accounts_team_change", args=[team.pk]),
        {"name": "Search", **rows_of(gone, there=1)},
    )
    [left] = told("teamplace.changed")
    assert (left["before"], left["after"]) == ({"role": "analyst"}, {"role": ""})
    assert "Nobody yet" in desk.get(TEAMS).content.decode()


def test_nobody_is_in_a_team_twice(desk: HttpsClient, factory: Factory) -> None:
    place = {"member": str(factory.make_member().pk), "role": "analyst"}
    told_form = {"name": "Search", **rows_of(place, {**place, "role": "operator"})}
    page = desk.post(reverse("admin:accounts_team_add"), told_form)
    assert page.status_code == 200
    assert not Team.objects.exists()


def test_the_list_says_where_they_sit_and_on_how_many_accounts(
    owners_desk: HttpsClient, desk: HttpsClient, factory: Factory, aurora: Client
) -> None:
    ours = factory.make_receiver(center=factory.make_center(name="Northlight Agency"))
    jonas = factory.make_member(name="Jonas Lind")
    person = factory.make_person(member=jonas, seat_in=ours.center)
    for client in (aurora, factory.make_client()):
        asset = factory.make_ad_account(client=client)
        via = factory.make_grant(asset=asset, grantee=ours, state="active")
        factory.make_grant(asset=asset, grantee=person, via=via, state="active")
    page = owners_desk.get(MEMBERS)
    [row] = page.context["cl"].result_list
    assert [str(seat.asset) for seat in row.sits] == ["Northlight Agency"]
    assert row.count == 2
    assert "Standard" in page.content.decode()
    # Of a manager's clients it is one: no number is better than a wrong one.
    assert "accounts" not in desk.get(MEMBERS).context["cl"].list_display


def test_the_list_asks_no_more_for_many(desk: HttpsClient, factory: Factory) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.get(MEMBERS)
        return len(asked)

    center = factory.make_center()
    factory.make_person(member=factory.make_member(), seat_in=center)
    desk.get(MEMBERS)
    few = queries()
    for _ in range(5):
        factory.make_person(member=factory.make_member(), seat_in=center)
    assert queries() == few


def test_a_buyer_looks_and_changes_nothing(factory: Factory) -> None:
    buyer = browser_of(factory.make_user(role=MEDIA_BUYERS))
    assert buyer.get(TEAMS).status_code == 200
    assert buyer.get(reverse("admin:accounts_team_add")).status_code == 403
