"""Sync: what our centers list, compared with the books, list by list."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import due, pages, sync, work
from accounts.flows.rounds import Round
from accounts.models import (
    Asset,
    CenterSync,
    Connection,
    Event,
    Grantee,
    GrantRead,
    PlatformRead,
    ReadPage,
    RoleGrant,
    User,
)
from accounts.tasks import forget_old_reads, sync_center
from tests.accounts.flows.reading import on_accounts, sync_all
from tests.accounts.flows.test_kill_safety import keys_of, make_requested
from tests.factory import Factory
from tests.simulated import (
    Simulated,
    connect_our_side,
    main_receiver,
    never_arrives,
    run_jobs,
    says,
)
from tests.website import Website

State = RoleGrant.State
PARTNERS = "bc/partner/get/"
PARTNER_READ = "bc/partner/asset/get/"
CENTER_READ = "bc/asset/admin/get/"
MEMBER_READ = "bc/asset/member/get/"
SEAT_READ = "bc/member/get/"


@pytest.fixture
def site(tiktok: Simulated) -> Website:
    return Website(tiktok)


@pytest.fixture
def active(our_side: Connection, tiktok: Simulated, factory: Factory) -> Any:
    """Hugo's two accounts, shared with our center and read back."""
    grants = make_requested(tiktok, factory)
    work.carry_out(keys_of(grants))
    assert set(on_accounts().values_list("state", flat=True)) == {State.ACTIVE}
    tiktok.control("counters/reset")
    PlatformRead.objects.all().delete()
    return grants


def row(partner_id: str = "") -> CenterSync:
    return CenterSync.objects.get(
        center__name="Northlight Agency", partner_id=partner_id
    )


def found() -> Any:
    return on_accounts().filter(state=State.FOUND)


# What cannot be read -----------------------------------------------------------------


def test_it_says_who_acts_without_a_key_and_calls_nobody(
    active: list[RoleGrant], tiktok: Simulated
) -> None:
    Connection.objects.update(state=Connection.State.NEEDS_REAUTHORIZATION)
    before = list(on_accounts().values())
    sync_all()
    assert "An access owner connects it" in row().problem
    assert list(on_accounts().values()) == before
    assert tiktok.all_calls() == 0


def test_it_is_due_at_once_when_a_key_comes(
    active: list[RoleGrant], tiktok: Simulated, owner: User
) -> None:
    Connection.objects.update(state=Connection.State.NEEDS_REAUTHORIZATION)
    sync_all()
    assert row().due_at > timezone.now()
    connect_our_side(tiktok, owner)
    sync.sweep()
    run_jobs()
    assert row().problem == ""


@pytest.mark.matrix
@pytest.mark.parametrize(
    "endpoint", [PARTNERS, CENTER_READ, PARTNER_READ, MEMBER_READ, SEAT_READ]
)
@pytest.mark.parametrize("how", [never_arrives, says(b"<html>"), says(b'{"code": 0}')])
def test_a_failed_list_changes_nothing_and_is_read_again_soon(
    active: list[RoleGrant], tiktok: Simulated, endpoint: str, how: Any
) -> None:
    told = ("state", "problem", "missed_at", "observed_role", "waits_on")
    before = list(on_accounts().order_by("pk").values(*told))
    with tiktok.disturbed(endpoint, how):
        sync_all()
    assert list(on_accounts().order_by("pk").values(*told)) == before
    failed = CenterSync.objects.exclude(problem="")
    assert failed.exists()
    for one in failed:
        assert one.due_at <= timezone.now() + due.AGAIN_AFTER
    assert not PlatformRead.objects.exclude(problem="").filter(is_whole=True).exists()
    sync_all()
    assert not CenterSync.objects.exclude(problem="").exists()


def test_it_reads_with_the_second_key_when_the_first_is_dead(
    active: list[RoleGrant], tiktok: Simulated, owner: User, our_side: Connection
) -> None:
    connect_our_side(tiktok, owner, "mira")
    tiktok.control("tokens/revoke", person="mira")
    sync_all()
    assert row().problem == ""
    whole = PlatformRead.objects.filter(is_whole=True)
    assert set(whole.values_list("connection", flat=True)) == {our_side.pk}


