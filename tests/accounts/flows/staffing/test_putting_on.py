"""A person is on an account when its own list shows them."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.flows import found
from accounts.flows.reads import Seen
from accounts.models import Event, GrantAttempt, Grantee, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.platforms.tiktok.values import AccountMember
from accounts.trail import Actor
from tests.accounts.flows.staffing.put_on import ASSIGN, SAID_YES, ours, persons, put
from tests.accounts.flows.test_kill_safety import sweep_later
from tests.factory import Factory
from tests.simulated import Simulated, run_jobs, says

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Operation = GrantAttempt.Operation


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
