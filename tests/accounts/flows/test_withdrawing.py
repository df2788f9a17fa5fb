"""Access is taken back: only a read that no longer lists it ends a grant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import (
    agency,
    attempts,
    connections,
    grants,
    proof,
    sharing,
    unassigning,
    withdrawing,
    work,
)
from accounts.models import (
    Connection,
    Consent,
    Event,
    EventPayload,
    GrantAttempt,
    Grantee,
    PlatformRead,
    RoleGrant,
    User,
)
from accounts.platforms.roles import Role
from accounts.trail import Actor
from agencyportal.simulator.cast import add_account
from tests.accounts.flows.test_kill_safety import (
    Killed,
    keys_of,
    killing,
    make_requested,
    states,
    sweep_later,
)
from tests.factory import Factory
from tests.simulated import (
    Simulated,
    connect_our_side,
    loses_the_answer,
    main_receiver,
    never_arrives,
    once,
    open_the_tap,
    says,
)
from tests.website import Website

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Outcome = GrantAttempt.Outcome
Operation = GrantAttempt.Operation
UNSHARE = "bc/partner/asset/delete/"
END_PARTNER = "bc/partner/delete/"
UNASSIGN = "bc/asset/unassign/"
MEMBERS = "bc/asset/member/get/"
OUR_READ = "bc/partner/asset/get/"
NOT_SHARED = b'{"code": 40007, "message": "not shared", "data": {}}'
NO_PERMISSION = b'{"code": 40001, "message": "no", "data": {}}'
SLOW_DOWN = b'{"code": 40132, "message": "slow", "data": {}}'
SAID_YES = b'{"code": 0, "message": "OK", "data": {}}'
BY = Actor.system("test")


@pytest.fixture
def held(our_side: Connection, tiktok: Simulated, factory: Factory) -> list[RoleGrant]:
    """Two accounts of one client, shared and read back."""
    made = make_requested(tiktok, factory)
    work.carry_out(keys_of(made))
    assert states() == {State.ACTIVE}
    return list(RoleGrant.objects.order_by("asset__name"))


@pytest.fixture
def jonas(held: list[RoleGrant], tiktok: Simulated) -> RoleGrant:
    """A colleague's role on the first of them, booked under the center's."""
    [seat] = [
        member
        for center in tiktok.look("centers")
        if center["bc_id"] == main_receiver().external_id
        for member in center["members"]
        if member["name"] == "Jonas Lind"
    ]
    center = held[0]
    as_our_admin(
        lambda connector, token: connector.assign_member(
            token,
            center.grantee.external_id,
            center.asset.external_id,
            seat["user_id"],
            Role.OPERATOR,
        )
    )
    person = Grantee.objects.create(
        platform="tiktok",
        kind=Grantee.Kind.PERSON,
        external_id=seat["user_id"],
        label=seat["name"],
        standing=Grantee.Standing.OURS,
    )
    return RoleGrant.objects.create(
        asset=center.asset,
        grantee=person,
        via=center,
        asked_role="operator",
        observed_role="operator",
        observed_native="OPERATOR",
        state=State.ACTIVE,
        source=RoleGrant.Source.STAFFED,
        verified_at=timezone.now(),
    )


def as_our_admin(ask: Callable[..., Any]) -> Any:
    ours = agency.keys_for(main_receiver())[0]
    return connections.call(ours, ask, purpose="test", by=BY, in_person=True)


def take_back(*grants: RoleGrant, **more: Any) -> None:
    """Ask for them, and let the first task do what it can."""
    for grant in grants:
        assert withdrawing.withdraw(grant, reason="The campaign ended.", by=BY, **more)
    work.carry_out(keys_of(list(grants)))


def fresh(grant: RoleGrant) -> RoleGrant:
    return RoleGrant.objects.get(pk=grant.pk)


def shares(tiktok: Simulated) -> set[str]:
    """Return the accounts that TikTok shares with our main center."""
    ours = main_receiver().external_id
    return {
        share["asset_id"]
        for share in tiktok.look("shares")
        if share["receiver"] == ours and share["status"] in ("PENDING", "ACCEPTED")
    }


def undo(tiktok: Simulated, grant: RoleGrant) -> None:
    """The client ends the share on TikTok's website."""
    tiktok.control(
        "shares/undo",
        giver=grant.asset.center.external_id,
        receiver=grant.grantee.external_id,
        asset_ids=[grant.asset.external_id],
    )


