"""Only what a whole read says changes a seat, whatever was sent or answered."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.flows import seats, work
from accounts.models import Asset, Connection, GrantAttempt, Member, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.trail import Actor
from tests.accounts.flows.reading import look_again, sync_all
from tests.accounts.flows.seats.seated import (
    ADMIN,
    INVITE,
    MEMBER_CALLS,
    READ,
    STANDARD,
    UPDATE,
    WHY,
    jonas,
    said,
    seat_of,
)
from tests.factory import Factory
from tests.simulated import (
    Simulated,
    loses_the_answer,
    never_arrives,
    once,
    run_jobs,
    says,
)
from tests.website import Website

pytestmark = pytest.mark.long

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn


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
