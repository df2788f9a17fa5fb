"""A seat is one person's, whatever address or id they are met by."""

from __future__ import annotations

import pytest

from accounts.flows import seats
from accounts.flows.wishes import CannotWish
from accounts.models import (
    Approval,
    Asset,
    Connection,
    Event,
    GrantChange,
    Grantee,
    Member,
    Reach,
    RoleGrant,
    User,
)
from accounts.trail import Actor
from accounts.trail.vocabulary import describe
from tests.accounts.flows.reading import look_again, sync_all
from tests.accounts.flows.seats.seated import (
    ADMIN,
    INVITE,
    STANDARD,
    WHY,
    accept,
    said,
    seat_of,
)
from tests.factory import Factory
from tests.simulated import Simulated, run_jobs

pytestmark = pytest.mark.long

State = RoleGrant.State


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
