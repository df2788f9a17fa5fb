"""A former client comes back: asked again, with all that was before still there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.flows import disconnecting, withdrawing, work
from accounts.models import Client, Consent, Event, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.trail import Actor, describe
from onboarding.flows import requests
from onboarding.models import RequestItem
from tests.accounts.admin.conftest import browser_of
from tests.factory import Factory
from tests.onboarding.test_scenarios import choosable
from tests.onboarding.visitor import Visitor
from tests.simulated import main_receiver, run_jobs

pytestmark = pytest.mark.long

MakeVisitor = Callable[..., Visitor]
BY = Actor.system()


@pytest.fixture
def halden(visitor: MakeVisitor) -> Client:
    """Halden has shared, was taken off everything, disconnected, and left."""
    browser = visitor("sofia")
    share_all(browser)
    for grant in RoleGrant.objects.all():
        withdrawing.withdraw(grant, reason="They left", by=BY)
        work.carry_out([str(grant.pk)])
    for consent in Consent.objects.filter(purpose="client"):
        disconnecting.ask(consent, by=BY)
    disconnecting.carry_out(by=BY)
    client: Client = browser.item.client
    Client.objects.filter(pk=client.pk).update(status=Client.Status.FORMER)
    client.refresh_from_db()
    return client


def share_all(browser: Visitor) -> None:
    browser.sign_in_and_back()
    browser.share(*choosable(browser.session))
    run_jobs()


def ask_again(client: Client, user: User) -> RequestItem:
    contact = client.contacts.get()
    wish = requests.Wish(
        contact=contact,
        platform="tiktok",
        receiver=main_receiver(),
        role=Role.OPERATOR,
        closes_at=timezone.now() + dt.timedelta(days=7),
    )
    return requests.ask(client, wish, user=user)


def test_nothing_brings_a_former_client_back_but_asking(
    halden: Client, factory: Factory
) -> None:
    factory.make_contact(client=halden)
    work.sweep()
    run_jobs()
    halden.refresh_from_db()
    assert halden.status == Client.Status.FORMER
    assert {grant.state for grant in RoleGrant.objects.all()} == {"withdrawn"}


def test_asking_again_begins_anew(halden: Client, owner: User) -> None:
    ask_again(halden, owner)
    halden.refresh_from_db()
    assert halden.status == Client.Status.ONBOARDING
    moved = Event.objects.filter(action="client.moved", client_key=str(halden.pk))
    assert [said for _, said in describe(moved)] == [
        f"{halden} is now: Onboarding.",
        f"{halden} is now: Active.",
    ]


def test_what_was_taken_back_does_not_stand_in_the_way(
    halden: Client, owner: User, visitor: MakeVisitor
) -> None:
    before = set(RoleGrant.objects.values_list("pk", flat=True))
    share_all(visitor("sofia", item=ask_again(halden, owner)))
    halden.refresh_from_db()
    assert halden.status == Client.Status.ACTIVE
    states = dict(RoleGrant.objects.values_list("pk", "state"))
    assert {states[pk] for pk in before} == {"withdrawn"}
    assert {states[pk] for pk in states.keys() - before} == {"active"}
    assert len(states) == 2 * len(before)


def test_the_old_story_and_people_are_shown(halden: Client, owner: User) -> None:
    contact = halden.contacts.get()
    ask_again(halden, owner)
    page = browser_of(owner).get(
        reverse("admin:accounts_client_change", args=[halden.pk])
    )
    assert page.status_code == 200
    assert contact.email in page.text.replace("<wbr>", "")
    told = Event.objects.of_client(halden).values_list("action", flat=True)
    assert {"grant.active", "grant.withdrawn", "request.made"} <= set(told)


def test_a_lost_account_is_shared_again(
    halden: Client, owner: User, visitor: MakeVisitor
) -> None:
    """Gone by itself, not taken back: the same grant begins anew."""
    lost = RoleGrant.objects.first()
    assert lost is not None
    RoleGrant.objects.filter(pk=lost.pk).update(state=RoleGrant.State.LOST)
    share_all(visitor("sofia", item=ask_again(halden, owner)))
    lost.refresh_from_db()
    assert lost.state == RoleGrant.State.ACTIVE