def stumbles(round_: Round, key: Connection) -> None:
    if round_.row == row():
        raise ZeroDivisionError
    read(round_, key)


read = Round.read


class TestWhatThePortalStumblesOver:
    @pytest.fixture(autouse=True)
    def a_fault(self, active: list[RoleGrant], monkeypatch: pytest.MonkeyPatch) -> None:
        sync_all()
        monkeypatch.setattr(Round, "read", stumbles)

    def test_it_is_released_and_the_others_go_first(self) -> None:
        CenterSync.objects.update(due_at=timezone.now())
        before = timezone.now()
        assert due.claim(row().pk)
        with pytest.raises(ZeroDivisionError):
            sync.run(row().pk)
        assert row().lease_until is None
        assert row().due_at >= before + due.AGAIN_AFTER
        assert "The operator reads the log." in row().problem

    def test_the_next_rows_are_queued_all_the_same(self) -> None:
        CenterSync.objects.update(due_at=timezone.now())
        assert due.claim(row().pk)
        with pytest.raises(ZeroDivisionError):
            sync_center(row().pk)
        assert run_jobs()

    def test_everything_else_is_read_in_one_go(self) -> None:
        PlatformRead.objects.all().delete()
        done = sync.everything(at_once=1)
        odd = [one for one in done if one.failure is not None]
        assert [one.row for one in odd] == [row()]
        assert PlatformRead.objects.filter(is_whole=True).exists()


def test_a_long_name_and_a_role_nobody_knows_are_found_all_the_same(
    our_side: Connection, site: Website
) -> None:
    Grantee.objects.filter(label="Northlight Agency").update(label="N" * 200)
    site.add_partner("Long", 1, role="R" * 64)
    sync_all()
    assert len(found().get().problem) == 300


def test_one_account_that_cannot_be_read_does_not_stop_the_others(
    active: list[RoleGrant], tiktok: Simulated, site: Website
) -> None:
    ids = sorted(grant.asset.external_id for grant in active)
    for account_id in ids:
        site.put_on(account_id, "jonas")
    gone = b'{"code": 40007, "message": "no such asset", "request_id": "R"}'

    def first_is_gone(request: Any, route: Any) -> Any:
        if request.query["asset_id"] == ids[0]:
            return says(gone)(request, route)
        return route(request)

    with tiktok.disturbed(MEMBER_READ, first_is_gone):
        sync_all()
    assert found().get().asset.external_id == ids[1]
    assert "40007" in row(tiktok.center("Lang Optics")).problem


def test_it_waits_out_a_pause_of_the_app(
    active: list[RoleGrant], tiktok: Simulated
) -> None:
    daily = b'{"code": 40100, "message": "qpd limit", "request_id": "R"}'
    with tiktok.disturbed(PARTNERS, says(daily)):
        sync_all()
    midnight = timezone.now().date() + dt.timedelta(days=1)
    assert row().due_at == dt.datetime.combine(midnight, dt.time(), dt.UTC)
    assert "slow down" in row().problem


# The least calls ---------------------------------------------------------------------


def sum_of_pages(site: Website, partners: dict[str, int]) -> int:
    """Return what one round over our main center costs: every list, page by page."""
    on_account = {
        share.asset_id: len(
            [one for one in site.world.assignments if one.asset_id == share.asset_id]
        )
        for share in site.world.shares
        if share.receiver == site.center("Northlight Agency").bc_id
    }
    return (
        _pages(len(on_account), 50)
        + _pages(len(partners), 50)
        + _pages(3, 20)  # who sits there
        + sum(_pages(count, 50) for count in partners.values())
        + sum(_pages(count, 20) for count in on_account.values())
    )


def _pages(rows: int, size: int) -> int:
    return max(1, math.ceil(rows / size))


