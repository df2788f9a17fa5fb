"""Without a key of the client our people come off, and the client ends the share."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.flows import unassigning
from accounts.models import Connection, Consent, RoleGrant, User
from tests.accounts.flows.test_kill_safety import sweep_later
from tests.accounts.flows.withdrawing.taking_back import (
    MEMBERS,
    NO_PERMISSION,
    UNASSIGN,
    UNSHARE,
    fresh,
    lose_the_clients_key,
    take_back,
    undo,
)
from tests.simulated import Simulated, connect_our_side, never_arrives, once, says

pytestmark = pytest.mark.long

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn


class TestWithoutAKeyOfTheClient:
    def test_our_people_are_taken_off_and_the_client_is_asked(
        self, held: list[RoleGrant], jonas: RoleGrant, tiktok: Simulated
    ) -> None:
        lose_the_clients_key()
        take_back(held[0])
        asked = fresh(held[0])
        assert (asked.state, asked.waits_on) == (State.WITHDRAWING, WaitsOn.CLIENT)
        assert asked.due_on == timezone.localdate() + unassigning.ANSWERS_IN
        assert "Lang Optics ends the share" in asked.problem
        assert fresh(jonas).state == State.WITHDRAWN
        assert tiktok.calls(UNASSIGN) == 1
        assert tiktok.calls(UNSHARE) == 0

    def test_only_a_read_closes_it(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        lose_the_clients_key()
        take_back(held[0])
        sweep_later(times=3)
        assert fresh(held[0]).waits_on == WaitsOn.CLIENT
        undo(tiktok, held[0])
        sweep_later()
        gone = fresh(held[0])
        assert (gone.state, gone.due_on) == (State.WITHDRAWN, None)

    def test_it_keeps_the_day_through_fruitless_reads(
        self, held: list[RoleGrant]
    ) -> None:
        lose_the_clients_key()
        take_back(held[0])
        day = timezone.localdate() + dt.timedelta(days=2)
        RoleGrant.objects.filter(pk=held[0].pk).update(due_on=day)
        sweep_later(times=2)
        assert fresh(held[0]).due_on == day

    def test_a_dead_key_leaves_it_to_the_client(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        tiktok.control("tokens/revoke", person="hugo")
        take_back(held[0])
        sweep_later(times=2)
        assert fresh(held[0]).waits_on == WaitsOn.CLIENT

    def test_a_refused_call_leaves_it_to_the_client(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(UNSHARE, says(NO_PERMISSION)):
            take_back(held[0])
        asked = fresh(held[0])
        assert asked.waits_on == WaitsOn.CLIENT
        assert "40001" in asked.problem

    def test_a_new_key_of_the_client_ends_the_waiting(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        lose_the_clients_key()
        take_back(held[0])
        Consent.objects.filter(purpose=Consent.Purpose.CLIENT).update(
            state=Consent.State.GIVEN
        )
        Connection.objects.filter(label="hugo").update(key_given_at=timezone.now())
        sweep_later(times=2)
        assert fresh(held[0]).state == State.WITHDRAWN

    def test_an_access_owner_acts_when_no_key_of_ours_reaches_it(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        lose_the_clients_key()
        Connection.objects.filter(label__startswith="Priya").update(
            state=Connection.State.NEEDS_REAUTHORIZATION
        )
        take_back(held[0])
        stuck = fresh(held[0])
        assert (stuck.state, stuck.waits_on) == (
            State.WITHDRAWING,
            WaitsOn.ACCESS_OWNER,
        )
        Connection.objects.update(state=Connection.State.LIVE)
        sweep_later(times=2)
        assert fresh(held[0]).waits_on == WaitsOn.CLIENT

    @pytest.mark.parametrize("code", [40300, 40007])
    def test_a_login_that_lost_the_account_proves_nobody_off_it(
        self,
        held: list[RoleGrant],
        jonas: RoleGrant,
        tiktok: Simulated,
        code: int,
    ) -> None:
        lose_the_clients_key()
        with tiktok.disturbed(MEMBERS, says(b'{"code": %d, "data": {}}' % code)):
            take_back(held[0])
        assert fresh(jonas).state == State.ACTIVE
        assert tiktok.calls(UNASSIGN) == 0
        asked = fresh(held[0])
        assert asked.waits_on == WaitsOn.CLIENT
        assert "could not be taken off: TikTok" in asked.problem
        assert str(code) in asked.problem
        undo(tiktok, held[0])
        sweep_later()
        assert fresh(jonas).state == State.WITHDRAWN

    def test_another_login_of_ours_takes_them_off(
        self,
        held: list[RoleGrant],
        jonas: RoleGrant,
        tiktok: Simulated,
        owner: User,
    ) -> None:
        connect_our_side(tiktok, owner, "mira")
        lose_the_clients_key()
        with tiktok.disturbed(MEMBERS, once(says(b'{"code": 40300, "data": {}}'))):
            take_back(held[0])
        assert tiktok.calls(UNASSIGN) == 1
        assert fresh(jonas).state == State.WITHDRAWN
        assert "taken off" not in fresh(held[0]).problem

    def test_it_goes_on_with_its_people_when_an_answer_was_lost(
        self, held: list[RoleGrant], jonas: RoleGrant, tiktok: Simulated
    ) -> None:
        lose_the_clients_key()
        with tiktok.disturbed(UNASSIGN, once(never_arrives)) as asked:
            take_back(held[0])
            sweep_later(times=2)
        assert len(asked) == 2
        assert fresh(jonas).state == State.WITHDRAWN
        assert fresh(held[0]).waits_on == WaitsOn.CLIENT
