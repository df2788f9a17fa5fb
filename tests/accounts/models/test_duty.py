"""Who serves a client today: leads always, deputies in their place, buyers theirs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Client, User
from accounts.roles import ACCESS_OWNERS, AUDITORS, MEDIA_BUYERS
from tests.factory import Factory

YESTERDAY = dt.timedelta(days=-1)


@pytest.fixture
def aurora(factory: Factory) -> Client:
    return factory.make_client(name="Aurora Wines")


@pytest.fixture
def lead(factory: Factory, aurora: Client) -> User:
    return factory.make_user(name="Mira Okafor", serves=aurora)


@pytest.fixture
def deputy(factory: Factory, aurora: Client) -> User:
    user = factory.make_user(name="Tom Vega")
    factory.make_assignment(client=aurora, user=user, role="deputy")
    return user


def serves(user: User, client: Client) -> bool:
    """Ask anew: a person's duty is read once a request."""
    fresh = User.objects.get(pk=user.pk)
    return client in Client.objects.visible_to(fresh)


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def test_a_deputy_sees_nothing_while_the_lead_is_at_work(
    aurora: Client, lead: User, deputy: User
) -> None:
    assert not serves(deputy, aurora)


def test_a_deputy_sees_nothing_from_the_day_the_lead_is_back(
    aurora: Client, lead: User, deputy: User
) -> None:
    lead.away_until = lead.today + YESTERDAY
    lead.save()
    assert not serves(deputy, aurora)


def test_a_leads_absence_opens_only_the_leads_clients(
    factory: Factory, lead: User, deputy: User
) -> None:
    other = factory.make_client()
    factory.make_user(serves=other)
    factory.make_assignment(client=other, user=deputy, role="deputy")
    lead.away_until = lead.today
    lead.save()
    assert not serves(deputy, other)


@pytest.mark.parametrize("role", ["lead", "deputy", "buyer"])
def test_a_former_assignment_opens_nothing(
    factory: Factory, aurora: Client, role: str
) -> None:
    user = factory.make_user()
    factory.make_assignment(client=aurora, user=user, role=role, until=today(-1))
    assert not serves(user, aurora)


def test_a_former_lead_does_not_keep_the_deputy_out(
    factory: Factory, aurora: Client, deputy: User
) -> None:
    factory.make_assignment(client=aurora, role="lead", until=today(-1))
    assert serves(deputy, aurora)


def test_a_deputy_serves_through_the_leads_last_day_away(
    aurora: Client, lead: User, deputy: User
) -> None:
    lead.away_until = lead.today
    lead.save()
    assert serves(deputy, aurora)
    assert serves(lead, aurora)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_leads_day_ends_by_the_leads_clock(
    aurora: Client, lead: User, deputy: User, zone: str
) -> None:
    """The two clocks are never on the same day."""
    lead.time_zone = zone
    lead.away_until = User(time_zone="Pacific/Pago_Pago").today
    lead.save()
    assert serves(deputy, aurora) is (zone == "Pacific/Pago_Pago")


def test_a_deputy_serves_while_nobody_leads(aurora: Client, deputy: User) -> None:
    assert serves(deputy, aurora)


@pytest.mark.parametrize("gone", [{"is_active": False}, {"expires_on": today(-2)}])
def test_a_lead_who_may_not_sign_in_leads_nobody(
    aurora: Client, lead: User, deputy: User, gone: dict
) -> None:
    User.objects.filter(pk=lead.pk).update(**gone)
    assert serves(deputy, aurora)


def test_a_buyer_sees_the_clients_they_are_assigned_to(
    factory: Factory, aurora: Client
) -> None:
    buyer = factory.make_user(role=MEDIA_BUYERS)
    assert not serves(buyer, aurora)
    factory.make_assignment(client=aurora, user=buyer, role="buyer", until=today())
    assert serves(buyer, aurora)


@pytest.mark.parametrize("role", [ACCESS_OWNERS, AUDITORS])
def test_owners_and_auditors_see_all(
    factory: Factory, aurora: Client, role: str
) -> None:
    assert serves(factory.make_user(role=role), aurora)


def test_it_acts_through_the_lead_and_else_the_deputy(
    aurora: Client, lead: User, deputy: User
) -> None:
    assert aurora.acts == lead
    User.objects.filter(pk=lead.pk).update(away_until=today(3))
    assert Client.objects.get(pk=aurora.pk).acts == deputy


def test_it_acts_through_the_lead_where_nobody_else_is_at_work(
    aurora: Client, lead: User
) -> None:
    User.objects.filter(pk=lead.pk).update(away_until=today(3))
    assert aurora.acts == lead


def test_the_story_of_a_merged_client_stays_with_those_who_serve(
    factory: Factory, aurora: Client, lead: User
) -> None:
    merged = factory.make_client(merged_into=aurora)
    assert lead.story_keys() == sorted([str(aurora.pk), str(merged.pk)])


def test_it_costs_one_reading_however_often_asked(
    aurora: Client, deputy: User, django_assert_num_queries
) -> None:
    with django_assert_num_queries(4):
        for _ in range(2):
            list(Client.objects.visible_to(deputy))