@pytest.mark.long
@pytest.mark.parametrize("lists_shares", [True, False])
def test_it_makes_the_least_calls_there_are(
    our_side: Connection, tiktok: Simulated, site: Website, lists_shares: bool
) -> None:
    site.switch(shared_in_admin_get=lists_shares)
    partners = {"Small": 1, "Middling": 50, "Large": 51}
    for name, accounts in partners.items():
        site.add_partner(name, accounts)
    own_row_of_the_other_center = 3
    listed = sum_of_pages(site, partners)
    if not lists_shares:
        listed -= _pages(sum(partners.values()), 50) - 1
    for _ in range(2):  # all is found, then nothing is new
        tiktok.control("counters/reset")
        sync_all()
        assert tiktok.all_calls() == listed + own_row_of_the_other_center
    assert tiktok.calls(CENTER_READ) == tiktok.all_calls() - sum(
        tiktok.calls(one) for one in (PARTNERS, PARTNER_READ, MEMBER_READ, SEAT_READ)
    )


def test_one_center_wide_reading_serves_all_partners_that_miss_something(
    our_side: Connection, tiktok: Simulated, site: Website
) -> None:
    for name in ("First", "Second", "Third"):
        site.add_partner(name, 2)
    sync_all()
    site.undo(*[share.asset_id for share in site.world.shares[-6:]])
    tiktok.control("counters/reset")
    sync_all()
    assert tiktok.calls(CENTER_READ) == 2  # each of our centers, for its own row
    assert not on_accounts().filter(missed_at=None).exists()


def test_what_a_partner_no_longer_lists_is_missed_whatever_an_older_list_says(
    our_side: Connection, tiktok: Simulated, site: Website
) -> None:
    site.add_partner("First", 1)
    sync_all()
    site.undo(site.world.shares[-1].asset_id)
    tiktok.control("counters/reset")
    partners = CenterSync.objects.exclude(partner_id="")
    partners.update(due_at=timezone.now(), lease_until=None)
    sync.sweep()
    run_jobs()
    assert tiktok.calls(CENTER_READ) == 1  # the one kept was from before
    assert on_accounts().get().missed_at is not None


def test_it_takes_a_key_from_the_vault_once_for_all_its_lists(
    our_side: Connection, site: Website
) -> None:
    site.add_partner("Large", 12)
    sync_all()
    before = Event.objects.filter(action="vault.read").count()
    sync_all()
    rows = CenterSync.objects.count()
    assert Event.objects.filter(action="vault.read").count() == before + rows


# Evidence ----------------------------------------------------------------------------


def test_every_list_leaves_evidence_and_quiet_grants_are_marked(
    active: list[RoleGrant], tiktok: Simulated
) -> None:
    on_accounts().update(verified_at=timezone.now() - dt.timedelta(hours=7))
    sync_all()
    read = PlatformRead.objects.get(list_name="partner_accounts")
    assert read.parameters["partner"] == tiktok.center("Lang Optics")
    assert (read.rows_told, read.rows_stored, read.pages) == (2, 2, 1)
    assert read.is_whole
    assert len(read.sha256) == 64
    assert len(read.trace_ids) == 1
    assert not GrantRead.objects.filter(grant__in=active).exists()
    for grant in on_accounts().all():
        assert grant.last_read == read
        assert grant.is_fresh
        assert timezone.now() - grant.verified_at < dt.timedelta(minutes=5)


def test_a_read_that_began_before_the_grant_moved_says_nothing_of_it(
    active: list[RoleGrant], site: Website
) -> None:
    site.undo(*[grant.asset.external_id for grant in active])
    on_accounts().update(since=timezone.now() + dt.timedelta(minutes=1))
    sync_all()
    assert set(on_accounts().values_list("state", flat=True)) == {State.ACTIVE}


