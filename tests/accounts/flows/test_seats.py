"""Seats in our centers: asked for, carried out, read back, taken away."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone

from accounts.flows import deciding, seat_rules, seats, work
from accounts.flows.wishes import CannotWish, Wish
from accounts.models import (
    Approval,
    Asset,
    Connection,
    Event,
    GrantAttempt,
    GrantChange,
    Grantee,
    Member,
    Reach,
    RoleGrant,
    User,
)
from accounts.platforms.roles import Role
from accounts.roles import ACCESS_OWNERS
from accounts.trail import Actor
from accounts.trail.vocabulary import describe
from tests.accounts.flows.reading import look_again, sync_all
from tests.factory import Factory
from tests.simulated import (
    Simulated,
    connect_our_side,
    loses_the_answer,
    never_arrives,
    once,
    run_jobs,
    says,
)
from tests.website import Website

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Family = RoleGrant.Family
INVITE, UPDATE = "bc/member/invite/", "bc/member/update/"
REMOVE, READ = "bc/member/delete/", "bc/member/get/"
MEMBER_CALLS = (INVITE, UPDATE, REMOVE)
WHY = "Joins the team"


@pytest.fixture(autouse=True)
def no_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.flows.proof.time.sleep", lambda seconds: None)


@pytest.fixture
def center(our_side: Connection) -> Asset:
    """Our main center, with whoever sits there found."""
    sync_all()
    return Asset.objects.get(name="Northlight Agency")


@pytest.fixture
def nora(db: None) -> Member:
    return Member.objects.create(name="Nora Vik", email="Nora@northlight.example")


def as_role(role: Role, *, days: int | None = None) -> Wish:
    ends_on = timezone.localdate() + dt.timedelta(days=days) if days else None
    return Wish(role, WHY, ends_on)


STANDARD, ADMIN = as_role(Role.STANDARD), as_role(Role.ADMIN, days=90)


def seat_of(email: str, center: str = "Northlight Agency") -> RoleGrant:
    return RoleGrant.objects.live().get(
        asset__name=center, family=Family.SEAT, grantee__member__email__iexact=email
    )


def jonas() -> RoleGrant:
    return seat_of("jonas@northlight.example")


def accept(tiktok: Simulated, member: Member) -> None:
    email = member.email
    tiktok.control("people", id="nora", name=member.name, email=email)
    bc_id = tiktok.center("Northlight Agency")
    tiktok.control("members/accept", bc_id=bc_id, email=email)


def said(approval: Approval, factory: Factory, *, yes: bool) -> None:
    other = factory.make_user(
        role=ACCESS_OWNERS, date_joined=timezone.now() - dt.timedelta(days=30)
    )
    deciding.decide(approval, yes=yes, user=other)
    run_jobs()


@pytest.fixture
def adopted(center: Asset, owner: User) -> RoleGrant:
    """Jonas's seat, wanted as it is held."""
    grant = jonas()
    RoleGrant.objects.filter(pk=grant.pk).update(
        state=State.ACTIVE, asked_role=Role.STANDARD, since=grant.since
    )
    return jonas()


# Refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "why"),
    [
        ("ads+eu@northlight.example", "shared mailbox"),
        ("j.lind@elsewhere.example", "STAFF_EMAIL_DOMAINS"),
        ("jonas@northlight.example", "sits in Northlight Agency already, as Standard"),
    ],
)
def test_it_invites_nobody_it_should_not(
    center: Asset, owner: User, settings: Any, tiktok: Simulated, email: str, why: str
) -> None:
    settings.STAFF_EMAIL_DOMAINS = ["northlight.example"]
    member, _ = Member.objects.get_or_create(email=email, defaults={"name": "X"})
    before = RoleGrant.objects.count()
    with pytest.raises(CannotWish, match=why):
        seats.invite(center, member, STANDARD, user=owner)
    assert RoleGrant.objects.count() == before
    assert tiktok.calls(INVITE) == 0