def lose_the_clients_key() -> None:
    Consent.objects.filter(purpose=Consent.Purpose.CLIENT).update(
        state=Consent.State.WITHDRAWN
    )


def is_told(words: str) -> bool:
    return EventPayload.objects.filter(body__contains=words).exists()


def long_ago() -> None:
    """Let every yes be older than we have patience for."""
    GrantAttempt.objects.update(
        started_at=timezone.now() - withdrawing.PATIENCE - dt.timedelta(seconds=1)
    )


class TestWhatCanBeTakenBack:
    @pytest.mark.parametrize(
        "state",
        sorted(set(State) - {State.ACTIVE} - set(withdrawing.TAKEABLE)),
    )
    def test_it_leaves_what_nobody_holds(self, factory: Factory, state: str) -> None:
        grant = factory.make_grant(state=state)
        assert not withdrawing.withdraw(grant, reason="Wrong client.", by=BY)
        assert fresh(grant).state == state
        assert not Event.objects.filter(action="grant.withdraw_asked").exists()

    def test_it_is_asked_for_once(self, factory: Factory) -> None:
        grant = factory.make_grant(state=State.ACTIVE)
        again = fresh(grant)
        assert withdrawing.withdraw(grant, reason="Wrong client.", by=BY)
        assert not withdrawing.withdraw(again, reason="Wrong client.", by=BY)
        assert Event.objects.filter(action="grant.withdraw_asked").count() == 1

    @pytest.mark.parametrize("state", withdrawing.TAKEABLE)
    def test_it_commits_the_intent_before_any_call(
        self, factory: Factory, state: str
    ) -> None:
        grant = factory.make_grant(state=state, verified_at=timezone.now())
        assert withdrawing.withdraw(grant, reason="Wrong client.", by=BY)
        kept = fresh(grant)
        assert (kept.state, kept.waits_on) == (State.WITHDRAWING, WaitsOn.PORTAL)
        assert kept.next_check_at <= timezone.now()
        assert not kept.attempts.exists()