def test_it_leaves_to_a_worker_what_it_holds(
    our_side: Connection, tiktok: Simulated, factory: Factory
) -> None:
    grants = make_requested(tiktok, factory)
    work.carry_out(keys_of(grants))
    on_accounts().update(
        state=State.UNVERIFIED, lease_until=timezone.now() + work.LEASE
    )
    sync_all()
    assert set(on_accounts().values_list("state", flat=True)) == {State.UNVERIFIED}
    on_accounts().update(lease_until=None)
    sync_all()
    assert set(on_accounts().values_list("state", flat=True)) == {State.ACTIVE}


def test_it_does_not_take_what_was_only_asked_for_as_missing(
    our_side: Connection, tiktok: Simulated, factory: Factory
) -> None:
    make_requested(tiktok, factory)
    before = list(on_accounts().values())
    sync_all()
    assert list(on_accounts().values()) == before


def test_it_forgets_old_reads_that_nothing_rests_on(
    active: list[RoleGrant], site: Website
) -> None:
    sync_all()
    site.change_role(active[0].asset.external_id, "ANALYST")
    sync_all()
    long_ago = timezone.now() - sync.KEPT_FOR - dt.timedelta(days=1)
    PlatformRead.objects.update(read_at=long_ago)
    kept = set(RoleGrant.objects.values_list("last_read", flat=True))
    kept |= set(GrantRead.objects.values_list("read", flat=True))
    assert forget_old_reads() > 0
    assert set(PlatformRead.objects.values_list("pk", flat=True)) == kept
    assert forget_old_reads() == 0


# Found, never asked ------------------------------------------------------------------


def test_it_books_what_nobody_asked_for(our_side: Connection, site: Website) -> None:
    bc_id = site.add_partner("Brand New", 1, role="ANALYST")
    sync_all()
    grant = found().get()
    assert (grant.asked_role, grant.observed_role, grant.source) == (
        "",
        "analyst",
        RoleGrant.Source.FOUND,
    )
    assert grant.asset.owner == Asset.Owner.UNKNOWN
    assert grant.asset.center.external_id == bc_id
    assert grant.waits_on == RoleGrant.WaitsOn.ACCESS_OWNER
    assert "nobody asked for it here" in grant.problem
    assert grant.verified_at is not None
    assert not grant.is_fresh
    assert Event.objects.about(grant).get().action == "grant.found"
    holder = Grantee.objects.get(external_id=bc_id)
    assert (holder.label, holder.standing) == ("Brand New", Grantee.Standing.UNKNOWN)


def test_what_a_clients_center_gives_is_the_clients(
    our_side: Connection, site: Website, factory: Factory
) -> None:
    bc_id = site.add_partner("Known", 1)
    client = factory.make_client(name="Known")
    factory.make_center(external_id=bc_id, owner="client", client=client)
    sync_all()
    grant = found().get()
    assert (grant.asset.client, grant.asset.owner) == (client, Asset.Owner.CLIENT)
    assert grant.waits_on == RoleGrant.WaitsOn.ACCOUNT_MANAGER


def test_it_finds_nothing_twice(our_side: Connection, site: Website) -> None:
    site.add_partner("Brand New", 3)
    sync_all()
    events = Event.objects.filter(action__startswith="grant.").count()
    sync_all()
    assert found().count() == 3
    assert Event.objects.filter(action__startswith="grant.").count() == events


def test_what_was_found_follows_its_reads_and_ends_when_missed_twice(
    our_side: Connection, site: Website
) -> None:
    site.add_partner("Brand New", 1, role="ANALYST")
    sync_all()
    account_id = found().get().asset.external_id
    site.change_role(account_id, "ADMIN")
    sync_all()
    assert found().get().observed_role == "admin"
    site.undo(account_id)
    sync_all()
    assert found().get().missed_at is not None
    found().update(next_check_at=timezone.now())
    sync_all()
    assert on_accounts().get().state == State.WITHDRAWN


def test_what_ended_here_and_is_listed_there_is_found(
    active: list[RoleGrant],
) -> None:
    on_accounts().update(state=State.WITHDRAWN)
    sync_all()
    assert found().count() == 2


