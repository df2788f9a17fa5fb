"""Staffing at its desk: many people on many accounts by one submit, or nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client, Grantee, RoleGrant, Team
from accounts.roles import MEDIA_BUYERS
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

State = RoleGrant.State


@pytest.fixture
def held(factory: Factory, aurora: Client) -> list[RoleGrant]:
    """Two accounts of Aurora's that our center holds as Operator."""
    receiver = factory.make_receiver(label="Northlight Agency")
    return [
        factory.make_grant(
            asset=factory.make_ad_account(client=aurora, name=name),
            grantee=receiver,
            state=State.ACTIVE,
            observed_native="OPERATOR",
        )
        for name in ("Aurora Red", "Aurora White")
    ]


@pytest.fixture
def jonas(held: list[RoleGrant], factory: Factory) -> Grantee:
    return seat(held, factory, "Jonas Lind")


def seat(held: list[RoleGrant], factory: Factory, name: str) -> Grantee:
    member = factory.make_member(name=name)
    center = held[0].grantee.center
    return factory.make_person(label=name, member=member, seat_in=center)


def url_of(client: Client) -> str:
    return reverse("admin:accounts_client_staff", args=[client.pk])


def filled(held: list[RoleGrant], **roles: Any) -> dict[str, Any]:
    return {"accounts": [str(via.pk) for via in held], **roles}


def on(person: Grantee, role: str) -> dict[str, str]:
    return {f"role_{person.pk}": role}


def persons() -> list[RoleGrant]:
    return list(RoleGrant.objects.filter(via__isnull=False).order_by("asset__name"))


class TestWhoMay:
    def test_a_stranger_is_told_nothing(
        self, held: list[RoleGrant], factory: Factory, aurora: Client
    ) -> None:
        stranger = browser_of(factory.make_user())
        assert stranger.get(url_of(aurora)).status_code == 404

    def test_a_buyer_is_refused(
        self, held: list[RoleGrant], factory: Factory, aurora: Client
    ) -> None:
        buyer = browser_of(factory.make_user(role=MEDIA_BUYERS, serves=aurora))
        assert buyer.get(url_of(aurora)).status_code == 403
        assert buyer.post(url_of(aurora)).status_code == 403


class TestItIsRefused:
    def refused(self, desk: HttpsClient, client: Client, data: Any) -> str:
        answer = desk.post(url_of(client), {**data, "sure": "yes"})
        assert (answer.status_code, persons()) == (400, [])
        return str(answer.content.decode())

    def test_with_nobody_chosen(
        self, desk: HttpsClient, held: list[RoleGrant], jonas: Grantee, aurora: Client
    ) -> None:
        page = self.refused(desk, aurora, filled(held))
        assert "Choose a role for at least one person." in page

    def test_above_the_centers_role_which_it_names(
        self, desk: HttpsClient, held: list[RoleGrant], jonas: Grantee, aurora: Client
    ) -> None:
        RoleGrant.objects.filter(pk=held[1].pk).update(observed_role="analyst")
        page = self.refused(desk, aurora, filled(held, **on(jonas, "operator")))
        assert "Northlight Agency holds Analyst on Aurora White" in page

    def test_as_admin_without_why_and_until_when(
        self, desk: HttpsClient, held: list[RoleGrant], jonas: Grantee, aurora: Client
    ) -> None:
        RoleGrant.objects.filter(via=None).update(observed_role="admin")
        page = self.refused(desk, aurora, filled(held, **on(jonas, "admin")))
        assert "An Admin role needs a last day." in page
        assert "Say why Operator is not enough." in page

    def test_on_an_account_that_was_lost_meanwhile(
        self, desk: HttpsClient, held: list[RoleGrant], jonas: Grantee, aurora: Client
    ) -> None:
        RoleGrant.objects.filter(pk=held[1].pk).update(state=State.LOST)
        self.refused(desk, aurora, filled(held, **on(jonas, "operator")))
        page = desk.get(url_of(aurora)).content.decode()
        assert "does not hold Aurora White now: lost" in page

    def test_for_a_seat_that_is_gone_since_the_page_was_opened(
        self,
        desk: HttpsClient,
        owners_desk: HttpsClient,
        held: list[RoleGrant],
        jonas: Grantee,
        aurora: Client,
    ) -> None:
        RoleGrant.objects.filter(family="seat").update(state=State.WITHDRAWN)
        self.refused(desk, aurora, filled(held, **on(jonas, "operator")))


def test_it_is_previewed_before_anything_is_written(
    desk: HttpsClient, held: list[RoleGrant], jonas: Grantee, aurora: Client
) -> None:
    page = desk.post(url_of(aurora), filled(held, **on(jonas, "operator")))
    assert "Jonas Lind as Operator" in page.content.decode()
    assert persons() == []


