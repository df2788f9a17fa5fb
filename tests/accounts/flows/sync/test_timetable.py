"""Every list is read within six hours, and people find workers free meanwhile."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.flows import due, sync
from accounts.models import CenterSync, Connection, Grantee, RoleGrant
from tests.accounts.flows.reading import on_accounts, sync_all
from tests.accounts.flows.sync.listed import MEMBER_READ, PARTNER_READ, row
from tests.simulated import Simulated, main_receiver, run_jobs
from tests.website import Website

pytestmark = pytest.mark.long

State = RoleGrant.State


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
