"""The form that asks a client for access: what it refuses, then what it does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client, Connection, Contact, Grantee, Reach, User
from accounts.zones import house_day
from onboarding.admin.forms import AskForm
from onboarding.models import AccessLink, AccessRequest, RequestItem
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

ID = "7301846225110446081"
Ask = Callable[..., Any]


def day(number: int) -> str:
    return str(timezone.localdate() + dt.timedelta(days=number))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"accounts": "12345"}, "12345:"),
        ({"accounts": f"{ID}, 99"}, "15 to 20 digits"),
        ({"closes_on": ""}, "This field is required"),
        ({"closes_on": "soon"}, "Enter a valid date"),
        ({"role": "admin", "ends_on": "2099-01-01"}, "Say why Operator is not enough."),
        ({"role": "admin", "reason": "Billing"}, "An Admin role needs a last day."),
        ({"role": "finance"}, "Select a valid choice"),
        ({"platform": "myspace"}, ""),
        ({"contact": ""}, "This field is required"),
        ({"receiver": ""}, "This field is required"),
    ],
)
def test_it_refuses_and_says_why_beside_the_field(
    ask: Ask, changes: dict[str, str], sentence: str
) -> None:
    answer = ask(**changes)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert "Nothing was saved." in answer.text
    assert not AccessRequest.objects.exists()


@pytest.mark.parametrize("days", [-1, 0, 61])
def test_it_refuses_a_last_day_out_of_range(ask: Ask, days: int) -> None:
    answer = ask(closes_on=day(days))
    assert "Choose a day after today, within the next 60 days." in answer.text
    assert not AccessRequest.objects.exists()


def test_it_refuses_an_admin_role_that_is_over_already(ask: Ask) -> None:
    answer = ask(role="admin", reason="Billing", ends_on=day(0))
    assert "Choose a day after today." in answer.text


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_last_day_is_told_by_the_agencys_clock(aurora: Client, zone: str) -> None:
    with timezone.override(zone):
        form = AskForm({"ends_on": str(house_day())}, client=aurora)
        assert form.errors["ends_on"] == ["Choose a day after today."]


def test_finance_is_not_offered(aurora: Client) -> None:
    roles = dict(AskForm(client=aurora).fields["role"].choices)
    assert set(roles) == {"operator", "analyst", "admin"}


def test_it_refuses_somebody_elses_contact(ask: Ask, factory: Factory) -> None:
    stranger = factory.make_contact()
    assert ask(contact=str(stranger.pk)).status_code == 400


def test_it_refuses_a_contact_who_left(ask: Ask, sofia: Contact) -> None:
    sofia.is_active = False
    sofia.save()
    assert ask().status_code == 400


def test_it_refuses_a_receiver_that_is_not_ours(ask: Ask, factory: Factory) -> None:
    theirs = factory.make_receiver(standing=Grantee.Standing.CLIENT)
    assert ask(receiver=str(theirs.pk)).status_code == 400


def test_it_is_closed_to_those_who_only_look(aurora: Client, noa: User) -> None:
    url = reverse("admin:onboarding_ask", args=[aurora.pk])
    browser = browser_of(noa)
    assert browser.get(url).status_code == browser.post(url).status_code == 403
    page = reverse("admin:accounts_client_change", args=[aurora.pk])
    assert url not in browser.get(page).text


def test_it_does_not_know_a_strangers_client(desk: HttpsClient, factory) -> None:
    url = reverse("admin:onboarding_ask", args=[factory.make_client().pk])
    assert desk.get(url).status_code == 404
    assert desk.post(url).status_code == 404


def test_it_shows_the_open_request_instead_of_a_second(ask: Ask, desk) -> None:
    assert ask().status_code == 200
    first = AccessRequest.objects.get()
    answer = ask()
    page = reverse("admin:onboarding_accessrequest_change", args=[first.pk])
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert "There is an open request" in desk.get(page).text
    assert AccessRequest.objects.count() == 1


def test_it_names_whom_to_ask_about_a_recorded_account(
    ask: Ask, factory: Factory
) -> None:
    theirs = factory.make_client(name="Borealis Books")
    factory.make_user(name="Tom Reyes", serves=theirs)
    known = factory.make_ad_account(external_id=ID, client=theirs)
    answer = ask(accounts=ID)
    assert answer.status_code == 400
    assert f"{ID} is already recorded; ask Tom Reyes." in answer.text
    assert str(known.pk) not in answer.text
    assert not AccessRequest.objects.exists()


def test_it_links_to_a_recorded_account_one_may_see(
    ask: Ask, factory: Factory, mira: User
) -> None:
    other = factory.make_client()
    factory.make_assignment(client=other, user=mira)
    known = factory.make_ad_account(external_id=ID, client=other)
    page = reverse("admin:accounts_adaccount_change", args=[known.pk])
    assert page in ask(accounts=ID).text


def test_it_says_beforehand_that_nobody_could_be_asked(
    desk: HttpsClient, aurora: Client
) -> None:
    page = desk.get(reverse("admin:onboarding_ask", args=[aurora.pk]))
    assert "Aurora Wines has no contact yet." in page.text


def test_it_says_beforehand_that_nothing_could_be_proved(
    desk: HttpsClient, aurora: Client, sofia: Contact, factory: Factory
) -> None:
    factory.make_receiver()
    page = desk.get(reverse("admin:onboarding_ask", args=[aurora.pk]))
    assert "We cannot verify: reconnect." in page.text


def test_the_usual_choices_are_made(
    desk: HttpsClient, aurora: Client, sofia: Contact, receiver: Grantee
) -> None:
    form = desk.get(reverse("admin:onboarding_ask", args=[aurora.pk])).context["form"]
    assert form["role"].value() == "operator"
    assert form["contact"].value() in {sofia, sofia.pk}
    assert str(form["closes_on"].value()) == day(7)
    assert form["keep_token"].value() == "keep"


def test_it_counts_each_receivers_own_keys(
    aurora: Client, desk: HttpsClient, receiver: Grantee, factory: Factory, priya: User
) -> None:
    clients_own = factory.make_consent().connection
    for key in (clients_own, dead_key(factory, priya)):
        Reach.objects.create(connection=key, asset=receiver.center, can_grant=True)
    factory.make_receiver(label="Northlight South")
    page = desk.get(reverse("admin:onboarding_ask", args=[aurora.pk]))
    sentences = {row["name"]: row["sentence"] for row in page.context["receivers"]}
    assert sentences == {
        "Northlight Main": "Read with 1 of our keys",
        "Northlight South": "No key reads it",
    }


def dead_key(factory: Factory, colleague: User) -> Connection:
    dead = factory.make_connection(state=Connection.State.NEEDS_REAUTHORIZATION)
    factory.make_consent(connection=dead, user=colleague)
    return dead


def test_it_asks_the_database_as_often_for_ten_receivers_as_for_one(
    aurora: Client, desk: HttpsClient, receiver: Grantee, factory: Factory
) -> None:
    url = reverse("admin:onboarding_ask", args=[aurora.pk])
    desk.get(url)
    with CaptureQueriesContext(connection) as one:
        desk.get(url)
    for _ in range(9):
        factory.make_receiver()
    with CaptureQueriesContext(connection) as ten:
        page = desk.get(url)
    assert len(page.context["receivers"]) == 10
    assert len(ten) == len(one)


def test_it_asks_and_shows_a_first_link_once(ask: Ask, desk: HttpsClient) -> None:
    answer = ask(accounts=f"{ID}\n{ID}", message="Hello", keep_token="drop")
    assert answer.status_code == 200
    item = RequestItem.objects.get()
    assert item.account_ids == [ID]
    assert not item.keeps_key
    assert AccessLink.objects.get().hand_out == AccessLink.HandOut.COPY
    assert answer.text.count("https://portal.example/l/") >= 1
    again = desk.get(reverse("admin:onboarding_hand_out", args=[item.request_id]))
    assert "/l/" not in again.text


def test_an_admin_role_gets_no_link_before_a_decision(
    ask_for_admin: Callable[[], AccessRequest], desk: HttpsClient
) -> None:
    asked = ask_for_admin()
    page = desk.get(reverse("admin:onboarding_accessrequest_change", args=[asked.pk]))
    assert "No link before that." in page.text
    url = reverse("admin:onboarding_hand_out", args=[asked.pk])
    assert desk.post(url).status_code == 302
    assert not AccessLink.objects.exists()


def test_a_reason_without_an_admin_role_is_not_kept(ask: Ask) -> None:
    ask(reason="Left over", ends_on=day(30))
    item = RequestItem.objects.get()
    assert (item.reason, item.ends_on) == ("", None)
