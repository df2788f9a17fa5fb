"""The client's page names who moves next where an open request waits for one of us."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client, Contact, Grantee, RoleGrant
from accounts.roles import AUDITORS
from accounts.trail import Actor
from onboarding.flows import links
from onboarding.models import AccessLink, RequestItem
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

Ask = Callable[..., Any]
BY = Actor.system("test")


def banner(desk: HttpsClient, client: Client) -> Any:
    page = desk.get(reverse("admin:accounts_client_change", args=[client.pk]))
    return page.context.get("banner")


@pytest.fixture
def invited(ask: Ask, receiver: Grantee, factory: Factory) -> Callable[..., None]:
    """The client says that it has invited us; two of ours are admins there."""
    for name in ("Priya Raman", "Lena Fischer"):
        person = factory.make_person(member=factory.make_member(name=name))
        factory.make_seat(asset=receiver.center, grantee=person, observed_role="admin")
    factory.make_person(seat_in=receiver.center, label="Jonas Lind")

    def say(accounts: str = "") -> None:
        ask(method="method_b", accounts=accounts)
        item, link = RequestItem.objects.get(), AccessLink.objects.get()
        anew = links.hand_out(link.request, AccessLink.HandOut.COPY, by=BY)
        page = f"/l/{anew.url.partition('/l/')[2]}invited/{item.pk}/"
        assert HttpsClient().post(page).status_code == 303

    return say


def test_whose_request_waits_for_the_client_is_told_nothing(
    desk: HttpsClient, aurora: Client, ask: Ask
) -> None:
    ask()
    assert banner(desk, aurora) is None


@pytest.mark.parametrize("accounts", ["", "7301846225110446081"])
def test_our_admins_accept_by_name_and_the_list_is_read_at_once(
    desk: HttpsClient, aurora: Client, invited: Callable[..., None], accounts: str
) -> None:
    invited(accounts)
    told = banner(desk, aurora)
    assert "Lena Fischer or Priya Raman accepts" in told["title"]
    assert told["act"]["label"] == "Read back now"
    assert told["act"]["is_post"]
    assert desk.post(told["act"]["url"]).status_code == 302


def test_who_may_not_read_it_is_led_to_the_request(
    aurora: Client, invited: Callable[..., None], factory: Factory
) -> None:
    invited()
    told = banner(browser_of(factory.make_user(role=AUDITORS)), aurora)
    assert told["act"]["label"] == "Open it"


def test_a_center_whose_seats_were_never_read_names_itself(
    desk: HttpsClient, aurora: Client, invited: Callable[..., None]
) -> None:
    invited()
    RoleGrant.objects.filter(family="seat").update(state="lost")
    assert "An admin of Northlight Main accepts" in banner(desk, aurora)["title"]


def test_a_link_nobody_has_is_handed_out_and_a_silent_contact_called(
    desk: HttpsClient, aurora: Client, ask: Ask, sofia: Contact
) -> None:
    ask()
    AccessLink.objects.update(revoked_at=timezone.now())
    told = banner(desk, aurora)
    assert told["title"] == "Next: hand out the link to Sofia Marin."
    assert told["act"]["label"] == "Hand it out"
    sofia.email_problem = "Refused."
    sofia.save()
    assert banner(desk, aurora)["title"] == "Next: call Sofia Marin."
