"""When an answer or a read fails, only what is read next ends anything."""

from __future__ import annotations

import pytest

from accounts.flows import sharing
from accounts.models import PlatformRead, RoleGrant
from tests.accounts.flows.test_kill_safety import sweep_later
from tests.accounts.flows.withdrawing.taking_back import (
    OUR_READ,
    SAID_YES,
    SLOW_DOWN,
    UNSHARE,
    fresh,
    long_ago,
    take_back,
    undo,
)
from tests.simulated import (
    Simulated,
    loses_the_answer,
    never_arrives,
    once,
    open_the_tap,
    says,
)

pytestmark = pytest.mark.long

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn


class TestWhenTheAnswerIsLost:
    def test_it_reads_before_it_calls_again(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(UNSHARE, loses_the_answer) as asked:
            take_back(held[0])
        assert fresh(held[0]).state == State.WITHDRAWN
        assert len(asked) == 1

    def test_it_calls_again_while_the_clients_side_still_shares(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(UNSHARE, once(never_arrives)) as asked:
            take_back(held[0])
            assert fresh(held[0]).state == State.WITHDRAWING
            sweep_later(times=2)
        assert fresh(held[0]).state == State.WITHDRAWN
        assert len(asked) == 2

    def test_it_stops_after_five_tries_and_says_who_acts(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(UNSHARE, never_arrives) as asked:
            take_back(held[0])
            sweep_later(times=8)
        stuck = fresh(held[0])
        assert len(asked) == sharing.MOST_ATTEMPTS
        assert (stuck.state, stuck.waits_on) == (
            State.WITHDRAWING,
            WaitsOn.ACCOUNT_MANAGER,
        )
        assert "5 tries did not end it" in stuck.problem

    def test_a_read_closes_what_people_ended(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(UNSHARE, never_arrives):
            take_back(held[0])
            sweep_later(times=8)
        undo(tiktok, held[0])
        sweep_later()
        assert fresh(held[0]).state == State.WITHDRAWN

    def test_it_waits_out_a_rate_limit_however_often(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(UNSHARE, says(SLOW_DOWN)):
            take_back(held[0])
            sweep_later(times=8)
        assert fresh(held[0]).waits_on == WaitsOn.PORTAL
        open_the_tap()
        sweep_later(times=2)
        assert fresh(held[0]).state == State.WITHDRAWN

    def test_a_yes_that_does_not_show_is_asked_once_more(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(UNSHARE, once(says(SAID_YES))) as asked:
            take_back(held[0])
            sweep_later(times=2)
            assert fresh(held[0]).waits_on == WaitsOn.PLATFORM
            assert len(asked) == 1
            long_ago()
            sweep_later(times=2)
        assert len(asked) == 2
        assert fresh(held[0]).state == State.WITHDRAWN


class TestAFailedReadEndsNothing:
    def test_it_stays_on_its_way(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(OUR_READ, never_arrives):
            take_back(held[0])
        assert fresh(held[0]).state == State.WITHDRAWING
        sweep_later()
        assert fresh(held[0]).state == State.WITHDRAWN

    def test_a_broken_list_of_people_ends_nobodys_role(
        self, jonas: RoleGrant, tiktok: Simulated
    ) -> None:
        with tiktok.disturbed("bc/asset/member/get/", says(b"<html>")):
            take_back(jonas)
        assert fresh(jonas).state == State.WITHDRAWING

    def test_the_evidence_names_what_was_read(self, held: list[RoleGrant]) -> None:
        take_back(held[0])
        last = PlatformRead.objects.filter(grants=held[0]).first()
        assert last is not None
        assert (last.problem, last.is_whole) == ("", True)
