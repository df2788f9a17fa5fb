"""When the answer is lost a read comes before the next call."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.flows import sharing
from accounts.models import GrantAttempt, RoleGrant, User
from tests.accounts.flows.changing.another_role import (
    SHARE,
    UNSHARE,
    change,
    fresh,
    held_as,
    tried,
)
from tests.accounts.flows.test_kill_safety import sweep_later
from tests.simulated import Simulated, loses_the_answer, never_arrives, once, run_jobs

pytestmark = pytest.mark.long

State = RoleGrant.State
Operation = GrantAttempt.Operation


class TestTheAnswerIsLost:
    def test_it_reads_before_it_asks_again(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        change(grant, "analyst", mira)
        with tiktok.disturbed(SHARE, once(loses_the_answer)) as asked:
            run_jobs()
        assert fresh(grant).state == State.ACTIVE
        assert len(asked) == 1

    @pytest.mark.usefixtures("no_haste")
    def test_it_asks_again_what_may_not_have_arrived(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        """Nothing is taken back for an answer that nobody heard."""
        change(grant, "analyst", mira)
        with tiktok.disturbed(SHARE, once(never_arrives)):
            run_jobs()
            sweep_later()
        assert fresh(grant).state == State.ACTIVE
        assert tried(grant) == [Operation.CHANGE, Operation.CHANGE]

    @pytest.mark.usefixtures("no_haste")
    def test_it_leaves_it_to_the_client_after_five_tries(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        change(grant, "analyst", mira)
        with tiktok.disturbed(SHARE, never_arrives) as asked:
            run_jobs()
            sweep_later(times=8)
        assert len(asked) == sharing.MOST_ATTEMPTS
        assert (fresh(grant).state, fresh(grant).waits_on) == ("unverified", "client")

    @pytest.mark.usefixtures("no_haste")
    @pytest.mark.parametrize("how", [loses_the_answer, never_arrives])
    def test_what_was_perhaps_taken_back_is_read_then_shared_anew(
        self, grant: RoleGrant, tiktok: Simulated, mira: User, how: Any
    ) -> None:
        tiktok.control("switches", share_again="keep_role")
        change(grant, "analyst", mira)
        with tiktok.disturbed(UNSHARE, once(how)):
            run_jobs()
            sweep_later(times=3)
        assert (fresh(grant).state, held_as(tiktok, grant)) == ("active", ["ANALYST"])
