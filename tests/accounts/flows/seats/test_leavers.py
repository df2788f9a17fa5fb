"""Whoever has left is invited and raised no more, whatever was asked before."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.flows import seats
from accounts.flows.wishes import CannotWish, Wish
from accounts.models import Asset, Member, RoleGrant, User
from accounts.platforms.roles import Role
from tests.accounts.flows.seats.seated import ADMIN, INVITE, STANDARD, as_role, said
from tests.factory import Factory
from tests.simulated import Simulated, run_jobs

State = RoleGrant.State


def test_nobody_who_has_left_is_invited(
    center: Asset, owner: User, nora: Member
) -> None:
    nora.left_on = timezone.localdate()
    nora.save()
    with pytest.raises(CannotWish, match="left on"):
        seats.invite(center, nora, STANDARD, user=owner)


def left(grant: RoleGrant) -> None:
    Member.objects.filter(grantees=grant.grantee).update(left_on=timezone.localdate())


@pytest.mark.parametrize("wish", [ADMIN, as_role(Role.STANDARD)])
def test_the_seat_of_who_has_left_is_not_changed(
    adopted: RoleGrant, owner: User, wish: Wish
) -> None:
    left(adopted)
    with pytest.raises(CannotWish, match="Jonas Lind left on"):
        seats.change(adopted, wish, user=owner)


def test_who_has_left_gets_no_finance_role(adopted: RoleGrant, owner: User) -> None:
    left(adopted)
    with pytest.raises(CannotWish, match="Jonas Lind left on"):
        seats.give_finance(adopted, as_role(Role.ANALYST, days=3), user=owner)


def test_a_yes_comes_too_late_for_who_has_left(
    center: Asset, owner: User, nora: Member, tiktok: Simulated, factory: Factory
) -> None:
    change = seats.invite(center, nora, ADMIN, user=owner)
    Member.objects.filter(pk=nora.pk).update(left_on=timezone.localdate())
    said(change.approval, factory, yes=True)
    change.grant.refresh_from_db()
    assert (change.grant.state, tiktok.calls(INVITE)) == (State.EXPIRED, 0)


def test_nothing_is_sent_for_who_left_meanwhile(
    center: Asset, owner: User, nora: Member, tiktok: Simulated
) -> None:
    seat = seats.invite(center, nora, STANDARD, user=owner).grant
    Member.objects.filter(pk=nora.pk).update(left_on=timezone.localdate())
    run_jobs()
    seat.refresh_from_db()
    assert (seat.state, tiktok.calls(INVITE)) == (State.FAILED, 0)
    assert "left on" in seat.problem
