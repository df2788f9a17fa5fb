"""One address a person, at a house we know; and what somebody saw grows old."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.flows import holders, practices
from accounts.models import Member, User
from accounts.zones import house_day


@pytest.mark.parametrize(
    "local",
    [
        *("info", "ads", "office", "marketing", "team", "hello", "contact", "admin"),
        *("sales", "support", "ADS", "ads+tiktok", "ads.eu", "no-reply", "it_berlin"),
        *("ads1", "infos", "de.info", "our-ads", "info%eu", "\u017fales", "postmaster"),
    ],
)
def test_a_mailbox_many_read_is_no_persons_address(local: str) -> None:
    no = practices.why_not_address(f"{local}@northlight.example")
    assert "shared mailbox" in no
    assert "Enter the person's own address" in no


@pytest.mark.parametrize(
    "local", ["jonas", "adam.smith", "infante", "teamana", "emily.post", "jo2", "7"]
)
def test_a_persons_name_is_taken(local: str) -> None:
    assert practices.why_not_address(f"{local}@northlight.example") == ""


@pytest.mark.parametrize("tag", ["2", "ads", ""])
def test_a_mailbox_has_one_name_here(tag: str) -> None:
    no = practices.why_not_address(f"jonas+{tag}@northlight.example")
    assert "Enter the address without the plus, jonas@northlight.example" in no


def test_no_address_is_longer_than_an_address_can_be() -> None:
    at_house = "@northlight.example"
    longest = "x" * (254 - len(at_house)) + at_house
    assert practices.why_not_address(longest) == ""
    assert "at most 254" in practices.why_not_address(f"x{longest}")


@pytest.mark.django_db
def test_long_addresses_that_begin_alike_are_two_people(factory: Any) -> None:
    first, second = (
        factory.make_member(email=f"{'x' * 63}@{end}.example") for end in ("one", "two")
    )
    one, two = (holders.invited_as("tiktok", each) for each in (first, second))
    assert one != two
    assert holders.invited_as("tiktok", first) == one


def test_only_domains_of_ours_are_taken_once_they_are_named(settings: Any) -> None:
    assert practices.why_not_address("jo@anywhere.example") == ""
    settings.STAFF_EMAIL_DOMAINS = ("northlight.example",)
    assert practices.why_not_address("Jo@Northlight.example") == ""
    no = practices.why_not_address("jo@anywhere.example")
    assert "is not at northlight.example" in no
    assert "STAFF_EMAIL_DOMAINS" in no
    assert practices.why_not_address("jo@sub.northlight.example")


@pytest.mark.django_db
def test_nobody_attests_what_is_to_come(factory: Any) -> None:
    member = Member.objects.create(name="Jo", email="jo@northlight.example")
    user: User = factory.make_user()
    with pytest.raises(ValueError, match="seen then"):
        practices.attest(member, house_day() + dt.timedelta(days=1), user=user)
    practices.attest(member, house_day() - dt.timedelta(days=90), user=user)
    member.refresh_from_db()
    assert member.two_step_attested_by == user
    assert practices.is_attested(member)
    practices.attest(member, house_day() - dt.timedelta(days=91), user=user)
    member.refresh_from_db()
    assert not practices.is_attested(member)
