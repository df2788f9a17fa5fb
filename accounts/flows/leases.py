"""One worker a row: claimed by a conditional UPDATE, given back in the end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models.base import free

# Longer than a job may take: who still holds one then was killed.
LEASE = dt.timedelta(seconds=150)


@contextmanager
def leased(claimable: QuerySet[Any], keys: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield the keys of the rows this call could lease; the leases end with it."""
    now = timezone.now()
    until, rows = now + LEASE, claimable.filter(free(now))
    mine = [key for key in keys if rows.filter(pk=key).update(lease_until=until)]
    try:
        yield mine
    finally:
        held = claimable.model._default_manager.filter(lease_until=until)
        held.filter(pk__in=mine).update(lease_until=None)
