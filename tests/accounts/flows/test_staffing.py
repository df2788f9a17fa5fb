"""Our people are put on accounts our center holds: only a read says they are on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import (
    attempts,
    deciding,
    found,
    proof,
    staffing,
    withdrawing,
    work,
)
from accounts.flows.places import Place
from accounts.flows.reads import Seen
from accounts.flows.wishes import CannotWish
from accounts.models import (
    Approval,
    Connection,
    Consent,
    Event,
    GrantAttempt,
    Grantee,
    RoleGrant,
    User,
)
from accounts.platforms.roles import Role
from accounts.platforms.tiktok.values import AccountMember
from accounts.trail import Actor
from accounts.zones import house_day
from tests.accounts.flows.test_kill_safety import (
    Killed,
    keys_of,
    killing,
    make_requested,
    sweep_later,
)
from tests.factory import Factory
from tests.simulated import (
    Simulated,
    loses_the_answer,
    main_receiver,
    never_arrives,
    once,
    open_the_tap,
    run_jobs,
    says,
)

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Operation = GrantAttempt.Operation
ASSIGN, UNASSIGN = "bc/asset/assign/", "bc/asset/unassign/"
MEMBERS = "bc/asset/member/get/"
SAID_YES = b'{"code": 0, "message": "OK", "data": {}}'
NO_PERMISSION = b'{"code": 40001, "message": "no", "data": {}}'
SLOW_DOWN = b'{"code": 40132, "message": "slow", "data": {}}'


@pytest.fixture
def held(our_side: Connection, tiktok: Simulated, factory: Factory) -> list[RoleGrant]:
    """Two accounts our center holds as Operator, nobody on them."""
    made = make_requested(tiktok, factory)
    work.carry_out(keys_of(made))
    run_jobs()
    return list(RoleGrant.objects.order_by("asset__name"))


@pytest.fixture
def mira(factory: Factory) -> User:
    return factory.make_user(name="Mira Okafor")


@pytest.fixture
def jonas(held: list[RoleGrant], tiktok: Simulated, factory: Factory) -> Grantee:
    return seat("Jonas Lind", tiktok, factory)


def seat(name: str, tiktok: Simulated, factory: Factory) -> Grantee:
    """Book the seat that somebody has in our main center."""
    ours = main_receiver()
    [member] = [
        member
        for center in tiktok.look("centers")
        if center["bc_id"] == ours.external_id
        for member in center["members"]
        if member["name"] == name
    ]
    return factory.make_person(
        external_id=member["user_id"], label=name, seat_in=ours.center
    )


def put(
    user: User,
    person: Grantee,
    *accounts: RoleGrant,
    role: Role = Role.OPERATOR,
    **more: Any,
) -> staffing.Staffed:
    places = [Place(via, person, role) for via in accounts]
    return staffing.staff(places, user=user, **more)


def persons(person: Grantee) -> list[RoleGrant]:
    grants = RoleGrant.objects.filter(grantee=person, via__isnull=False)
    return list(grants.order_by("asset__name"))


def ours(person: Grantee) -> RoleGrant:
    [grant] = persons(person)
    return grant


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


def test_a_person_is_on_it_when_the_accounts_list_shows_them(
    held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
) -> None:
    put(mira, jonas, *held)
    assert {one.state for one in persons(jonas)} == {State.REQUESTING}
    assert run_jobs()[0] == "accounts.tasks.carry_out_grants"
    for via, grant in zip(held, persons(jonas), strict=True):
        assert (grant.state, grant.via, grant.source) == ("active", via, "staffed")
        assert (grant.observed_native, grant.is_fresh) == ("OPERATOR", True)
        assert grant.attempts.get().operation == Operation.ASSIGN
        told = Event.objects.about(grant).values_list("action", flat=True)
        assert {"grant.staffed", "grant.assign_sent", "grant.active"} <= set(told)
    assert tiktok.calls(ASSIGN) == 2


def test_once_is_enough(
    held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
) -> None:
    put(mira, jonas, *held)
    assert put(mira, jonas, *held).stays == 2
    run_jobs()
    assert put(mira, jonas, *held).stays == 2
    run_jobs()
    assert tiktok.calls(ASSIGN) == 2


def test_a_yes_alone_makes_nobody_green(
    held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
) -> None:
    put(mira, jonas, held[0])
    with tiktok.disturbed(ASSIGN, says(SAID_YES)):
        run_jobs()
    assert (ours(jonas).state, ours(jonas).verified_at) == (State.UNVERIFIED, None)
    GrantAttempt.objects.update(started_at=timezone.now() - dt.timedelta(hours=2))
    RoleGrant.objects.update(asked_at=timezone.now() - dt.timedelta(hours=3))
    sweep_later()
    after = ours(jonas)
    assert (after.state, after.waits_on) == (State.UNVERIFIED, WaitsOn.ACCOUNT_MANAGER)
    assert "set Jonas Lind to Operator" in after.problem


class TestAnotherRole:
    @pytest.fixture(autouse=True)
    def is_on_it(self, held: list[RoleGrant], jonas: Grantee, mira: User) -> None:
        put(mira, jonas, held[0])
        run_jobs()

    def test_is_assigned_again_and_read_back(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        put(mira, jonas, held[0], role=Role.ANALYST)
        run_jobs()
        after = ours(jonas)
        assert (after.state, after.observed_native) == (State.ACTIVE, "ANALYST")
        assert tiktok.calls(UNASSIGN) == 0
        assert Event.objects.filter(action="grant.role_changed").count() == 1

    def test_is_made_anew_where_assigning_again_changes_nothing(
        self,
        held: list[RoleGrant],
        jonas: Grantee,
        mira: User,
        tiktok: Simulated,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("accounts.flows.assigning.SETTLES_IN", dt.timedelta(0))
        put(mira, jonas, held[0], role=Role.ANALYST)
        with tiktok.disturbed(ASSIGN, once(says(SAID_YES))):
            run_jobs()
            assert ours(jonas).state == State.REQUESTING
            sweep_later(times=2)
        assert (ours(jonas).state, tiktok.calls(UNASSIGN)) == (State.ACTIVE, 1)

    def test_is_left_to_a_colleague_when_it_is_refused(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        put(mira, jonas, held[0], role=Role.ANALYST)
        with tiktok.disturbed(ASSIGN, says(NO_PERMISSION)):
            run_jobs()
            sweep_later()
        after = ours(jonas)
        assert after.state == State.UNVERIFIED
        assert after.waits_on == WaitsOn.ACCOUNT_MANAGER
        assert "still on it as Operator" in after.problem

    def test_waits_until_what_is_under_way_is_read(
        self, held: list[RoleGrant], jonas: Grantee, mira: User
    ) -> None:
        put(mira, jonas, held[0], role=Role.ANALYST)
        with pytest.raises(staffing.CannotStaff, match="A read comes first"):
            put(mira, jonas, held[0], role=Role.OPERATOR)

    def test_that_was_found_is_wanted_as_it_is_held(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        RoleGrant.objects.filter(grantee=jonas, via__isnull=False).update(
            state=State.FOUND, asked_role="", source="found"
        )
        put(mira, jonas, held[0])
        run_jobs()
        assert (ours(jonas).state, ours(jonas).asked_role) == (State.ACTIVE, "operator")
        assert tiktok.calls(ASSIGN) == 1  # the first, long ago


class TestAdmin:
    @pytest.fixture(autouse=True)
    def admins_center(self, held: list[RoleGrant]) -> None:
        RoleGrant.objects.filter(pk=held[0].pk).update(observed_role="admin")

    def ask(self, held: list[RoleGrant], jonas: Grantee, mira: User) -> Approval:
        day = house_day() + dt.timedelta(days=30)
        done = put(mira, jonas, held[0], role=Role.ADMIN, reason="Billing", ends_on=day)
        [change] = done.asked
        assert change.approval is not None
        return change.approval

    def test_waits_for_an_access_owner(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, tiktok: Simulated
    ) -> None:
        self.ask(held, jonas, mira)
        assert (ours(jonas).state, ours(jonas).asked_role) == (State.DRAFT, "")
        run_jobs()
        assert tiktok.calls(ASSIGN) == 0

    def test_is_asked_for_once_they_said_yes(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, owner: User
    ) -> None:
        approval = self.ask(held, jonas, mira)
        User.objects.update(date_joined=timezone.now() - dt.timedelta(days=30))
        deciding.decide(approval, yes=True, user=owner)
        after = ours(jonas)
        assert (after.state, after.asked_role) == (State.REQUESTING, "admin")
        assert (after.approval, after.reason) == (approval, "Billing")
        assert after.ends_on is not None

    def test_a_late_yes_stops_nobody_from_being_taken_off(
        self, held: list[RoleGrant], jonas: Grantee, mira: User, owner: User
    ) -> None:
        put(mira, jonas, held[0])
        run_jobs()
        RoleGrant.objects.filter(pk=held[0].pk).update(observed_role="admin")
        approval = self.ask([RoleGrant.objects.get(pk=held[0].pk)], jonas, mira)
        User.objects.update(date_joined=timezone.now() - dt.timedelta(days=30))
        assert withdrawing.withdraw(
            ours(jonas), reason="He left.", by=Actor.staff(mira)
        )
        deciding.decide(approval, yes=True, user=owner)
        assert ours(jonas).state == State.WITHDRAWING

    @pytest.mark.parametrize("how", ["refused", "the center holds less by now"])
    def test_ends_with_its_draft(
        self,
        held: list[RoleGrant],
        jonas: Grantee,
        mira: User,
        owner: User,
        tiktok: Simulated,
        how: str,
    ) -> None:
        approval = self.ask(held, jonas, mira)
        User.objects.update(date_joined=timezone.now() - dt.timedelta(days=30))
        if how != "refused":
            RoleGrant.objects.filter(pk=held[0].pk).update(observed_role="operator")
        deciding.decide(approval, yes=how != "refused", user=owner)
        run_jobs()
        assert (ours(jonas).state, tiktok.calls(ASSIGN)) == (State.EXPIRED, 0)


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


def test_somebody_found_on_an_account_is_the_member_of_that_address(
    held: list[RoleGrant], factory: Factory
) -> None:
    """By e-mail, however it is written; somebody else's stays nobody's."""
    factory.make_member(name="Jonas Lind", email="JONAS@northlight.example")
    seen = Seen(Role.ANALYST, "ANALYST", "BOUND")
    for key, email in (("70001", "jonas@northlight.example"), ("70002", "x@y.example")):
        row = AccountMember(key, "Somebody", email, "ANALYST", Role.ANALYST)
        found.person(held[0], row, seen, by=Actor.system("test"))
    people = Grantee.objects.filter(grants__via=held[0])
    named = {person.external_id: str(person.member) for person in people}
    assert named == {"70001": "Jonas Lind", "70002": "None"}


STEPS = {
    "before the attempt": (attempts, "begin", False),
    "after the attempt": (attempts, "begin", True),
    "after the call": (attempts, "close", False),
    "between attempt and grant": (attempts, "close", True),
    "before the reads": (proof, "read_back", False),
    "during the reads": (proof, "_judge", False),
    "after it was judged": (proof, "_judge", True),
}


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
def test_a_person_is_on_it_after_a_kill(
    held: list[RoleGrant],
    jonas: Grantee,
    mira: User,
    tiktok: Simulated,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    put(mira, jonas, held[0])
    module, name, after = STEPS[step]
    with monkeypatch.context() as patch:
        patch.setattr(module, name, killing(getattr(module, name), after=after))
        with pytest.raises(Killed):
            work.carry_out(keys_of(persons(jonas)))
    sweep_later(times=3)
    assert (ours(jonas).state, tiktok.calls(ASSIGN)) == (State.ACTIVE, 1)
    assert not GrantAttempt.objects.filter(outcome="").exists()
