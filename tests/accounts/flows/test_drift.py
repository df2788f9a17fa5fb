"""What stood and is read again: as asked, as something else, missed, lost, back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import drift, proof, work
from accounts.flows.lists import Reader
from accounts.flows.reads import ClientsSide, Seen
from accounts.ladder import pill_of
from accounts.models import (
    Approval,
    Connection,
    Event,
    Grantee,
    GrantRead,
    PlatformRead,
    RoleGrant,
    User,
)
from accounts.platforms.roles import Role
from accounts.trail import Actor
from accounts.zones import house_day
from tests.accounts.flows.reading import come_due, look_again, on_accounts, sync_all
from tests.accounts.flows.test_kill_safety import keys_of, make_requested
from tests.factory import Factory
from tests.simulated import Simulated, main_receiver, never_arrives, says
from tests.website import Website

pytestmark = pytest.mark.long

State = RoleGrant.State
BY = Actor.system("test")
PARTNER_READ = "bc/partner/asset/get/"
CENTER_READ = "bc/asset/admin/get/"
MEMBER_READ = "bc/asset/member/get/"


@pytest.fixture
def site(tiktok: Simulated) -> Website:
    return Website(tiktok)


@pytest.fixture
def grant(our_side: Connection, tiktok: Simulated, factory: Factory) -> RoleGrant:
    """One of hugo's two accounts, shared with our center and read back."""
    grants = make_requested(tiktok, factory)
    work.carry_out(keys_of(grants))
    assert set(on_accounts().values_list("state", flat=True)) == {State.ACTIVE}
    return on_accounts().get(pk=grants[0].pk)


def read_now(grant: RoleGrant) -> RoleGrant:
    work.read_now([on_accounts().get(pk=grant.pk)], by=BY)
    return fresh(grant)


def fresh(grant: RoleGrant) -> RoleGrant:
    return on_accounts().get(pk=grant.pk)


def account_of(grant: RoleGrant) -> str:
    return str(grant.asset.external_id)


def proof_judges(grant: RoleGrant, seen: Seen, *, by: Actor) -> None:
    proof._judge(grant, seen, ClientsSide(Reader(by, in_person=True), ()), by=by)


def sentences(grant: RoleGrant) -> list[str]:
    return list(Event.objects.about(grant).order_by("pk").values_list("action", flat=1))


# A failed read -----------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.ACTIVE, State.DRIFTED, State.LOST])
def test_it_knows_nothing_after_a_failed_read(
    grant: RoleGrant, tiktok: Simulated, site: Website, state: str
) -> None:
    on_accounts().filter(pk=grant.pk).update(state=state)
    site.undo(account_of(grant))
    before = on_accounts().filter(pk=grant.pk).values().get()
    with tiktok.disturbed(PARTNER_READ, never_arrives):
        read_now(grant)
    assert on_accounts().filter(pk=grant.pk).values().get() == before


def test_it_loses_nothing_to_half_a_list(
    grant: RoleGrant, tiktok: Simulated, site: Website
) -> None:
    site.undo(account_of(grant))
    with tiktok.disturbed(CENTER_READ, says(b"<html>")):
        assert read_now(grant).state == State.ACTIVE


# A read that was asked for something else ---------------------------------------------


def test_it_is_not_green_for_a_role_nobody_asks_for_any_more(factory: Factory) -> None:
    """Asked otherwise between the read and its booking."""
    grant = factory.make_grant(state=State.UNVERIFIED)
    on_accounts().filter(pk=grant.pk).update(asked_role="analyst")
    drift.book_listed(grant, Seen(Role.OPERATOR, "OPERATOR", "BOUND"), by=BY)
    assert (fresh(grant).state, grant.asked_role) == (State.UNVERIFIED, "analyst")


@pytest.mark.parametrize("read", [proof_judges, drift.book_as_asked])
def test_it_is_not_green_by_a_read_begun_before_it_moved(
    factory: Factory, our_side: Connection, read: Any
) -> None:
    grant = factory.make_grant(state=State.UNVERIFIED)
    before = timezone.now() - dt.timedelta(minutes=3)
    old = PlatformRead.objects.create(connection=our_side, read_at=before)
    read(grant, Seen(Role.OPERATOR, "OPERATOR", "BOUND", old), by=BY)
    assert fresh(grant).state == State.UNVERIFIED


