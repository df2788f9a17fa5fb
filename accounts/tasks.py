"""Doors the job queue knocks on; ids only in their arguments."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.flows import connections, disconnecting, dropping, work
from accounts.trail import Actor
from accounts.trail.context import request_scope

UNUSED_FOR = dt.timedelta(days=1)


def carry_out_grants(grant_ids: list[str]) -> int:
    """Share and prove these grants."""
    with request_scope():
        return work.carry_out(grant_ids)


def sweep_grants() -> int:
    """Carry out what is due; every minute."""
    with request_scope():
        return work.sweep()


def drop_keys() -> int:
    """Give back the keys we promised or wish to, and those nobody needs."""
    by = Actor.task("drop keys")
    with request_scope():
        connections.forget_unused_keys(timezone.now() - UNUSED_FOR, by=by)
        dropping.drop_orphans(timezone.now() - UNUSED_FOR, by=by)
        return disconnecting.carry_out(by=by)