@pytest.mark.parametrize(
    "wish",
    [
        as_role(Role.ADMIN),
        Wish(Role.ADMIN, "", STANDARD.ends_on),
        Wish(Role.STANDARD, ""),
    ],
)
def test_it_asks_for_no_admin_without_a_day_and_for_nothing_without_a_reason(
    center: Asset, owner: User, nora: Member, wish: Wish
) -> None:
    with pytest.raises(CannotWish):
        seats.invite(center, nora, wish, user=owner)
    assert not RoleGrant.objects.filter(grantee__member=nora).exists()


def test_nobody_who_has_left_is_invited(
    center: Asset, owner: User, nora: Member
) -> None:
    nora.left_on = timezone.localdate()
    nora.save()
    with pytest.raises(CannotWish, match="left on"):
        seats.invite(center, nora, STANDARD, user=owner)


def test_an_invitation_is_not_sent_twice(
    center: Asset, owner: User, nora: Member, tiktok: Simulated
) -> None:
    seats.invite(center, nora, STANDARD, user=owner)
    run_jobs()
    with pytest.raises(CannotWish, match="is invited to Northlight Agency already"):
        seats.invite(center, nora, STANDARD, user=owner)
    assert tiktok.calls(INVITE) == 1


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


class TestAnAddressThatChanges:
    """A yes to Admin is a yes to the address it was asked for."""

    @pytest.fixture
    def change(self, center: Asset, owner: User, nora: Member) -> GrantChange:
        return seats.invite(center, nora, ADMIN, user=owner)

    def move(self, member: Member) -> None:
        Member.objects.filter(pk=member.pk).update(email="other@northlight.example")

    def test_before_the_yes_it_voids_what_was_asked(
        self, change: GrantChange, nora: Member, tiktok: Simulated, factory: Factory
    ) -> None:
        self.move(nora)
        said(change.approval, factory, yes=True)
        change.approval.refresh_from_db()
        change.grant.refresh_from_db()
        assert change.approval.decision == Approval.Decision.VOID
        assert (change.grant.state, tiktok.calls(INVITE)) == (State.EXPIRED, 0)

    @pytest.mark.parametrize("is_met", [False, True])
    def test_after_the_yes_nobody_is_invited(
        self,
        change: GrantChange,
        nora: Member,
        tiktok: Simulated,
        factory: Factory,
        owner: User,
        is_met: bool,
    ) -> None:
        Reach.objects.update(can_grant=False)
        said(change.approval, factory, yes=True)
        if is_met:  # the person is known by an id since
            Grantee.objects.filter(member=nora).update(external_id="7" * 19)
        self.move(nora)
        Reach.objects.update(can_grant=True)
        look_again()
        change.grant.refresh_from_db()
        assert (change.grant.state, tiktok.calls(INVITE)) == (State.FAILED, 0)
        assert "address of Nora Vik has changed" in change.grant.problem

    def test_the_new_address_is_invited_anew(
        self,
        change: GrantChange,
        center: Asset,
        owner: User,
        nora: Member,
        tiktok: Simulated,
        factory: Factory,
    ) -> None:
        self.move(nora)
        said(change.approval, factory, yes=True)
        nora.refresh_from_db()
        seat = seats.invite(center, nora, STANDARD, user=owner).grant
        run_jobs()
        assert seat.grantee.external_id == "other@northlight.example"
        accept(tiktok, nora)
        look_again()
        assert seat_of(nora.email).is_fresh

    def test_whoever_has_the_old_one_now_is_not_taken_for_them(
        self, change: GrantChange, center: Asset, owner: User, nora: Member
    ) -> None:
        self.move(nora)
        other = Member.objects.create(name="Nora Vang", email="nora@northlight.example")
        with pytest.raises(CannotWish, match="two people stay two"):
            seats.invite(center, other, STANDARD, user=owner)


