"""Grants with work due: claimed by a lease, carried out, released.

Due work is a column. A task that just wrote a grant claims it at once; whatever a
killed worker leaves behind is claimed by the next sweep when its lease has run out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from django.utils import timezone

from accounts.flows import assigning, proof, seating, sharing, withdrawing
from accounts.flows.apart import in_turn, put_off
from accounts.flows.leases import leased
from accounts.models import RoleGrant
from accounts.trail import Actor

BATCH = 200


def carry_out(
    grant_ids: Iterable[UUID | str], *, waits: Iterable[int] = proof.WAITS
) -> int:
    """Share or take back, then read; return how many grants were ours to do."""
    by = Actor.task("grants")
    with _claimed(grant_ids) as grants:
        in_turn(partial(_send, group, by=by) for group in _by_giver(grants))
        proof.prove(grants, by=by, waits=waits)
        return len(grants)


def sweep() -> int:
    """Carry out everything due now, reading once: waiting belongs to the first run."""
    by = Actor.task("sweep")
    due = RoleGrant.objects.due(timezone.now()).order_by("next_check_at")
    with _claimed(list(due.values_list("pk", flat=True)[:BATCH])) as grants:
        sending = [partial(_send, group, by=by) for group in _by_giver(grants)]
        in_turn([*sending, partial(_read_unproved, grants, by=by)])
        return len(grants)


def read_now(grants: Iterable[RoleGrant], *, by: Actor) -> None:
    """Read at somebody's wish, whatever the timetable says."""
    proof.read_back(list(grants), by=by, in_person=True)


def _by_giver(grants: Iterable[RoleGrant]) -> list[list[RoleGrant]]:
    """Return what one giving center shares together: its trouble is its own."""
    groups: defaultdict[UUID, list[RoleGrant]] = defaultdict(list)
    for grant in grants:
        groups[grant.asset.center_id or grant.asset_id].append(grant)
    return list(groups.values())


def _send(grants: list[RoleGrant], *, by: Actor) -> None:
    with put_off(grants):
        sharing.settle_broken_off(grants, by=by)
        seating.send([one for one in grants if one.is_in_center], by=by)
        shared = [one for one in grants if not one.is_in_center]
        sharing.send(shared, by=by)
        assigning.send(shared, by=by)
        withdrawing.send(shared, by=by)


def _read_unproved(grants: list[RoleGrant], *, by: Actor) -> None:
    unproved = [grant for grant in grants if grant.state in proof.UNPROVED]
    proof.read_back(unproved, by=by, in_person=False)


@contextmanager
def _claimed(grant_ids: Iterable[UUID | str]) -> Iterator[list[RoleGrant]]:
    """Yield the grants this call could lease; the leases end with it."""
    along = ("asset__center", "asset__client", "grantee__center", "grantee__member")
    with leased(RoleGrant.objects.worked(), grant_ids) as mine:
        yield list(RoleGrant.objects.filter(pk__in=mine).select_related(*along))
