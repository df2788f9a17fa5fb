"""Doors the job queue knocks on; ids only in their arguments."""

from __future__ import annotations

from accounts.flows import dropping, work
from accounts.trail import Actor
from accounts.trail.context import request_scope


def carry_out_grants(grant_ids: list[str]) -> int:
    """Share and prove these grants."""
    with request_scope():
        return work.carry_out(grant_ids)


def sweep_grants() -> int:
    """Carry out what is due; every minute."""
    with request_scope():
        return work.sweep()


def drop_keys() -> int:
    """Give back the keys we promised not to keep; every minute."""
    with request_scope():
        return dropping.drop_done(by=Actor.task("drop keys"))
