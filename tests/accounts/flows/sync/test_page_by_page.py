"""A long list goes on after the last page that was kept, if it still adds up."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import pages
from accounts.models import Connection, PlatformRead, ReadPage, User
from tests.accounts.flows.reading import on_accounts, sync_all
from tests.accounts.flows.sync.listed import PARTNER_READ, found, row
from tests.simulated import Simulated, connect_our_side, never_arrives
from tests.website import Website

pytestmark = pytest.mark.long


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