class TestOurLastKey:
    """Priya's login brought the only key there is."""

    @pytest.fixture
    def priya(self, center: Asset) -> RoleGrant:
        seat = seat_of("priya@northlight.example")
        RoleGrant.objects.filter(pk=seat.pk).update(state=State.DRIFTED)
        return seat_of("priya@northlight.example")

    def test_its_seat_is_not_taken_away(
        self, priya: RoleGrant, owner: User, tiktok: Simulated
    ) -> None:
        with pytest.raises(CannotWish, match="Priya Raman signed in with the only key"):
            seats.remove(priya, reason=WHY, by=Actor.staff(owner))
        assert tiktok.calls(REMOVE) == 0

    def test_it_stays_admin(self, priya: RoleGrant, owner: User) -> None:
        with pytest.raises(CannotWish, match="Another admin of Northlight Agency"):
            seats.change(priya, STANDARD, user=owner)

    def test_with_a_second_key_it_goes(
        self, priya: RoleGrant, owner: User, tiktok: Simulated
    ) -> None:
        connect_our_side(tiktok, owner, "mira")
        seats.remove(priya, reason=WHY, by=Actor.staff(owner))
        run_jobs()
        priya.refresh_from_db()
        assert priya.state == State.WITHDRAWN


class TestTwoKeys:
    """Priya's login and Mira's each brought a key."""

    @pytest.fixture
    def both(
        self, center: Asset, owner: User, tiktok: Simulated
    ) -> tuple[RoleGrant, RoleGrant]:
        connect_our_side(tiktok, owner, "mira")
        RoleGrant.objects.filter(family=Family.SEAT).update(
            state=State.DRIFTED, asked_role=Role.STANDARD
        )
        first, second = (f"{name}@northlight.example" for name in ("priya", "mira"))
        return seat_of(first), seat_of(second)

    @pytest.mark.parametrize("is_read", [False, True])
    def test_the_second_stays_when_the_first_goes(
        self, both: tuple[RoleGrant, RoleGrant], owner: User, is_read: bool
    ) -> None:
        first, second = both
        seats.remove(first, reason=WHY, by=Actor.staff(owner))
        if is_read:
            run_jobs()
        with pytest.raises(CannotWish, match="the only key of ours"):
            seats.remove(second, reason=WHY, by=Actor.staff(owner))

    def test_a_key_whose_seat_was_lowered_serves_no_more(
        self,
        both: tuple[RoleGrant, RoleGrant],
        center: Asset,
        owner: User,
        nora: Member,
        tiktok: Simulated,
    ) -> None:
        mira = both[1]
        world = Website(tiktok).world
        (theirs,) = (
            one
            for one in world.members
            if (one.bc_id, one.name) == (center.external_id, "Mira Okafor")
        )
        theirs.user_role = "STANDARD"
        sync_all()
        reach = Reach.objects.filter(asset=center)
        mine = reach.get(connection__external_user_id=mira.grantee.external_id)
        assert (mine.can_grant, "not an admin" in mine.why_not) == (False, True)
        with pytest.raises(CannotWish, match="the only key of ours"):
            seats.remove(both[0], reason=WHY, by=Actor.staff(owner))
        theirs.user_role = "ADMIN"
        sync_all()
        mine.refresh_from_db()
        assert mine.can_grant

    def test_where_one_login_may_not_the_other_one_asks(
        self,
        both: tuple[RoleGrant, RoleGrant],
        center: Asset,
        owner: User,
        nora: Member,
        tiktok: Simulated,
    ) -> None:
        site = Website(tiktok)
        site.world.members = [
            one for one in site.world.members if one.name != "Mira Okafor"
        ]
        seat = seats.invite(center, nora, STANDARD, user=owner).grant
        run_jobs()
        seat.refresh_from_db()
        assert seat.state == State.PENDING


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_two_who_take_the_last_two_keys_seats_at_once_leave_one(
    factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    center, owner = factory.make_receiver().center, factory.make_user()
    both = [factory.make_seat(asset=center, observed_role=Role.ADMIN) for _ in "ab"]
    for seat in both:
        key = factory.make_connection(external_user_id=seat.grantee.external_id)
        factory.make_consent(connection=key, user=owner)
        Reach.objects.create(connection=key, asset=center, can_grant=True)
    gate, asked = threading.Barrier(2), threading.Barrier(2)
    rule = seat_rules.why_not_remove

    def remove(seat: RoleGrant) -> bool:
        try:
            gate.wait()
            seats.remove(seat, reason=WHY, by=Actor.staff(owner))
        except CannotWish:
            return False
        finally:
            database.close()
        return True

    def once_both_have_asked(seat: RoleGrant) -> str:
        said = rule(seat)
        with suppress(threading.BrokenBarrierError):  # the other one has to wait
            asked.wait(0.2)
        return said

    monkeypatch.setattr(seat_rules, "why_not_remove", once_both_have_asked)
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, both)) == [False, True]


