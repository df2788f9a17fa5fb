"""When the answer is no yes a read decides, and whoever must act is told."""

from __future__ import annotations

import pytest

from accounts.models import Consent, Grantee, RoleGrant, User
from tests.accounts.flows.staffing.put_on import (
    ASSIGN,
    MEMBERS,
    NO_PERMISSION,
    SLOW_DOWN,
    ours,
    put,
)
from tests.accounts.flows.test_kill_safety import sweep_later
from tests.simulated import (
    Simulated,
    loses_the_answer,
    never_arrives,
    open_the_tap,
    run_jobs,
    says,
)

pytestmark = pytest.mark.long

State = RoleGrant.State


class TestWhenTheAnswerIsNoYes:
    def test_a_lost_answer_is_settled_by_the_read(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        put(mira, jonas, held[0])
        with tiktok.disturbed(ASSIGN, loses_the_answer):
            run_jobs()
        assert ours(jonas).state == State.ACTIVE
        assert ours(jonas).attempts.get().outcome == "unknown"

    def test_it_gives_up_after_five_tries_and_says_who_acts(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        put(mira, jonas, held[0])
        with tiktok.disturbed(ASSIGN, never_arrives) as asked:
            sweep_later(times=12)
        after = ours(jonas)
        assert (after.state, after.waits_on) == (State.FAILED, "account_manager")
        assert (len(asked), "5 tries" in after.problem) == (5, True)

    def test_it_waits_out_a_rate_limit(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        put(mira, jonas, held[0])
        with tiktok.disturbed(ASSIGN, says(SLOW_DOWN)):
            sweep_later(times=7)
        assert ours(jonas).state == State.REQUESTING
        open_the_tap()
        sweep_later()
        assert ours(jonas).state == State.ACTIVE

    def test_it_has_failed_when_the_platform_says_no(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        put(mira, jonas, held[0])
        with tiktok.disturbed(ASSIGN, says(NO_PERMISSION)):
            run_jobs()
        after = ours(jonas)
        assert (after.state, after.waits_on) == (State.FAILED, "account_manager")
        assert "Jonas Lind was not put on it" in after.problem

    def test_an_access_owner_acts_when_no_key_of_ours_reaches_it(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        put(mira, jonas, held[0])
        kept = Consent.objects.filter(purpose="agency")
        kept.update(state=Consent.State.HELD)
        run_jobs()
        after = ours(jonas)
        assert (after.state, after.waits_on) == (State.REQUESTING, "access_owner")
        kept.update(state=Consent.State.GIVEN)
        sweep_later()
        assert ours(jonas).state == State.ACTIVE

    def test_an_access_owner_acts_when_no_key_of_ours_reads_it_back(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        put(mira, jonas, held[0])
        with tiktok.disturbed(MEMBERS, says(b"<html>")):
            run_jobs()
        Consent.objects.filter(purpose="agency").update(state=Consent.State.HELD)
        sweep_later()
        after = ours(jonas)
        assert (after.state, after.waits_on) == (State.UNVERIFIED, "access_owner")
        assert "We cannot verify" in after.problem

    def test_nothing_is_sent_for_an_account_lost_meanwhile(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        put(mira, jonas, held[0])
        RoleGrant.objects.filter(pk=held[0].pk).update(state=State.LOST)
        run_jobs()
        assert (ours(jonas).state, tiktok.calls(ASSIGN)) == (State.FAILED, 0)
        assert "does not hold it any more" in ours(jonas).problem

    def test_a_broken_list_of_people_puts_nobody_on(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        put(mira, jonas, held[0])
        with tiktok.disturbed(MEMBERS, says(b"<html>")):
            run_jobs()
        assert (ours(jonas).state, ours(jonas).waits_on) == ("unverified", "platform")
