"""Housekeeping of the roof."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.utils import timezone
from django_q.models import Success

from accounts.trail.context import request_scope
from agencyportal import digest

KEPT_FOR = dt.timedelta(days=7)


def prune_jobs() -> int:
    """Forget jobs that went well a week ago; failures stay until looked at."""
    deleted, _ = Success.objects.filter(stopped__lt=timezone.now() - KEPT_FOR).delete()
    return deleted


def send_digests() -> int:
    """Write to the colleagues whose morning it is; every quarter of an hour."""
    with request_scope():
        return digest.send_due(timezone.now())


def gather_statistics() -> None:
    """Count what SQLite plans its queries by; PostgreSQL does so by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
