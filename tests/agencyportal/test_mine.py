"""A media buyer sees exactly the accounts they are on, and those of their clients."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Client, Grantee, RoleGrant, User
from accounts.roles import MEDIA_BUYERS
from tests.base import HttpsClient
from tests.factory import Factory

State = RoleGrant.State
TODAY = reverse("admin:index")
LIST = reverse("admin:accounts_rolegrant_changelist")


class Town:
    """Accounts of two clients, each held by our center, people on some of them."""

    def __init__(self, factory: Factory) -> None:
        self.factory = factory
        self.ours = factory.make_receiver(label="Northlight Agency")
        self.user = factory.make_user(role=MEDIA_BUYERS, name="Jonas Lind")
        self.jonas = self.person(user=self.user, name="Jonas Lind")
        self.browser = HttpsClient()
        self.browser.sign_in(self.user)

    def person(self, **fields: Any) -> Grantee:
        member = self.factory.make_member(**fields)
        return self.factory.make_person(member=member, label=member.name)

    def held(self, name: str, client: Client | None = None) -> RoleGrant:
        account = {"client": client} if client else {}
        asset = self.factory.make_ad_account(name=name, **account)
        return self.factory.make_grant(
            asset=asset, grantee=self.ours, state=State.ACTIVE
        )

    def on(self, via: RoleGrant, person: Grantee, **more: Any) -> RoleGrant:
        fields = {"asset": via.asset, "via": via, "state": State.ACTIVE, **more}
        return self.factory.make_grant(grantee=person, **fields)

    def names(self, which: str) -> list[str]:
        told = self.browser.get(TODAY).context["my_accounts"][which]
        return [row["name"] for row in told]


@pytest.fixture
def town(factory: Factory) -> Town:
    return Town(factory)


@pytest.fixture
def mine(town: Town) -> RoleGrant:
    """Jonas on an account of a client he is not assigned to, beside a colleague."""
    via = town.held("Halden Outdoor DACH")
    town.on(via, town.person(name="Ida Berg"))
    town.held("Nobody's business")
    return town.on(via, town.jonas)


def test_exactly_those_they_are_on(town: Town, mine: RoleGrant) -> None:
    assert town.names("rows") == ["Halden Outdoor DACH"]
    assert town.names("others") == []


def test_with_role_and_client_and_last_read(town: Town, mine: RoleGrant) -> None:
    [row] = town.browser.get(TODAY).context["my_accounts"]["rows"]
    assert (row["role"], row["client"]) == ("Operator", str(mine.asset.client))
    assert row["pill"]["word"] == "Active"
    assert row["read_at"] == mine.verified_at


def test_the_list_behind_it_shows_the_same(town: Town, mine: RoleGrant) -> None:
    for url in (LIST, town.browser.get(TODAY).context["my_accounts"]["url"]):
        listed = town.browser.get(url).context["cl"].result_list
        assert list(listed) == [mine]


def test_their_own_page_names_no_colleague_and_leads_nowhere_closed(
    town: Town, mine: RoleGrant
) -> None:
    page = town.browser.get(reverse("admin:accounts_rolegrant_change", args=[mine.pk]))
    body = page.content.decode()
    assert page.status_code == 200
    assert "Ida Berg" not in body
    assert str(mine.via_id) not in body
    assert str(mine.asset.client_id) not in body


def test_the_centers_grant_and_the_client_stay_closed(
    town: Town, mine: RoleGrant
) -> None:
    client = reverse("admin:accounts_client_change", args=[mine.asset.client_id])
    center = reverse("admin:accounts_rolegrant_change", args=[mine.via_id])
    assert town.browser.get(client).status_code == 404
    assert town.browser.get(center).status_code == 404


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.FAILED, State.LOST])
def test_what_is_gone_is_theirs_no_more(
    town: Town, mine: RoleGrant, state: str
) -> None:
    RoleGrant.objects.filter(pk=mine.pk).update(state=state)
    page = reverse("admin:accounts_rolegrant_change", args=[mine.pk])
    account = reverse("admin:accounts_adaccount_change", args=[mine.asset_id])
    assert town.names("rows") == []
    assert not town.browser.get(LIST).context["cl"].result_list
    assert {town.browser.get(url).status_code for url in (page, account)} == {404}


@pytest.mark.parametrize("state", [State.REQUESTING, State.DRIFTED, "withdrawing"])
def test_what_is_under_way_is_theirs_still(
    town: Town, mine: RoleGrant, state: str
) -> None:
    RoleGrant.objects.filter(pk=mine.pk).update(state=state)
    page = reverse("admin:accounts_rolegrant_change", args=[mine.pk])
    assert town.browser.get(page).status_code == 200


def test_a_client_they_serve_shows_what_is_not_theirs_yet(
    town: Town, mine: RoleGrant, factory: Factory
) -> None:
    client = factory.make_client(name="Aurora Wines")
    town.on(town.held("Aurora Red", client), town.jonas)
    town.held("Aurora White", client)
    factory.make_assignment(client=client, user=town.user, role="buyer")
    assert set(town.names("rows")) == {"Halden Outdoor DACH", "Aurora Red"}
    assert town.names("others") == ["Aurora White"]
    [read, trouble] = town.browser.get(TODAY).context["tiles"]
    assert (read["number"], read["of"], trouble["number"]) == (2, 2, 0)
    for tile in (read, trouble):
        listed = town.browser.get(tile["url"]).context["cl"].result_list
        assert len(listed) == tile["number"]


def test_a_colleague_with_more_to_do_sees_their_clients_as_ever(
    factory: Factory, town: Town, mine: RoleGrant
) -> None:
    manager: User = factory.make_user()
    mine.grantee.member.user = manager
    mine.grantee.member.save()
    assert not RoleGrant.objects.visible_to(manager).exists()
