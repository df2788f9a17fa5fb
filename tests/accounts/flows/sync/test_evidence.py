"""Every list leaves evidence, and says nothing of what it cannot know."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.flows import leases, sync, work
from accounts.models import Connection, GrantRead, PlatformRead, RoleGrant
from accounts.tasks import forget_old_reads
from tests.accounts.flows.reading import on_accounts, sync_all
from tests.accounts.flows.test_kill_safety import keys_of, make_requested
from tests.factory import Factory
from tests.simulated import Simulated
from tests.website import Website

pytestmark = pytest.mark.long

State = RoleGrant.State


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
        state=State.UNVERIFIED, lease_until=timezone.now() + leases.LEASE
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
