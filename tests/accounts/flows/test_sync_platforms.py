"""`manage.py sync_platforms`: everything at once, or one client, or only to see."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.flows import due
from accounts.management.commands.sync_platforms import find_client
from accounts.models import CenterSync, Connection, PlatformRead, RoleGrant
from tests.accounts.flows.reading import on_accounts
from tests.accounts.flows.test_kill_safety import make_requested
from tests.factory import Factory
from tests.simulated import Simulated, never_arrives
from tests.website import Website

State = RoleGrant.State


@pytest.fixture
def site(tiktok: Simulated) -> Website:
    return Website(tiktok)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def sync(out: io.StringIO | None = None, **options: Any) -> str:
    """Run the command in this thread alone, and return what it prints."""
    out = out or io.StringIO()
    call_command("sync_platforms", at_once=1, stdout=out, **options)
    return out.getvalue()


def count(said: str, words: str) -> int:
    return next(
        int(line.split()[-1]) for line in said.splitlines() if line.startswith(words)
    )


def test_it_fails_and_says_who_acts_when_a_list_cannot_be_read(
    our_side: Connection, tiktok: Simulated
) -> None:
    with (
        tiktok.disturbed("bc/partner/get/", never_arrives),
        pytest.raises(CommandError, match="could not be read") as caught,
    ):
        sync()
    assert "Northlight Agency and its own lists" in str(caught.value)


def test_it_knows_no_such_client(our_side: Connection) -> None:
    with pytest.raises(CommandError, match="no client “Nobody”"):
        sync(client="Nobody")


@pytest.mark.parametrize("by", ["name", "pk"])
def test_a_client_merged_away_leads_to_the_one_it_became(
    factory: Factory, by: str
) -> None:
    kept = factory.make_client(name="Fjord Coffee")
    gone = factory.make_client(name="Fjord Coffee AB", merged_into=kept)
    assert find_client(str(getattr(gone, by)).upper()) == kept


def test_a_dry_run_says_what_would_change_and_changes_nothing(
    our_side: Connection, site: Website
) -> None:
    site.add_partner("Standing", 3)
    sync()
    ids = sorted(on_accounts().values_list("asset__external_id", flat=True))
    on_accounts().update(state=State.ACTIVE, asked_role="operator")
    site.change_role(ids[0], "ANALYST")
    site.undo(ids[1])
    site.add_partner("New", 2)
    tables = (RoleGrant, CenterSync)
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    reads = PlatformRead.objects.count()
    said = sync(dry_run=True)
    after = [list(table.objects.order_by("pk").values()) for table in tables]
    assert after == before
    assert PlatformRead.objects.count() > reads
    assert "dry run" in said
    assert count(said, "Drifted") == 1
    assert count(said, "Missed once") == 1
    assert count(said, "Found, never asked") == 2


def test_it_reads_everything_and_sums_it_up(
    our_side: Connection, site: Website
) -> None:
    site.add_partner("First", 2)
    site.add_partner("Second", 1)
    said = sync()
    assert count(said, "Found, never asked") == 3 + 4  # and who sits in our centers
    assert count(said, "Lists read") == 6 + 2 + 3  # ours, theirs, people's
    assert "5 of" not in said
    assert "2 of 2: Northlight " in said
    assert "3 of 4: Northlight Agency and First, 7" in said
    assert "4 of 4: Northlight Agency and Second, 7" in said
    again = sync()
    assert (count(again, "Grants listed"), count(again, "Found")) == (7, 0)


def test_it_reads_one_client_alone(
    our_side: Connection, site: Website, tiktok: Simulated, factory: Factory
) -> None:
    site.add_partner("Somebody Else", 1)
    make_requested(tiktok, factory)
    sync(client="lang optics")
    [read] = PlatformRead.objects.all()
    assert read.parameters["partner"] == tiktok.center("Lang Optics")


def test_it_draws_a_bar_where_somebody_looks_on(our_side: Connection) -> None:
    assert f"\r[{'#' * 30}] 2 of 2" in sync(Terminal())


def test_it_leaves_to_a_worker_what_it_reads_this_minute(
    our_side: Connection, tiktok: Simulated
) -> None:
    due.open_rows()
    assert all(due.claim(row.pk) for row in CenterSync.objects.all())
    tiktok.control("counters/reset")
    assert "left to the worker" in sync()
    assert tiktok.all_calls() == 0


@pytest.mark.django_db(transaction=True)
def test_several_lists_are_read_at_once_and_nothing_is_found_twice(
    our_side: Connection, site: Website
) -> None:
    for number in range(6):
        site.add_partner(f"Partner {number}", 2)
    out = io.StringIO()
    call_command("sync_platforms", at_once=6, stdout=out)
    assert count(out.getvalue(), "Found, never asked") == 12 + 4
    assert on_accounts().count() == 12
