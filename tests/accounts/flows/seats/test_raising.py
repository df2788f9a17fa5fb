"""A seat becomes Admin, or gets a finance role, by another owner's yes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.flows import seats
from accounts.models import GrantAttempt, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.trail import Actor
from tests.accounts.flows.reading import look_again
from tests.accounts.flows.seats.seated import ADMIN, UPDATE, WHY, as_role, jonas, said
from tests.factory import Factory
from tests.simulated import Simulated, run_jobs

pytestmark = pytest.mark.long

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn


def test_a_seat_becomes_admin_by_anothers_yes(
    adopted: RoleGrant, owner: User, tiktok: Simulated, factory: Factory
) -> None:
    change = seats.change(adopted, ADMIN, user=owner)
    assert tiktok.calls(UPDATE) == 0
    said(change.approval, factory, yes=True)
    assert (jonas().observed_role, jonas().is_fresh) == (Role.ADMIN, True)


def test_a_finance_role_is_given_by_anothers_yes_and_taken_without(
    adopted: RoleGrant, owner: User, tiktok: Simulated, factory: Factory
) -> None:
    wish = as_role(Role.MANAGER, days=30)
    change = seats.give_finance(adopted, wish, user=owner)
    said(change.approval, factory, yes=True)
    finance = seats.finance_of(adopted)
    assert finance is not None
    assert (finance.observed_role, finance.is_fresh) == (Role.MANAGER, True)
    seats.remove(finance, reason=WHY, by=Actor.staff(owner))
    run_jobs()
    assert seats.finance_of(adopted) is None
    assert jonas().state == State.ACTIVE


def test_where_the_platform_keeps_a_finance_role_our_admin_takes_it_off(
    adopted: RoleGrant, owner: User, tiktok: Simulated, factory: Factory
) -> None:
    tiktok.control("switches", finance_ends_when_empty=False)
    change = seats.give_finance(adopted, as_role(Role.ANALYST, days=3), user=owner)
    said(change.approval, factory, yes=True)
    seats.remove(change.grant, reason=WHY, by=Actor.staff(owner))
    run_jobs()
    for _ in range(12):
        GrantAttempt.objects.update(ended_at=timezone.now() - dt.timedelta(minutes=5))
        look_again()
    change.grant.refresh_from_db()
    assert change.grant.state == State.WITHDRAWING
    assert change.grant.waits_on == WaitsOn.CENTER_ADMIN
    assert "on the website" in change.grant.problem