# Invited ------------------------------------------------------------------------------


def test_an_invitation_waits_for_the_person_and_is_a_seat_when_read_back(
    center: Asset, owner: User, nora: Member, tiktok: Simulated
) -> None:
    seats.invite(center, nora, STANDARD, user=owner)
    run_jobs()
    seat = seat_of(nora.email)
    assert (seat.state, seat.waits_on) == (State.PENDING, WaitsOn.MEMBER)
    assert seat.grantee.external_id == nora.email.lower()
    assert not seats.seated(center).filter(member=nora).exists()
    accept(tiktok, nora)
    look_again()
    seat = seat_of(nora.email)
    assert seat.is_fresh
    assert seat.grantee.external_id.isdecimal()
    assert seats.seated(center).get(member=nora) == seat.grantee


def test_whoever_was_met_elsewhere_meanwhile_is_one_person(
    center: Asset, owner: User, nora: Member, tiktok: Simulated
) -> None:
    seats.invite(center, nora, STANDARD, user=owner)
    run_jobs()
    accept(tiktok, nora)
    person = next(one for one in tiktok.look("people") if one["email"] == nora.email)
    Grantee.objects.create(
        platform="tiktok", kind="person", external_id=person["user_id"], label="Nora V."
    )
    look_again()
    assert seat_of(nora.email).is_fresh
    assert Grantee.objects.filter(member=nora).count() == 1
    assert not Grantee.objects.filter(external_id__contains="@").exists()


def test_a_declined_invitation_is_over(
    center: Asset, owner: User, nora: Member, tiktok: Simulated
) -> None:
    seat = seats.invite(center, nora, STANDARD, user=owner).grant
    run_jobs()
    bc_id = tiktok.center("Northlight Agency")
    tiktok.control("members/decline", bc_id=bc_id, email=nora.email)
    look_again()
    seat.refresh_from_db()
    assert (seat.state, "declined" in seat.problem) == (State.DECLINED, True)


def test_an_invitation_is_taken_back_by_its_address(
    center: Asset, owner: User, nora: Member, tiktok: Simulated
) -> None:
    seat = seats.invite(center, nora, STANDARD, user=owner).grant
    run_jobs()
    seats.remove(seat, reason=WHY, by=Actor.staff(owner))
    run_jobs()
    seat.refresh_from_db()
    assert seat.state == State.WITHDRAWN
    rows = tiktok.look("centers")[0]["members"]
    assert nora.email not in {row["email"] for row in rows}


@pytest.mark.parametrize("yes", [True, False])
def test_an_admin_is_invited_when_another_owner_agrees(
    center: Asset,
    owner: User,
    nora: Member,
    tiktok: Simulated,
    factory: Factory,
    yes: bool,
) -> None:
    change = seats.invite(center, nora, ADMIN, user=owner)
    run_jobs()
    assert (change.grant.state, tiktok.calls(INVITE)) == (State.DRAFT, 0)
    said(change.approval, factory, yes=yes)
    change.grant.refresh_from_db()
    assert change.grant.state == (State.PENDING if yes else State.EXPIRED)
    assert tiktok.calls(INVITE) == yes
    if yes:
        accept(tiktok, nora)
        look_again()
        assert seat_of(nora.email).is_fresh


