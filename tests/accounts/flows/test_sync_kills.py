"""A worker dies at any step of a sync: the next sweep ends where it would have.

`Killed` is no Exception, so nothing in the flows can mistake it for an answer; one
test kills a real process.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection as database
from django.utils import timezone

from accounts.flows import comparing, drift, due, found, lists, roster, sync
from accounts.flows.pages import KeptPages
from accounts.flows.rounds import Round
from accounts.models import (
    CenterSync,
    Connection,
    Event,
    GrantRead,
    PlatformRead,
    ReadPage,
    RoleGrant,
)
from accounts.platforms.tiktok.client import TikTok
from accounts.tasks import sync_center
from tests.accounts.flows.reading import on_accounts, sync_all
from tests.accounts.flows.test_kill_safety import Killed, killing
from tests.simulated import Simulated
from tests.website import Website

pytestmark = pytest.mark.long
State = RoleGrant.State
ACCOUNTS, NEW, PAGE = 6, 2, 3
SEATS = 4  # three in our main center, one in the other

STEPS = {
    "after the claim": (sync, "_carry_out", False),
    "before the first list": (Round, "_read_lists", False),
    "between two pages": (KeptPages, "_save_pages", True),
    "before the list is booked": (lists, "_book", False),
    "after the list is booked": (lists, "_book", True),
    "before anything is compared": (comparing, "compare", False),
    "before the quiet ones are marked": (comparing, "_mark", False),
    "after the quiet ones are marked": (comparing, "_mark", True),
    "before the first news": (drift, "book", False),
    "between evidence and news": (drift, "note", True),
    "after the first news": (drift, "book", True),
    "after all the news": (comparing, "in_batches", True),
    "before the first is found": (found, "account", False),
    "after the first is found": (found, "account", True),
    "before the names": (found, "refresh", False),
    "before the seats are booked": (roster, "take_in", False),
    "after the first seat is found": (found, "seat", True),
    "after the seats are booked": (roster, "take_in", True),
    "after the lists": (Round, "_read_lists", True),
    "before the first account's people": (Round, "_read_account", False),
    "after the first account's people": (Round, "_read_account", True),
    "after the first person is found": (found, "person", True),
    "before the row is let go": (due, "release", False),
    "after the row is let go": (due, "release", True),
}


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a handful of accounts fill several pages."""
    monkeypatch.setitem(TikTok._pages.__kwdefaults__, "size", PAGE)


@pytest.fixture
def partner(our_side: Connection, tiktok: Simulated) -> str:
    """A partner with two pages of accounts: most quiet, one changed, one gone, new."""
    return change_much(Website(tiktok))


def change_much(site: Website) -> str:
    bc_id = site.add_partner("Large", ACCOUNTS)
    sync_all()
    on_accounts().update(
        state=State.ACTIVE, asked_role="operator", problem="", waits_on=""
    )
    changed, gone, staffed = ids_of(site, bc_id)[:3]
    site.change_role(changed, "ANALYST")
    site.undo(gone)
    site.put_on(staffed, "jonas")
    site.put_on(staffed, "mira")
    for account in new_accounts(site, bc_id):
        site.share(account)
    return bc_id


def new_accounts(site: Website, bc_id: str) -> list[Any]:
    for number in range(NEW):
        site.tiktok.control("accounts", name=f"New {number}", bc_id=bc_id)
    return site.world.accounts[-NEW:]


def ids_of(site: Website, bc_id: str) -> list[str]:
    return sorted(one.asset_id for one in site.world.shares if one.giver == bc_id)


def sweep_until_read(bc_id: str) -> None:
    """Let leases run out and sweep, until nothing is due any more."""
    for _ in range(2):
        CenterSync.objects.update(lease_until=None)
        CenterSync.objects.filter(partner_id=bc_id).update(due_at=timezone.now())
        sync_all()