class TestAWorkerThatIsBusyWithIt:
    def test_its_old_news_does_not_undo_the_wish(self, held: list[RoleGrant]) -> None:
        loaded = fresh(held[0])
        withdrawing.withdraw(held[0], reason="Wrong client.", by=BY)
        grants.move(loaded, State.ACTIVE, by=BY, verified_at=timezone.now())
        assert fresh(held[0]).state == loaded.state == State.WITHDRAWING

    def test_a_read_that_fails_meanwhile_does_not_either(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        RoleGrant.objects.filter(pk=held[0].pk).update(state=State.UNVERIFIED)
        loaded = fresh(held[0])
        withdrawing.withdraw(fresh(held[0]), reason="Wrong client.", by=BY)
        with tiktok.disturbed(OUR_READ, never_arrives):
            proof.read_back([loaded], by=BY, in_person=False)
        assert fresh(held[0]).state == State.WITHDRAWING


class TestWithTheClientsKey:
    def test_it_is_gone_once_a_read_says_so(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        take_back(held[0])
        gone = fresh(held[0])
        assert gone.state == State.WITHDRAWN
        assert (gone.waits_on, gone.problem, gone.next_check_at) == ("", "", None)
        assert held[0].asset.external_id not in shares(tiktok)
        assert fresh(held[1]).state == State.ACTIVE

    def test_it_saves_the_attempt_and_tells_the_story(
        self, held: list[RoleGrant]
    ) -> None:
        take_back(held[0])
        attempt = held[0].attempts.first()
        assert attempt.operation == Operation.UNSHARE
        assert attempt.outcome == Outcome.SAID_YES
        told = Event.objects.about(held[0]).values_list("action", flat=True)
        assert [
            action for action in reversed(told) if "with" in action or "un" in action
        ][-4:] == [
            "grant.withdraw_asked",
            "grant.unshare_sent",
            "grant.withdrawing",
            "grant.withdrawn",
        ]

    def test_it_takes_several_back_in_one_call(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        take_back(*held)
        assert states() == {State.WITHDRAWN}
        assert tiktok.calls(UNSHARE) == 1

    def test_one_accounts_fault_is_that_accounts_alone(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        undo(tiktok, held[0])
        take_back(*held)
        assert states() == {State.WITHDRAWN}
        assert tiktok.calls(UNSHARE) == 1 + len(held)

    def test_what_is_not_shared_any_more_is_settled_by_the_read(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(UNSHARE, says(NOT_SHARED)):
            take_back(held[0])
        assert fresh(held[0]).state == State.WITHDRAWING
        undo(tiktok, held[0])
        sweep_later()
        assert fresh(held[0]).state == State.WITHDRAWN

    def test_people_lose_it_with_their_center(
        self, held: list[RoleGrant], jonas: RoleGrant
    ) -> None:
        take_back(held[0])
        assert fresh(jonas).state == State.WITHDRAWN

    def test_a_found_one_is_taken_back_too(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        RoleGrant.objects.filter(pk=held[0].pk).update(
            state=State.FOUND, source=RoleGrant.Source.FOUND, asked_role=""
        )
        take_back(fresh(held[0]))
        assert fresh(held[0]).state == State.WITHDRAWN

    def test_one_nobody_accepted_yet_is_no_longer_on_offer(
        self, our_side: Connection, tiktok: Simulated, factory: Factory
    ) -> None:
        made = make_requested(tiktok, factory, "dana")
        sweep_later()
        assert states() == {State.PENDING}
        take_back(*(fresh(grant) for grant in made))
        assert states() == {State.WITHDRAWN}
        assert shares(tiktok) == set()

    def test_another_request_may_be_granted_afterwards(
        self, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        take_back(held[0])
        anew = grants.want(
            asset=held[0].asset,
            grantee=held[0].grantee,
            role=Role.OPERATOR,
            source=RoleGrant.Source.LINK,
            by=BY,
        )
        assert anew.pk != held[0].pk
        assert grants.request(anew, by=BY)
        work.carry_out([anew.pk])
        assert fresh(anew).state == State.ACTIVE
        assert fresh(held[0]).state == State.WITHDRAWN


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


class TestOneOfOurPeople:
    def test_they_lose_it_alone(
        self, held: list[RoleGrant], jonas: RoleGrant, tiktok: Simulated
    ) -> None:
        take_back(jonas)
        sweep_later(times=2)
        assert fresh(jonas).state == State.WITHDRAWN
        assert fresh(held[0]).state == State.ACTIVE
        assert tiktok.calls(UNASSIGN) == 1
        assert tiktok.calls(UNSHARE) == 0

    def test_a_lost_answer_is_settled_by_the_read(
        self, jonas: RoleGrant, tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(UNASSIGN, loses_the_answer) as asked:
            take_back(jonas)
            sweep_later(times=2)
        assert fresh(jonas).state == State.WITHDRAWN
        assert len(asked) == 1

    def test_another_login_of_ours_takes_them_off(
        self, jonas: RoleGrant, tiktok: Simulated, owner: User
    ) -> None:
        connect_our_side(tiktok, owner, "mira")
        with tiktok.disturbed(UNASSIGN, once(says(NO_PERMISSION))) as asked:
            take_back(jonas)
        assert fresh(jonas).state == State.WITHDRAWN
        assert len(asked) == 2

    def test_a_refused_one_is_left_to_a_colleague(
        self, jonas: RoleGrant, tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(UNASSIGN, says(NO_PERMISSION)):
            take_back(jonas)
            sweep_later(times=2)
        left = fresh(jonas)
        assert (left.state, left.waits_on) == (
            State.WITHDRAWING,
            WaitsOn.ACCOUNT_MANAGER,
        )
        assert "Take them off in Northlight Agency" in left.problem


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


STEPS = {
    "before the attempt": (attempts, "begin", False),
    "after the attempt": (attempts, "begin", True),
    "after the call": (attempts, "close", False),
    "between attempt and grant": (attempts, "close", True),
    "before the reads": (proof, "read_back", False),
    "during the reads": (withdrawing, "judge", False),
    "after the first grant was judged": (withdrawing, "judge", True),
    "before it is booked as gone": (withdrawing, "book_gone", False),
}


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
def test_it_ends_withdrawn_after_a_kill(
    held: list[RoleGrant],
    tiktok: Simulated,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    module, name, after = STEPS[step]
    with monkeypatch.context() as patch:
        patch.setattr(module, name, killing(getattr(module, name), after=after))
        with pytest.raises(Killed):
            take_back(*held)
    sweep_later(times=3)
    assert states() == {State.WITHDRAWN}
    assert tiktok.calls(UNSHARE) == 1
    assert not GrantAttempt.objects.filter(outcome=Outcome.OPEN).exists()


STEPS_WITHOUT_A_KEY = {
    **{step: STEPS[step] for step in list(STEPS)[:4]},
    "before the people are read": (unassigning, "_people_on", False),
    "after the people were read": (unassigning, "_people_on", True),
    "before the client is asked": (unassigning, "ask_client", False),
}


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS_WITHOUT_A_KEY)
def test_it_ends_with_the_client_after_a_kill(
    held: list[RoleGrant],
    jonas: RoleGrant,
    tiktok: Simulated,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    lose_the_clients_key()
    module, name, after = STEPS_WITHOUT_A_KEY[step]
    with monkeypatch.context() as patch:
        patch.setattr(module, name, killing(getattr(module, name), after=after))
        with pytest.raises(Killed):
            take_back(held[0])
    sweep_later(times=3)
    assert fresh(held[0]).waits_on == WaitsOn.CLIENT
    assert fresh(jonas).state == State.WITHDRAWN
    assert tiktok.calls(UNASSIGN) == 1
    assert not GrantAttempt.objects.filter(outcome=Outcome.OPEN).exists()


CALLS = list(STEPS)[:4]


@pytest.mark.long
@pytest.mark.parametrize("step", CALLS)
def test_a_person_is_off_after_a_kill(
    jonas: RoleGrant, tiktok: Simulated, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    module, name, after = STEPS[step]
    with monkeypatch.context() as patch:
        patch.setattr(module, name, killing(getattr(module, name), after=after))
        with pytest.raises(Killed):
            take_back(jonas)
    sweep_later(times=3)
    assert fresh(jonas).state == State.WITHDRAWN
    assert not GrantAttempt.objects.filter(outcome=Outcome.OPEN).exists()


@pytest.mark.long
@pytest.mark.parametrize("step", CALLS)
def test_a_partnership_is_ended_once_after_a_kill(
    held: list[RoleGrant],
    tiktok: Simulated,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    take_back(*held[1:])
    module, name, after = STEPS[step]
    with monkeypatch.context() as patch:
        patch.setattr(module, name, killing(getattr(module, name), after=after))
        with pytest.raises(Killed):
            take_back(held[0], ends_partner=True)
    sweep_later(times=3)
    assert fresh(held[0]).state == State.WITHDRAWN
    assert tiktok.calls(END_PARTNER) == 1
    assert not GrantAttempt.objects.filter(outcome=Outcome.OPEN).exists()