def test_who_sits_there_and_signs_in_here_is_one_person(
    our_side: Connection, factory: Factory
) -> None:
    jonas = factory.make_user(email="jonas@northlight.example")
    mira = factory.make_user(email="mira@northlight.example")
    other = factory.make_member(user=mira)
    sync_all()
    assert Member.objects.get(email=jonas.email).user == jonas
    assert Member.objects.get(email=mira.email).user is None
    assert Member.objects.get(user=mira) == other


# Changed and removed ------------------------------------------------------------------


def test_a_seat_becomes_admin_by_anothers_yes(
    adopted: RoleGrant, owner: User, tiktok: Simulated, factory: Factory
) -> None:
    change = seats.change(adopted, ADMIN, user=owner)
    assert tiktok.calls(UPDATE) == 0
    said(change.approval, factory, yes=True)
    assert (jonas().observed_role, jonas().is_fresh) == (Role.ADMIN, True)


def test_a_finance_role_is_given_by_anothers_yes_and_taken_without(
    adopted: RoleGrant, owner: User, tiktok: Simulated, factory: Factory
) -> None:
    wish = as_role(Role.MANAGER, days=30)
    change = seats.give_finance(adopted, wish, user=owner)
    said(change.approval, factory, yes=True)
    finance = seats.finance_of(adopted)
    assert finance is not None
    assert (finance.observed_role, finance.is_fresh) == (Role.MANAGER, True)
    seats.remove(finance, reason=WHY, by=Actor.staff(owner))
    run_jobs()
    assert seats.finance_of(adopted) is None
    assert jonas().state == State.ACTIVE


def test_where_the_platform_keeps_a_finance_role_our_admin_takes_it_off(
    adopted: RoleGrant, owner: User, tiktok: Simulated, factory: Factory
) -> None:
    tiktok.control("switches", finance_ends_when_empty=False)
    change = seats.give_finance(adopted, as_role(Role.ANALYST, days=3), user=owner)
    said(change.approval, factory, yes=True)
    seats.remove(change.grant, reason=WHY, by=Actor.staff(owner))
    run_jobs()
    for _ in range(12):
        GrantAttempt.objects.update(ended_at=timezone.now() - dt.timedelta(minutes=5))
        look_again()
    change.grant.refresh_from_db()
    assert change.grant.state == State.WITHDRAWING
    assert change.grant.waits_on == WaitsOn.CENTER_ADMIN
    assert "on the website" in change.grant.problem


def test_with_a_seat_goes_all_that_is_held_by_it(
    center: Asset, owner: User, tiktok: Simulated
) -> None:
    site = Website(tiktok)
    site.add_partner("Halo", 1)
    site.put_on(site.world.shares[-1].asset_id, "jonas")
    sync_all()
    sync_all()
    seat = jonas()
    (held,) = seats.held_by(seat)
    seats.remove(seat, reason=WHY, by=Actor.staff(owner))
    run_jobs()
    look_again()
    for grant in (seat, held):
        grant.refresh_from_db()
        assert grant.state == State.WITHDRAWN
    assert not seats.seated(center).filter(pk=seat.grantee_id).exists()


@pytest.mark.parametrize("state", [State.DRAFT, State.REQUESTING])
def test_with_a_seat_goes_what_is_not_sent_yet_and_what_waits_for_a_yes(
    adopted: RoleGrant, owner: User, tiktok: Simulated, factory: Factory, state: State
) -> None:
    wanted = factory.make_grant(
        grantee=adopted.grantee,
        via=factory.make_grant(grantee=adopted.asset.as_grantee, state=State.ACTIVE),
        source=RoleGrant.Source.STAFFED,
        state=state,
    )
    change = seats.give_finance(adopted, as_role(Role.MANAGER, days=9), user=owner)
    seats.remove(adopted, reason=WHY, by=Actor.staff(owner))
    run_jobs()
    wanted.refresh_from_db()
    change.refresh_from_db()
    assert (wanted.state, change.grant.state) == (State.EXPIRED, State.EXPIRED)
    said(change.approval, factory, yes=True)
    assert tiktok.calls(UPDATE) == 0