def assert_as_if_nobody_had_died() -> None:
    states = Counter(on_accounts().values_list("state", flat=True))
    assert states == {
        State.ACTIVE: ACCOUNTS - 2,
        State.DRIFTED: 1,
        State.UNVERIFIED: 1,
        State.FOUND: NEW + 2,
    }
    told = Counter(
        Event.objects.filter(action__startswith="grant.").values_list("action", flat=1)
    )
    assert told == {
        "grant.found": ACCOUNTS + NEW + 2 + SEATS,
        "grant.drifted": 1,
        "grant.unverified": 1,
    }
    news = on_accounts().exclude(state=State.ACTIVE)
    for grant in news:
        assert GrantRead.objects.filter(grant=grant, read__is_whole=True).exists()
        assert grant.last_read is not None
    assert not PlatformRead.objects.filter(is_whole=True, sha256="").exists()
    assert not ReadPage.objects.filter(read__list_name="partner_accounts").exists()
    assert not CenterSync.objects.exclude(cursor="", lease_until=None).exists()


@pytest.mark.parametrize("step", [one for one in STEPS if "seat" not in one])
def test_it_ends_where_it_would_have(
    partner: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    owner, name, after = STEPS[step]
    row = CenterSync.objects.get(partner_id=partner)
    assert due.claim(row.pk)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, killing(getattr(owner, name), after=after))
        with pytest.raises(Killed):
            sync_center(row.pk)
    sweep_until_read(partner)
    assert_as_if_nobody_had_died()


@pytest.mark.parametrize("step", [one for one in STEPS if "account" not in one])
def test_a_center_row_ends_where_it_would_have(
    our_side: Connection, tiktok: Simulated, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whatever dies in the center's own lists, its partners are known afterwards."""
    site = Website(tiktok)
    lone = tiktok.control("accounts", name="Lone", person="maren")["advertiser_id"]
    site.agree(lone)
    site.put_on(lone, "priya")
    for number in range(3):
        site.add_partner(f"Partner {number}", 1)
    due.open_rows()
    row = CenterSync.objects.get(center__name="Northlight Agency")
    assert due.claim(row.pk)
    owner, name, after = STEPS[step]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, killing(getattr(owner, name), after=after))
        with contextlib.suppress(Killed):  # some steps are a partner's alone
            sync_center(row.pk)
    CenterSync.objects.update(lease_until=None, due_at=timezone.now())
    sync_all()
    sync_all()
    assert CenterSync.objects.exclude(partner_id="").count() == 3
    assert set(on_accounts().values_list("state", flat=True)) == {State.FOUND}
    assert on_accounts().count() == 3 + 2
    assert Event.objects.filter(action="grant.found").count() == 3 + 2 + SEATS


@pytest.mark.django_db(transaction=True)
def test_it_survives_a_process_killed_between_two_pages(
    our_side: Connection, tiktok: Simulated, settings: Any
) -> None:
    partner = change_much(Website(tiktok))
    row = CenterSync.objects.get(partner_id=partner)
    assert due.claim(row.pk)
    script = (
        "import django, os, signal; django.setup()\n"
        "from django.conf import settings\n"
        f"settings.TIKTOK = {settings.TIKTOK!r}\n"
        f"settings.VAULT_KEYS = {settings.VAULT_KEYS!r}\n"
        "from accounts.flows.pages import KeptPages\n"
        "from accounts.platforms.tiktok.client import TikTok\n"
        f"TikTok._pages.__kwdefaults__['size'] = {PAGE}\n"
        "keep = KeptPages._save_pages\n"
        "def kill(self):\n"
        "    keep(self)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "KeptPages._save_pages = kill\n"
        "from accounts.tasks import sync_center\n"
        f"sync_center({row.pk!r})\n"
    )
    name = database.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if database.vendor == "postgresql":
        host = database.settings_dict["OPTIONS"]["host"]
        url = f"postgres://postgres@/{name}?host={host}"
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "DATABASE_URL": url},
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert ReadPage.objects.filter(read__list_name="partner_accounts").count() == 1
    row.refresh_from_db()
    assert row.lease_until > timezone.now()
    tiktok.control("counters/reset")
    sweep_until_read(partner)
    assert_as_if_nobody_had_died()