# Admin without a yes -----------------------------------------------------------------


@pytest.fixture
def admin(grant: RoleGrant, site: Website, factory: Factory) -> RoleGrant:
    """The grant, asked for and held as Admin; nobody has said yes yet."""
    on_accounts().filter(pk=grant.pk).update(
        asked_role="admin",
        approval=factory.make_approval(),
        reason="Billing",
        ends_on=house_day(),
    )
    site.change_role(account_of(grant), "ADMIN")
    return fresh(grant)


def say(decision: str, admin: RoleGrant, owner: User) -> None:
    Approval.objects.filter(pk=admin.approval_id).update(
        decision=decision, decided_by=owner, decided_at=timezone.now()
    )


@pytest.mark.matrix
@pytest.mark.parametrize("read", [read_now, lambda grant: sync_all()])
@pytest.mark.parametrize("decision", ["waiting", "refused", "void"])
@pytest.mark.parametrize("state", [State.ACTIVE, State.UNVERIFIED, State.LOST])
def test_admin_is_not_green_without_a_yes(
    admin: RoleGrant, owner: User, decision: str, state: str, read: Any
) -> None:
    say(decision, admin, owner)
    on_accounts().filter(pk=admin.pk).update(state=state)
    read(admin)
    sync_all()
    after = fresh(admin)
    assert (after.state, after.waits_on) == (State.DRIFTED, "access_owner")
    assert "no access owner has said yes to that" in after.problem
    assert sentences(admin).count("grant.drifted") == 1


def test_admin_is_not_green_after_its_last_day(admin: RoleGrant, owner: User) -> None:
    say("approved", admin, owner)
    sync_all()
    assert fresh(admin).is_fresh
    over = house_day() - dt.timedelta(days=1)
    on_accounts().filter(pk=admin.pk).update(ends_on=over)
    sync_all()
    after = fresh(admin)
    assert (after.state, after.waits_on) == (State.DRIFTED, "access_owner")
    assert f"beyond its last day, {over:%-d %B %Y}" in after.problem


def test_admin_is_green_once_somebody_says_yes(admin: RoleGrant, owner: User) -> None:
    sync_all()
    say("approved", admin, owner)
    sync_all()
    assert fresh(admin).is_fresh


# Another role ------------------------------------------------------------------------


@pytest.mark.parametrize("read", [read_now, lambda grant: sync_all()])
def test_it_drifts_when_the_role_was_changed(
    grant: RoleGrant, site: Website, read: Any
) -> None:
    site.change_role(account_of(grant), "ANALYST")
    read(grant)
    after = fresh(grant)
    assert after.state == State.DRIFTED
    assert (after.asked_role, after.observed_role) == ("operator", "analyst")
    assert after.waits_on == RoleGrant.WaitsOn.ACCOUNT_MANAGER
    assert "holds Analyst (ANALYST); we asked for Operator" in after.problem
    assert sentences(grant)[-1] == "grant.drifted"
    assert after.last_read.list_name == "partner_accounts"
    assert GrantRead.objects.get(grant=grant, read=after.last_read).found == "ANALYST"


def test_a_drifted_grant_is_not_green_however_fresh(
    grant: RoleGrant, site: Website
) -> None:
    site.change_role(account_of(grant), "ADMIN")
    assert pill_of(read_now(grant))["tone"] == "bad"


def test_it_keeps_a_role_nobody_knows_as_it_came(
    grant: RoleGrant, site: Website
) -> None:
    site.change_role(account_of(grant), "SUPERVISOR")
    after = read_now(grant)
    assert after.state == State.DRIFTED
    assert (after.observed_role, after.observed_native) == ("unknown", "SUPERVISOR")
    assert "an unknown role (SUPERVISOR)" in after.problem


def test_it_drifts_once_for_one_change(grant: RoleGrant, site: Website) -> None:
    site.change_role(account_of(grant), "ANALYST")
    read_now(grant)
    sync_all()
    read_now(grant)
    assert sentences(grant).count("grant.drifted") == 1


@pytest.mark.parametrize("read", [read_now, lambda grant: sync_all()])
def test_it_is_active_again_when_the_role_is(
    grant: RoleGrant, site: Website, read: Any
) -> None:
    site.change_role(account_of(grant), "ANALYST")
    read_now(grant)
    site.change_role(account_of(grant), "OPERATOR")
    read(grant)
    after = fresh(grant)
    assert (after.state, after.problem, after.waits_on) == (State.ACTIVE, "", "")
    assert after.is_fresh