def test_what_was_sent_meanwhile_goes_with_the_seat_when_a_read_says_so(
    adopted: RoleGrant, owner: User, our_side: Connection, factory: Factory
) -> None:
    wanted = factory.make_grant(
        grantee=adopted.grantee,
        via=factory.make_grant(grantee=adopted.asset.as_grantee, state=State.ACTIVE),
        source=RoleGrant.Source.STAFFED,
        state=State.REQUESTING,
    )
    assign = GrantAttempt.Operation.ASSIGN
    GrantAttempt.objects.create(grant=wanted, operation=assign, connection=our_side)
    seats.remove(adopted, reason=WHY, by=Actor.staff(owner))
    wanted.refresh_from_db()
    assert wanted.state == State.WITHDRAWING


@pytest.mark.parametrize("has_key", [True, False])
def test_an_invitation_nobody_sent_yet_is_taken_back_at_once(
    center: Asset, owner: User, nora: Member, tiktok: Simulated, has_key: bool
) -> None:
    Reach.objects.update(can_grant=has_key)
    seat = seats.invite(center, nora, STANDARD, user=owner).grant
    if not has_key:
        run_jobs()
    seats.remove(seat, reason=WHY, by=Actor.staff(owner))
    run_jobs()
    seat.refresh_from_db()
    assert (seat.state, tiktok.calls(INVITE)) == (State.EXPIRED, 0)


def test_the_trail_names_whose_seat_it_is(
    center: Asset, owner: User, nora: Member, tiktok: Simulated, factory: Factory
) -> None:
    tiktok.control("switches", members_max=3)
    asked = [seats.invite(center, nora, STANDARD, user=owner).grant]
    run_jobs()
    asked.append(seats.invite(center, nora, ADMIN, user=owner).grant)
    seats.remove(asked[1], reason=WHY, by=Actor.staff(owner))
    for grant in asked:
        told = dict(describe(Event.objects.about(grant)))
        assert [text for text in told.values() if "Nora Vik" not in text] == []
        assert len(told) >= 3


# When the wire fails ------------------------------------------------------------------


@pytest.mark.matrix
@pytest.mark.parametrize("how", [never_arrives, loses_the_answer])
@pytest.mark.parametrize("endpoint", MEMBER_CALLS)
def test_after_a_time_out_a_read_decides(
    adopted: RoleGrant,
    center: Asset,
    owner: User,
    nora: Member,
    tiktok: Simulated,
    factory: Factory,
    how: Any,
    endpoint: str,
) -> None:
    with tiktok.disturbed(endpoint, once(how)):
        if endpoint == INVITE:
            seats.invite(center, nora, STANDARD, user=owner)
        elif endpoint == UPDATE:
            change = seats.change(adopted, ADMIN, user=owner)
            said(change.approval, factory, yes=True)
        else:
            seats.remove(adopted, reason=WHY, by=Actor.staff(owner))
        run_jobs()
        for _ in range(3):
            look_again()
    assert not GrantAttempt.objects.filter(outcome=GrantAttempt.Outcome.OPEN).exists()
    if endpoint == INVITE:
        assert seat_of(nora.email).state == State.PENDING
    elif endpoint == UPDATE:
        assert (jonas().observed_role, jonas().state) == (Role.ADMIN, State.ACTIVE)
    else:
        adopted.refresh_from_db()
        assert adopted.state == State.WITHDRAWN


