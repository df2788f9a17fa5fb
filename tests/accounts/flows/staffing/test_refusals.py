"""Who is put on nothing, and on which accounts nobody is."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.flows import staffing
from accounts.flows.wishes import CannotWish
from accounts.models import Event, Grantee, RoleGrant, User
from accounts.platforms.roles import Role
from tests.accounts.flows.staffing.put_on import ASSIGN, ours, put
from tests.factory import Factory
from tests.simulated import Simulated, run_jobs

State = RoleGrant.State


class TestItIsRefused:
    """In a sentence, and nothing is written."""

    def refused(self, match: str, *args: Any, **more: Any) -> None:
        before = RoleGrant.objects.count(), Event.objects.count()
        with pytest.raises((staffing.CannotStaff, CannotWish), match=match):
            put(*args, **more)
        assert (RoleGrant.objects.count(), Event.objects.count()) == before

    def test_for_somebody_without_a_seat(
        self, held: list[RoleGrant], factory: Factory, mira: User
    ) -> None:
        nobody = factory.make_person(label="Ida Berg")
        self.refused("Ida Berg has no seat in Northlight Agency", mira, nobody, *held)

    def test_for_somebody_seated_in_another_center(
        self, held: list[RoleGrant], factory: Factory, mira: User
    ) -> None:
        elsewhere = factory.make_person(seat_in=factory.make_center())
        self.refused("Invite them first", mira, elsewhere, *held)

    def test_for_a_seat_that_is_not_read_back(
        self, held: list[RoleGrant], jonas: Grantee, mira: User
    ) -> None:
        RoleGrant.objects.filter(family="seat").update(state=State.PENDING)
        self.refused("no seat", mira, jonas, *held)

    def test_for_somebody_who_left(
        self, held: list[RoleGrant], jonas: Grantee, factory: Factory, mira: User
    ) -> None:
        jonas.member = factory.make_member(name="Jonas Lind", left_on="2026-03-31")
        jonas.save()
        jonas.refresh_from_db()
        self.refused("Jonas Lind left on 31 March 2026", mira, jonas, *held)

    def test_and_nothing_is_sent_for_somebody_who_left_meanwhile(
        self,
        held: list[RoleGrant],
        jonas: Grantee,
        factory: Factory,
        mira: User,
        tiktok: Simulated,
    ) -> None:
        put(mira, jonas, held[0])
        jonas.member = factory.make_member(name="Jonas Lind", left_on="2026-03-31")
        jonas.save()
        run_jobs()
        assert (ours(jonas).state, tiktok.calls(ASSIGN)) == (State.FAILED, 0)
        assert "Jonas Lind left on" in ours(jonas).problem

    def test_above_the_role_our_center_holds(
        self, held: list[RoleGrant], jonas: Grantee, mira: User
    ) -> None:
        RoleGrant.objects.filter(pk=held[0].pk).update(observed_role="analyst")
        self.refused("Northlight Agency holds Analyst", mira, jonas, *held)

    def test_on_a_role_nobody_can_compare_with(
        self, held: list[RoleGrant], jonas: Grantee, mira: User
    ) -> None:
        RoleGrant.objects.filter(pk=held[0].pk).update(
            observed_role="unknown", observed_native="SUPERVISOR"
        )
        self.refused("as SUPERVISOR", mira, jonas, held[0])

    @pytest.mark.parametrize("state", [State.LOST, State.UNVERIFIED, State.FOUND])
    def test_on_an_account_that_is_not_held_as_asked(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, state: str
    ) -> None:
        RoleGrant.objects.filter(pk=held[1].pk).update(state=state)
        match = "Adopt it first" if state == State.FOUND else "does not hold"
        self.refused(match, mira, jonas, *held)

    def test_twice_on_one_account(
        self, held: list[RoleGrant], jonas: Grantee, mira: User
    ) -> None:
        self.refused("named twice", mira, jonas, held[0], held[0])

    def test_while_they_are_taken_off(
        self, held: list[RoleGrant], jonas: Grantee, mira: User
    ) -> None:
        put(mira, jonas, held[0])
        run_jobs()
        RoleGrant.objects.filter(grantee=jonas, via=held[0]).update(state="withdrawing")
        self.refused("being taken off", mira, jonas, held[0])

    @pytest.mark.parametrize(
        "more", [{"reason": ""}, {"reason": "Billing"}], ids=["a reason", "a last day"]
    )
    def test_as_admin_without(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, more: dict[str, Any]
    ) -> None:
        RoleGrant.objects.filter(pk=held[0].pk).update(observed_role="admin")
        self.refused(
            "Say why|a last day", mira, jonas, held[0], role=Role.ADMIN, **more
        )