# Missed, and lost --------------------------------------------------------------------


@pytest.mark.parametrize("read", [read_now, lambda grant: sync_all()])
def test_it_is_no_longer_green_after_one_miss(
    grant: RoleGrant, site: Website, read: Any
) -> None:
    site.undo(account_of(grant))
    read(grant)
    after = fresh(grant)
    assert after.state == State.UNVERIFIED
    assert pill_of(after)["tone"] != "ok"
    assert after.missed_at is not None
    assert "Not listed for Northlight Agency" in after.problem


def test_it_reads_again_within_the_hour(grant: RoleGrant, site: Website) -> None:
    site.undo(account_of(grant))
    after = read_now(grant)
    wait = after.next_check_at - timezone.now()
    assert dt.timedelta(minutes=5) < wait <= dt.timedelta(hours=1)


def test_it_is_not_lost_by_looking_twice_in_haste(
    grant: RoleGrant, site: Website
) -> None:
    site.undo(account_of(grant))
    read_now(grant)
    assert read_now(grant).state == State.UNVERIFIED


def test_a_failed_second_look_is_no_second_miss(
    grant: RoleGrant, tiktok: Simulated, site: Website
) -> None:
    site.undo(account_of(grant))
    missed_at = read_now(grant).missed_at
    with tiktok.disturbed(PARTNER_READ, never_arrives):
        look_again()
    after = fresh(grant)
    assert (after.state, after.missed_at) == (State.UNVERIFIED, missed_at)
    assert after.next_check_at is not None


def test_it_is_lost_after_two_clean_reads(grant: RoleGrant, site: Website) -> None:
    site.undo(account_of(grant))
    read_now(grant)
    look_again()
    after = fresh(grant)
    assert after.state == State.LOST
    assert after.waits_on == RoleGrant.WaitsOn.ACCOUNT_MANAGER
    assert "gone in two reads" in after.problem
    assert "Ask Lang Optics" in after.problem
    assert sentences(grant)[-1] == "grant.lost"
    assert after.next_check_at is None


@pytest.mark.matrix
@pytest.mark.parametrize("lists_shares", [True, False])
@pytest.mark.parametrize("leaves", ["gone", "unbound"])
def test_it_is_lost_however_the_center_wide_list_tells_it(
    grant: RoleGrant, site: Website, tiktok: Simulated, leaves: str, lists_shares: bool
) -> None:
    site.switch(unshared_in_admin_get=leaves, shared_in_admin_get=lists_shares)
    sync_all()
    assert fresh(grant).state == State.ACTIVE
    tiktok.control(
        "shares/undo",
        giver=tiktok.center("Lang Optics"),
        receiver=tiktok.center("Northlight Agency"),
        asset_ids=[account_of(grant)],
    )
    sync_all()
    assert fresh(grant).state == State.UNVERIFIED
    look_again()
    assert fresh(grant).state == State.LOST
    others = on_accounts().exclude(pk=grant.pk)
    assert set(others.values_list("state", flat=True)) == {State.ACTIVE}


def test_it_is_not_missed_while_either_list_shows_it(
    grant: RoleGrant, site: Website, tiktok: Simulated
) -> None:
    empty = {"page": 1, "page_size": 50, "total_number": 0, "total_page": 1}
    body = {"code": 0, "data": {"list": [], "page_info": empty}}
    import json

    with tiktok.disturbed(PARTNER_READ, says(json.dumps(body).encode())):
        sync_all()
        read_now(grant)
    after = fresh(grant)
    assert (after.state, after.missed_at) == (State.ACTIVE, None)


@pytest.mark.matrix
@pytest.mark.parametrize("read", [read_now, lambda grant: sync_all()])
@pytest.mark.parametrize("times", [1, 2])
def test_what_is_listed_again_stands_again(
    grant: RoleGrant, site: Website, read: Any, times: int
) -> None:
    shares = list(site.world.shares)
    site.undo(account_of(grant))
    read_now(grant)
    for _ in range(1, times):
        look_again()
    site.world.shares = shares
    read(grant)
    after = fresh(grant)
    assert (after.state, after.missed_at, after.problem) == (State.ACTIVE, None, "")


