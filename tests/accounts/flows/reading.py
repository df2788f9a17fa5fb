"""How the tests of sync let time pass and rows come due."""

from __future__ import annotations

from django.utils import timezone

from accounts.flows import sync, work
from accounts.models import CenterSync, RoleGrant
from accounts.models.grants import RoleGrantQuerySet
from tests.simulated import run_jobs


def on_accounts() -> RoleGrantQuerySet:
    """Return the grants on ad accounts: a sync books who sits in our centers, too."""
    return RoleGrant.objects.filter(family=RoleGrant.Family.AD_ACCOUNT)


def sync_all() -> None:
    """Let every row come due, and every job of it run."""
    CenterSync.objects.update(due_at=timezone.now(), lease_until=None)
    sync.sweep()
    run_jobs()


def look_again() -> None:
    """Let the quarter of an hour pass after which a missed grant is read again."""
    come_due()
    work.sweep()


def come_due() -> None:
    RoleGrant.objects.filter(next_check_at__isnull=False).update(
        next_check_at=timezone.now()
    )
