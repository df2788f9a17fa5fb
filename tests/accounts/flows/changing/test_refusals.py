"""For which grants, and in which words, no other role is asked for."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.flows.wishes import CannotWish
from accounts.models import Approval, GrantChange, RoleGrant, User
from tests.accounts.flows.changing.another_role import SOON, change
from tests.factory import Factory

State = RoleGrant.State


class TestItIsRefused:
    @pytest.mark.parametrize(
        "state",
        sorted(set(State) - {State.ACTIVE, State.DRIFTED, State.FOUND}),
    )
    def test_while_it_is_not_held(
        self, factory: Factory, mira: User, state: str
    ) -> None:
        grant = factory.make_grant(state=state)
        with pytest.raises(CannotWish, match="once a read shows that it is held"):
            change(grant, "analyst", mira)
        assert not GrantChange.objects.exists()

    def test_for_what_nobody_asked_for(self, factory: Factory, mira: User) -> None:
        grant = factory.make_grant(state=State.FOUND, asked_role="")
        with pytest.raises(CannotWish, match="Adopt it first"):
            change(grant, "analyst", mira)

    def test_for_the_role_it_has(self, grant: RoleGrant, mira: User) -> None:
        with pytest.raises(CannotWish, match="that is what we ask for"):
            change(grant, "operator", mira)

    def test_without_a_reason(self, grant: RoleGrant, mira: User) -> None:
        with pytest.raises(CannotWish, match="Say why"):
            change(grant, "analyst", mira, reason="")

    @pytest.mark.parametrize("days", [None, -1, 0])
    def test_as_admin_without_a_day_to_come(
        self, grant: RoleGrant, mira: User, days: int | None
    ) -> None:
        day = None if days is None else timezone.localdate() + dt.timedelta(days=days)
        with pytest.raises(CannotWish, match="last day"):
            change(grant, "admin", mira, ends_on=day)
        assert not Approval.objects.exists()

    def test_while_another_change_is_under_way(
        self, grant: RoleGrant, mira: User
    ) -> None:
        change(grant, "analyst", mira)
        with pytest.raises(CannotWish, match="being changed to Analyst already"):
            change(grant, "admin", mira, ends_on=timezone.localdate() + SOON)

    def test_while_an_access_owner_decides(self, grant: RoleGrant, mira: User) -> None:
        change(grant, "admin", mira, ends_on=timezone.localdate() + SOON)
        with pytest.raises(CannotWish, match="decides about Admin for it first"):
            change(grant, "analyst", mira)

    def test_for_a_person(self, factory: Factory, grant: RoleGrant, mira: User) -> None:
        person = factory.make_grant(
            asset=grant.asset, grantee=factory.make_person(), via=grant, state="active"
        )
        with pytest.raises(CannotWish, match="where the account is staffed"):
            change(person, "analyst", mira)

    def test_for_a_seat(self, factory: Factory, mira: User) -> None:
        seat = factory.make_seat()
        with pytest.raises(CannotWish, match=f"in {seat.asset} itself is changed on"):
            change(seat, "admin", mira)
