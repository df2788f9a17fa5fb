"""A round makes the least calls there are."""

from __future__ import annotations

import math

import pytest
from django.utils import timezone

from accounts.flows import sync
from accounts.models import CenterSync, Connection, Event
from tests.accounts.flows.reading import on_accounts, sync_all
from tests.accounts.flows.sync.listed import (
    CENTER_READ,
    MEMBER_READ,
    PARTNER_READ,
    PARTNERS,
    SEAT_READ,
)
from tests.simulated import Simulated, run_jobs
from tests.website import Website

pytestmark = pytest.mark.long


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
