"""Who is not invited, and what nobody may ask for."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.flows import seats
from accounts.flows.wishes import CannotWish, Wish
from accounts.models import Asset, Member, RoleGrant, User
from accounts.platforms.roles import Role
from tests.accounts.flows.seats.seated import INVITE, STANDARD, as_role
from tests.simulated import Simulated, run_jobs

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("email", "why"),
    [
        ("ads+eu@northlight.example", "shared mailbox"),
        ("j.lind@elsewhere.example", "STAFF_EMAIL_DOMAINS"),
        ("jonas@northlight.example", "sits in Northlight Agency already, as Standard"),
    ],
)
def test_it_invites_nobody_it_should_not(
    center: Asset, owner: User, settings: Any, tiktok: Simulated, email: str, why: str
) -> None:
    settings.STAFF_EMAIL_DOMAINS = ["northlight.example"]
    member, _ = Member.objects.get_or_create(email=email, defaults={"name": "X"})
    before = RoleGrant.objects.count()
    with pytest.raises(CannotWish, match=why):
        seats.invite(center, member, STANDARD, user=owner)
    assert RoleGrant.objects.count() == before
    assert tiktok.calls(INVITE) == 0


@pytest.mark.parametrize(
    "wish",
    [
        as_role(Role.ADMIN),
        Wish(Role.ADMIN, "", STANDARD.ends_on),
        Wish(Role.STANDARD, ""),
    ],
)
def test_it_asks_for_no_admin_without_a_day_and_for_nothing_without_a_reason(
    center: Asset, owner: User, nora: Member, wish: Wish
) -> None:
    with pytest.raises(CannotWish):
        seats.invite(center, nora, wish, user=owner)
    assert not RoleGrant.objects.filter(grantee__member=nora).exists()


def test_an_invitation_is_not_sent_twice(
    center: Asset, owner: User, nora: Member, tiktok: Simulated
) -> None:
    seats.invite(center, nora, STANDARD, user=owner)
    run_jobs()
    with pytest.raises(CannotWish, match="is invited to Northlight Agency already"):
        seats.invite(center, nora, STANDARD, user=owner)
    assert tiktok.calls(INVITE) == 1