def test_it_finds_our_people_on_an_account(
    active: list[RoleGrant], site: Website
) -> None:
    site.put_on(active[0].asset.external_id, "jonas", "ANALYST")
    sync_all()
    person = found().get()
    assert person.via_id == active[0].pk
    assert person.grantee.label == "Jonas Lind"
    assert person.grantee.kind == Grantee.Kind.PERSON
    assert person.grantee.standing == Grantee.Standing.OURS
    assert person.waits_on == RoleGrant.WaitsOn.ACCOUNT_MANAGER


def test_it_finds_an_account_no_center_owns(
    our_side: Connection, site: Website, tiktok: Simulated
) -> None:
    account = tiktok.control("accounts", name="Lone", person="maren")
    site.agree(account["advertiser_id"])
    site.put_on(account["advertiser_id"], "priya")
    sync_all()
    centers = found().filter(via=None)
    assert centers.get().asset.external_id == account["advertiser_id"]
    assert centers.get().asset.center is None


def test_what_our_center_owns_was_not_given_to_us(
    our_side: Connection, tiktok: Simulated
) -> None:
    tiktok.control("accounts", name="Our own", bc_id=tiktok.center("Northlight Agency"))
    sync_all()
    assert not on_accounts().exists()


def test_names_follow_the_platform(active: list[RoleGrant], site: Website) -> None:
    site.rename(active[0].asset.external_id, "Renamed")
    sync_all()
    active[0].asset.refresh_from_db()
    assert active[0].asset.name == "Renamed"


def test_it_learns_which_center_shares_an_account(
    active: list[RoleGrant], tiktok: Simulated
) -> None:
    Asset.objects.filter(pk=active[0].asset.pk).update(center=None)
    sync_all()
    active[0].asset.refresh_from_db()
    assert active[0].asset.center.external_id == tiktok.center("Lang Optics")


# The timetable -----------------------------------------------------------------------


def test_it_spreads_new_rows_over_the_six_hours(
    our_side: Connection, site: Website
) -> None:
    for number in range(12):
        site.add_partner(f"Partner {number}", 1)
    sync_all()
    dates = sorted(CenterSync.objects.values_list("due_at", flat=True))
    assert dates[0] > timezone.now()
    assert dates[-1] <= timezone.now() + due.EVERY
    assert dates[-1] - dates[0] > dt.timedelta(hours=1)


def test_nothing_is_due_that_was_just_read(
    active: list[RoleGrant], tiktok: Simulated
) -> None:
    sync_all()
    tiktok.control("counters/reset")
    assert sync.sweep() == 0
    assert tiktok.all_calls() == 0


def test_it_leaves_workers_free_for_people(our_side: Connection, site: Website) -> None:
    sync_all()
    for number in range(5):
        center = main_receiver().center
        CenterSync.objects.create(center=center, partner_id=f"72{number}")
    assert sync.sweep() == sync.JOBS_AT_ONCE
    assert sync.sweep() == 0


def test_a_task_whose_claim_has_run_out_does_nothing(
    active: list[RoleGrant], tiktok: Simulated
) -> None:
    sync.sweep()
    CenterSync.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert sync.run(row().pk) is None
    assert tiktok.all_calls() == 0


def test_a_center_that_is_not_ours_any_more_is_not_read(
    active: list[RoleGrant], tiktok: Simulated
) -> None:
    sync_all()
    Grantee.objects.update(standing=Grantee.Standing.UNKNOWN)
    tiktok.control("counters/reset")
    sync_all()
    assert tiktok.all_calls() == 0


def test_it_drops_the_row_of_a_partner_that_left(
    our_side: Connection, site: Website
) -> None:
    bc_id = site.add_partner("Passing", 1)
    sync_all()
    on_accounts().update(state=State.WITHDRAWN)
    site.undo(*[one.asset_id for one in site.world.shares[-1:]])
    site.world.partnerships.pop()
    sync_all()
    assert not CenterSync.objects.filter(partner_id=bc_id).exists()