def test_many_people_on_many_accounts_by_one_submit(
    desk: HttpsClient,
    held: list[RoleGrant],
    jonas: Grantee,
    factory: Factory,
    aurora: Client,
) -> None:
    ida = seat(held, factory, "Ida Berg")
    roles = {**on(jonas, "operator"), **on(ida, "analyst")}
    answer = desk.post(url_of(aurora), {**filled(held, **roles), "sure": "yes"})
    assert answer.url == reverse("admin:accounts_client_change", args=[aurora.pk])
    assert {
        (one.asset.name, str(one.grantee), one.asked_role, one.state)
        for one in persons()
    } == {
        (account, person, role, State.REQUESTING)
        for account in ("Aurora Red", "Aurora White")
        for person, role in (("Jonas Lind", "operator"), ("Ida Berg", "analyst"))
    }


def test_the_clients_team_is_filled_in_and_says_who_cannot_be_put_on(
    desk: HttpsClient,
    owners_desk: HttpsClient,
    held: list[RoleGrant],
    jonas: Grantee,
    factory: Factory,
    aurora: Client,
) -> None:
    team = Team.objects.create(name="DACH performance")
    gone = factory.make_member(name="Ole Dahl", left_on=timezone.localdate())
    outside = factory.make_member(name="Ida Berg")
    for member, role in ((jonas.member, "analyst"), (gone, ""), (outside, "operator")):
        team.places.create(member=member, role=role or "operator")
    aurora.team = team
    aurora.save()
    page = owners_desk.get(url_of(aurora)).content.decode()
    assert '<option value="analyst" selected>' in page
    assert "The usual team of Aurora Wines, filled in." in page
    theirs = reverse("admin:accounts_client_change", args=[aurora.pk])
    assert "DACH performance" in owners_desk.get(theirs).text
    assert "Ida Berg has no seat in Northlight Agency" in page
    assert f"member={outside.pk}" in page
    assert "Ole Dahl left on" in page
    assert f"member={outside.pk}" not in desk.get(url_of(aurora)).content.decode()


def test_a_client_without_a_team_has_none_chosen(
    desk: HttpsClient, held: list[RoleGrant], jonas: Grantee, aurora: Client
) -> None:
    team = Team.objects.create(name="Search")
    team.places.create(member=jonas.member, role="operator")
    page = desk.get(url_of(aurora))
    assert page.context["team"] is None
    assert "The usual team of" not in page.text
    assert '<option value="operator" selected>' not in page.text


def test_what_is_not_shown_is_counted_and_found_by_name(
    desk: HttpsClient,
    held: list[RoleGrant],
    jonas: Grantee,
    aurora: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("accounts.admin.staffing.MOST_ACCOUNTS", 1)
    page = desk.get(url_of(aurora)).text
    assert "1 of 2 shown" in page
    assert "Aurora White" not in page
    sought = f"{url_of(aurora)}?q=whi"
    page = desk.get(sought).text
    assert "1 of 1 shown" in page
    assert "Aurora Red" not in page
    desk.post(sought, {**filled(held[1:], **on(jonas, "operator")), "sure": "yes"})
    assert [one.asset.name for one in persons()] == ["Aurora White"]


def test_another_team_is_filled_in_without_a_script(
    desk: HttpsClient, held: list[RoleGrant], jonas: Grantee, aurora: Client
) -> None:
    team = Team.objects.create(name="Search")
    team.places.create(member=jonas.member, role="operator")
    told = {"team": str(team.pk), "fill": "1", "accounts": [str(held[0].pk)]}
    page = desk.post(url_of(aurora), told)
    assert page.status_code == 200
    body = page.content.decode()
    assert '<option value="operator" selected>' in body
    assert body.count(" checked>") == 1
    assert persons() == []


def test_one_persons_role_is_changed_from_their_own_grant(
    desk: HttpsClient,
    held: list[RoleGrant],
    jonas: Grantee,
    factory: Factory,
    aurora: Client,
) -> None:
    person = factory.make_grant(
        asset=held[0].asset,
        grantee=jonas,
        via=held[0],
        state=State.ACTIVE,
        observed_native="OPERATOR",
    )
    page = desk.get(reverse("admin:accounts_rolegrant_change", args=[person.pk]))
    url = reverse("admin:accounts_rolegrant_staff", args=[held[0].pk])
    assert f"{url}?person={jonas.pk}" in page.content.decode()
    form = desk.get(f"{url}?person={jonas.pk}").content.decode()
    assert '<option value="operator" selected>' in form
    desk.post(url, {**filled(held[:1], **on(jonas, "analyst")), "sure": "yes"})
    person.refresh_from_db()
    assert (person.state, person.asked_role) == (State.REQUESTING, "analyst")


def test_the_grants_page_says_who_works_and_takes_them_off(
    desk: HttpsClient,
    held: list[RoleGrant],
    jonas: Grantee,
    factory: Factory,
) -> None:
    url = reverse("admin:accounts_rolegrant_change", args=[held[0].pk])
    page = desk.get(url).content.decode()
    assert "Nobody is on it yet" in page
    assert page.count(reverse("admin:accounts_rolegrant_staff", args=[held[0].pk])) == 2
    person = factory.make_grant(
        asset=held[0].asset,
        grantee=jonas,
        via=held[0],
        state=State.ACTIVE,
        observed_native="OPERATOR",
    )
    page = desk.get(url).content.decode()
    assert "Works: Operator for us, Jonas Lind on it" in page
    assert reverse("admin:accounts_rolegrant_take_back", args=[person.pk]) in page