def test_it_comes_back_as_what_it_is(grant: RoleGrant, site: Website) -> None:
    shares = list(site.world.shares)
    site.undo(account_of(grant))
    read_now(grant)
    look_again()
    site.world.shares = shares
    site.change_role(account_of(grant), "ANALYST")
    sync_all()
    assert fresh(grant).state == State.DRIFTED


def test_a_lost_grant_is_quiet_until_it_is_back(
    grant: RoleGrant, site: Website
) -> None:
    site.undo(account_of(grant))
    read_now(grant)
    look_again()
    before = sentences(grant)
    sync_all()
    sync_all()
    assert sentences(grant) == before
    assert fresh(grant).state == State.LOST


# Our people on an account ------------------------------------------------------------


@pytest.fixture
def person(grant: RoleGrant, site: Website, factory: Factory) -> RoleGrant:
    """Jonas, staffed on the account by our center's grant and read back."""
    site.put_on(account_of(grant), "jonas")
    jonas = site.world.person("jonas")
    holder = Grantee.objects.create(
        platform="tiktok",
        kind=Grantee.Kind.PERSON,
        external_id=jonas.user_id,
        label=jonas.name,
        standing=Grantee.Standing.OURS,
    )
    made = factory.make_grant(
        asset=grant.asset,
        grantee=holder,
        via=grant,
        state=State.UNVERIFIED,
        next_check_at=timezone.now(),
        source=RoleGrant.Source.STAFFED,
    )
    work.sweep()
    made.refresh_from_db()
    assert made.state == State.ACTIVE
    return made


def test_a_person_drifts_too(
    person: RoleGrant, grant: RoleGrant, site: Website
) -> None:
    site.put_on(account_of(grant), "jonas", "ANALYST")
    sync_all()
    after = fresh(person)
    assert (after.state, after.observed_native) == (State.DRIFTED, "ANALYST")
    assert after.last_read.list_name == "account_members"
    assert fresh(grant).state == State.ACTIVE


def test_a_person_taken_off_is_lost_in_two_reads(
    person: RoleGrant, grant: RoleGrant, site: Website
) -> None:
    site.take_off(account_of(grant), "jonas")
    sync_all()
    assert fresh(person).state == State.UNVERIFIED
    look_again()
    after = fresh(person)
    assert after.state == State.LOST
    assert "Ask our Business Center admin" in after.problem
    assert fresh(grant).state == State.ACTIVE


def test_a_person_goes_with_the_center_and_comes_back_with_it(
    person: RoleGrant, grant: RoleGrant, site: Website
) -> None:
    shares, people = list(site.world.shares), list(site.world.assignments)
    site.undo(account_of(grant))
    sync_all()
    assert {fresh(person).state, fresh(grant).state} == {State.UNVERIFIED}
    look_again()
    assert {fresh(person).state, fresh(grant).state} == {State.LOST}
    site.world.shares, site.world.assignments = shares, people
    sync_all()
    assert {fresh(person).state, fresh(grant).state} == {State.ACTIVE}


def test_a_person_is_read_again_at_once_when_the_center_was_only_missed(
    person: RoleGrant, grant: RoleGrant, site: Website
) -> None:
    shares, people = list(site.world.shares), list(site.world.assignments)
    site.undo(account_of(grant))
    sync_all()
    site.world.shares, site.world.assignments = shares, people
    look_again()
    assert fresh(grant).state == State.ACTIVE
    come_due()
    work.sweep()
    assert fresh(person).state == State.ACTIVE


def test_nobody_looks_for_a_person_where_the_center_is_missed(
    person: RoleGrant, grant: RoleGrant, site: Website, tiktok: Simulated
) -> None:
    site.undo(account_of(grant))
    sync_all()
    assert fresh(person).next_check_at is None
    tiktok.control("counters/reset")
    look_again()
    assert tiktok.calls(MEMBER_READ) == 0


def test_it_says_who_acts_when_no_key_of_ours_reads(
    grant: RoleGrant, site: Website, tiktok: Simulated
) -> None:
    site.undo(account_of(grant))
    read_now(grant)
    tiktok.control("tokens/revoke", person="priya")
    look_again()
    look_again()
    after = fresh(grant)
    assert after.state == State.UNVERIFIED
    assert after.waits_on == RoleGrant.WaitsOn.ACCESS_OWNER
    assert main_receiver().label in after.problem
