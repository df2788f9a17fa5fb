"""An invitation waits for the person, and is a seat when it is read back."""

from __future__ import annotations

import dataclasses

import pytest

from accounts.flows import seats
from accounts.models import Asset, Member, Reach, RoleGrant, User
from accounts.trail import Actor
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
from tests.website import Website

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn


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


def test_a_refused_invitation_has_failed_and_says_why(
    center: Asset, owner: User, nora: Member, tiktok: Simulated
) -> None:
    tiktok.control("switches", members_max=3)
    seat = seats.invite(center, nora, STANDARD, user=owner).grant
    run_jobs()
    seat.refresh_from_db()
    assert (seat.state, seat.waits_on) == (State.FAILED, WaitsOn.ACCESS_OWNER)
    assert "no room" in seat.problem


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