def test_a_run_whose_time_is_up_goes_on_where_it_stood(
    our_side: Connection,
    tiktok: Simulated,
    site: Website,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bc_id = site.add_partner("Large", 4)
    for account in site.world.accounts[-4:]:
        site.put_on(account.advertiser_id, "jonas")
    sync_all()
    tiktok.control("counters/reset")
    CenterSync.objects.exclude(partner_id=bc_id).delete()
    monkeypatch.setattr(sync, "BUDGET_SECONDS", -1)
    CenterSync.objects.update(
        cursor=site.world.accounts[-4].advertiser_id, due_at=timezone.now()
    )
    sync.sweep()
    CenterSync.objects.filter(partner_id="").delete()
    monkeypatch.setattr(sync, "BUDGET_SECONDS", 60)
    run_jobs()
    ids = sorted(one.advertiser_id for one in site.world.accounts[-4:])
    left = [one for one in ids if one > site.world.accounts[-4].advertiser_id]
    assert tiktok.calls(MEMBER_READ) == len(left)
    assert tiktok.calls(PARTNER_READ) == 0
    assert row(bc_id).cursor == ""


# Page by page ------------------------------------------------------------------------


def dies_at(page: int) -> Any:
    def how(request: Any, route: Any) -> Any:
        if request.query["page"] == str(page):
            return never_arrives(request, route)
        return route(request)

    return how


@pytest.mark.long
def test_it_goes_on_after_the_last_page_it_kept(
    our_side: Connection, tiktok: Simulated, site: Website
) -> None:
    bc_id = site.add_partner("Large", 120)
    with tiktok.disturbed(PARTNER_READ, dies_at(3)):
        sync_all()
    assert not on_accounts().exists()
    assert ReadPage.objects.filter(read__list_name="partner_accounts").count() == 2
    tiktok.control("counters/reset")
    sync_all()
    assert tiktok.calls(PARTNER_READ) == 1
    assert found().count() == 120
    read = PlatformRead.objects.get(list_name="partner_accounts", is_whole=True)
    assert (read.pages, read.rows_stored, len(read.trace_ids)) == (3, 120, 3)
    assert not read.kept_pages.exists()
    whole = read.sha256
    PlatformRead.objects.all().delete()
    sync_all()
    again = PlatformRead.objects.get(list_name="partner_accounts", is_whole=True)
    assert (again.sha256, row(bc_id).problem) == (whole, "")


@pytest.mark.long
@pytest.mark.parametrize("why", ["changed", "old"])
def test_it_begins_anew_when_what_it_kept_is_worth_nothing(
    our_side: Connection, tiktok: Simulated, site: Website, why: str
) -> None:
    site.add_partner("Large", 120)
    with tiktok.disturbed(PARTNER_READ, dies_at(3)):
        sync_all()
    if why == "old":
        begun = timezone.now() - pages.KEPT_FOR
        PlatformRead.objects.filter(problem="", is_whole=False).update(read_at=begun)
    else:
        site.undo(site.world.shares[-1].asset_id)
    tiktok.control("counters/reset")
    sync_all()
    assert tiktok.calls(PARTNER_READ) == (3 if why == "old" else 4)
    assert found().count() == (120 if why == "old" else 119)


def test_pages_of_another_key_are_not_joined(
    our_side: Connection, tiktok: Simulated, site: Website, owner: User
) -> None:
    site.add_partner("Large", 60)
    with tiktok.disturbed(PARTNER_READ, dies_at(2)):
        sync_all()
    connect_our_side(tiktok, owner, "mira")
    tiktok.control("counters/reset")
    sync_all()
    assert tiktok.calls(PARTNER_READ) == 2


def test_a_list_that_does_not_add_up_is_not_kept(
    our_side: Connection, tiktok: Simulated, site: Website
) -> None:
    site.add_partner("Large", 60)

    def twice(request: Any, route: Any) -> Any:
        request.query["page"] = "1"
        return route(request)

    with tiktok.disturbed(PARTNER_READ, twice):
        sync_all()
    assert not ReadPage.objects.filter(read__list_name="partner_accounts").exists()
    sync_all()
    assert found().count() == 60