def test_a_refused_invitation_has_failed_and_says_why(
    center: Asset, owner: User, nora: Member, tiktok: Simulated
) -> None:
    tiktok.control("switches", members_max=3)
    seat = seats.invite(center, nora, STANDARD, user=owner).grant
    run_jobs()
    seat.refresh_from_db()
    assert (seat.state, seat.waits_on) == (State.FAILED, WaitsOn.ACCESS_OWNER)
    assert "no room" in seat.problem


@pytest.mark.parametrize("how", [never_arrives, says(b"<html>")])
def test_a_failed_read_changes_no_seat(
    adopted: RoleGrant, tiktok: Simulated, how: Any
) -> None:
    told = ("state", "asked_role", "observed_role", "missed_at", "waits_on")
    before = list(RoleGrant.objects.order_by("pk").values(*told))
    with tiktok.disturbed(READ, how):
        work.read_now([adopted], by=Actor.system())
        sync_all()
    assert list(RoleGrant.objects.order_by("pk").values(*told)) == before


def test_whoever_was_taken_out_on_the_website_is_lost_and_invited_again(
    adopted: RoleGrant, center: Asset, owner: User, tiktok: Simulated
) -> None:
    world = Website(tiktok).world
    world.members = [one for one in world.members if "jonas" not in one.email]
    sync_all()
    assert jonas().state == State.UNVERIFIED  # one miss is none yet
    look_again()
    assert (jonas().state, jonas().waits_on) == (State.LOST, WaitsOn.ACCESS_OWNER)
    assert jonas().grantee.member is not None
    seats.invite(center, jonas().grantee.member, STANDARD, user=owner)
    run_jobs()
    assert tiktok.calls(INVITE) == 1
    assert (jonas().state, jonas().observed_role) == (State.PENDING, "")


def test_what_the_list_says_of_a_standing_nobody_knows_changes_nothing(
    adopted: RoleGrant, tiktok: Simulated
) -> None:
    for member in Website(tiktok).world.members:
        member.relation_status = "SUSPENDED_2031"
    sync_all()
    look_again()
    assert (jonas().state, jonas().missed_at) == (State.ACTIVE, None)


def test_a_role_nobody_knows_is_told_raw_and_never_green(
    adopted: RoleGrant, tiktok: Simulated
) -> None:
    for member in Website(tiktok).world.members:
        if member.name == "Jonas Lind":
            member.user_role = "OWNER_2031"
    sync_all()
    assert (jonas().state, jonas().observed_native) == (State.DRIFTED, "OWNER_2031")
    assert jonas().observed_role == Role.UNKNOWN


def test_an_invitation_nobody_asked_for_here_is_found_when_accepted(
    center: Asset, nora: Member, tiktok: Simulated
) -> None:
    bc_id = tiktok.center("Northlight Agency")
    site = Website(tiktok)
    seat = next(one for one in site.world.members if one.bc_id == bc_id)
    site.world.members.append(
        dataclasses.replace(
            seat, user_id="", name="", email=nora.email, relation_status="PENDING"
        )
    )
    sync_all()
    invited = seat_of(nora.email)
    assert (invited.state, invited.source) == (State.PENDING, RoleGrant.Source.FOUND)
    accept(tiktok, nora)
    sync_all()
    assert (seat_of(nora.email).pk, seat_of(nora.email).state) == (
        invited.pk,
        State.FOUND,
    )


def test_what_a_killed_worker_left_open_is_read_before_it_is_sent_again(
    center: Asset, owner: User, nora: Member, our_side: Connection, tiktok: Simulated
) -> None:
    seat = seats.invite(center, nora, STANDARD, user=owner).grant
    GrantAttempt.objects.create(
        grant=seat, operation=GrantAttempt.Operation.INVITE, connection=our_side
    )
    run_jobs()
    assert tiktok.calls(INVITE) == 0
    look_again()
    assert tiktok.calls(INVITE) == 1
    assert seat_of(nora.email).state == State.PENDING
