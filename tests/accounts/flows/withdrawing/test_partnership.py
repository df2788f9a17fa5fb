"""With its last share a partnership may end, if somebody chose it."""

from __future__ import annotations

import pytest

from accounts.models import RoleGrant
from agencyportal.simulator.cast import add_account
from tests.accounts.flows.test_kill_safety import sweep_later
from tests.accounts.flows.withdrawing.taking_back import (
    END_PARTNER,
    NO_PERMISSION,
    OUR_READ,
    fresh,
    is_told,
    long_ago,
    lose_the_clients_key,
    shares,
    take_back,
    undo,
)
from tests.simulated import Simulated, loses_the_answer, never_arrives, once, says
from tests.website import Website

pytestmark = pytest.mark.long

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn


class TestTheLastShareOfAPartner:
    @pytest.fixture
    def last(self, held: list[RoleGrant]) -> RoleGrant:
        take_back(*held[1:])
        return held[0]

    @pytest.mark.matrix
    @pytest.mark.parametrize("ends", ["both", "given", "none"])
    def test_its_partnership_ends_with_it_however_little_that_ends(
        self, last: RoleGrant, tiktok: Simulated, ends: str
    ) -> None:
        tiktok.control("switches", partner_delete_ends=ends)
        take_back(last, ends_partner=True)
        assert tiktok.calls(END_PARTNER) == 1
        long_ago()
        sweep_later(times=3)
        assert fresh(last).state == State.WITHDRAWN
        assert tiktok.calls(END_PARTNER) == 1
        assert shares(tiktok) == set()

    @pytest.mark.matrix
    @pytest.mark.parametrize("ends", ["both", "given", "none"])
    @pytest.mark.parametrize("may", [True, False])
    def test_our_own_key_may_end_it_where_there_is_no_other(
        self, last: RoleGrant, tiktok: Simulated, ends: str, may: bool
    ) -> None:
        tiktok.control(
            "switches", partner_delete_ends=ends, receiver_may_delete_partner=may
        )
        lose_the_clients_key()
        take_back(last, ends_partner=True)
        assert tiktok.calls(END_PARTNER) == 1
        long_ago()
        sweep_later(times=3)
        assert tiktok.calls(END_PARTNER) == 1
        left = fresh(last)
        if may and ends == "both":
            assert left.state == State.WITHDRAWN
        else:
            assert (left.state, left.waits_on) == (State.WITHDRAWING, WaitsOn.CLIENT)
            undo(tiktok, last)
            sweep_later()
            assert fresh(last).state == State.WITHDRAWN

    def test_it_is_not_ended_while_something_else_is_shared(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        take_back(held[0], ends_partner=True)
        assert tiktok.calls(END_PARTNER) == 0
        assert fresh(held[0]).state == State.WITHDRAWN
        assert fresh(held[1]).state == State.ACTIVE

    @pytest.fixture
    def more(self, last: RoleGrant, tiktok: Simulated) -> str:
        """An account the client has shared since, and no list has shown yet."""
        site = Website(tiktok)
        center = site.center("Lang Optics")
        account = add_account(site.world, "Lang new", "Lang Optics", center=center)
        site.share(account)
        return account.advertiser_id

    @pytest.mark.parametrize("has_key", [True, False])
    def test_it_is_not_ended_while_the_platform_lists_something_else(
        self, last: RoleGrant, more: str, tiktok: Simulated, has_key: bool
    ) -> None:
        if not has_key:
            lose_the_clients_key()
        take_back(last, ends_partner=True)
        assert tiktok.calls(END_PARTNER) == 0
        assert more in shares(tiktok)
        left = fresh(last)
        assert left.state == (State.WITHDRAWN if has_key else State.WITHDRAWING)
        assert is_told("so the partnership stays")

    def test_it_is_not_ended_while_that_cannot_be_read(
        self, last: RoleGrant, tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(OUR_READ, never_arrives):
            take_back(last, ends_partner=True)
            assert tiktok.calls(END_PARTNER) == 0
            assert fresh(last).waits_on == WaitsOn.PORTAL
        assert is_told("what else it gives is read")
        sweep_later(times=2)
        assert tiktok.calls(END_PARTNER) == 1
        assert fresh(last).state == State.WITHDRAWN

    def test_only_the_share_is_ended_when_we_may_not_read_the_rest(
        self, last: RoleGrant, tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(OUR_READ, once(says(NO_PERMISSION))):
            take_back(last, ends_partner=True)
        assert tiktok.calls(END_PARTNER) == 0
        assert fresh(last).state == State.WITHDRAWN

    def test_it_is_not_ended_unless_somebody_chose_it(
        self, last: RoleGrant, tiktok: Simulated
    ) -> None:
        take_back(last)
        assert tiktok.calls(END_PARTNER) == 0
        assert fresh(last).state == State.WITHDRAWN

    def test_a_lost_answer_is_settled_by_the_read(
        self, last: RoleGrant, tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(END_PARTNER, loses_the_answer) as asked:
            take_back(last, ends_partner=True)
        assert fresh(last).state == State.WITHDRAWN
        assert len(asked) == 1
