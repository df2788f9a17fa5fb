"""Doors the job queue knocks on; ids only in their arguments."""

from __future__ import annotations

from accounts.flows import work
from accounts.trail.context import request_scope


def carry_out_grants(grant_ids: list[str]) -> int:
    """Share and prove these grants."""
    with request_scope():
        return work.carry_out(grant_ids)


def sweep_grants() -> int:
    """Carry out what is due; every minute."""
    with request_scope():
        return work.sweep()
