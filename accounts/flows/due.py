"""Which of our lists are due: rows claimed by a lease, released with their next date.

A row that was never read is due at once; then each falls due at a moment of its own.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.flows.leases import LEASE
from accounts.flows.rounds import Round
from accounts.models import Asset, CenterSync, Client, Grantee, RoleGrant
from accounts.models.base import free
from accounts.outbound import OutboundError

EVERY = dt.timedelta(hours=6)
AGAIN_AFTER = dt.timedelta(minutes=15)


def rows() -> QuerySet[CenterSync]:
    """Return the rows of the centers that are ours."""
    ours: QuerySet[CenterSync] = CenterSync.objects.filter(
        center__as_grantee__standing=Grantee.Standing.OURS
    )
    return ours.select_related("center__as_grantee")


def rows_of(client: Client) -> QuerySet[CenterSync]:
    """Return the rows that tell of a client's accounts."""
    live = RoleGrant.objects.live().filter(asset__client=client, via=None)
    pairs = set(live.values_list("grantee__center", "asset__center__external_id"))
    for center_id, giver in pairs:
        if center_id and giver:
            CenterSync.objects.get_or_create(center_id=center_id, partner_id=giver)
    theirs = Asset.objects.filter(kind=Asset.Kind.CENTER, client=client)
    givers = {giver or "" for _, giver in pairs}
    givers |= set(theirs.values_list("external_id", flat=True))
    return rows().filter(partner_id__in=givers)


def open_rows() -> None:
    """Give each of our centers its own row; its partners are known from that one."""
    new = Asset.objects.filter(
        kind=Asset.Kind.CENTER, as_grantee__standing=Grantee.Standing.OURS
    ).exclude(syncs__partner_id="")
    CenterSync.objects.bulk_create(
        (CenterSync(center=center) for center in new), ignore_conflicts=True
    )


def claim(pk: int, **due: Any) -> bool:
    """Lease a row that nobody holds; False if somebody was first."""
    now = timezone.now()
    unclaimed = CenterSync.objects.filter(free(now), pk=pk, **due)
    return bool(unclaimed.update(lease_until=now + LEASE))


def take(pk: int) -> CenterSync | None:
    """Return a row that was claimed for us; None when the claim has run out."""
    now = timezone.now()
    claimed = CenterSync.objects.filter(pk=pk, lease_until__gt=now)
    if not claimed.update(lease_until=now + LEASE):
        return None
    return rows().filter(pk=pk).first()


def release(one: Round, trouble: OutboundError | None) -> None:
    """Let a row go, with what stands in its way and when it is read again."""
    CenterSync.objects.filter(pk=one.row.pk).update(
        due_at=_next_due(one, trouble),
        lease_until=None,
        problem=" ".join(one.problems)[:300],
        **({"cursor": ""} if one.is_over else {}),
    )


def _next_due(one: Round, trouble: OutboundError | None) -> dt.datetime:
    """New rows spread over the six hours, and none ever runs in step with another."""
    now = timezone.now()
    if one.is_over:
        least = 0.9 if one.is_known else 0.0
        return now + EVERY * random.uniform(least, 1)  # noqa: S311
    if trouble is None:
        # Its time was up and it goes on when there is room; or no key reads it.
        return now + AGAIN_AFTER if one.problems else now
    if trouble.permanent:
        return now + EVERY
    allowed = trouble.pause.until(now) if trouble.pause else trouble.until
    return max(now + AGAIN_AFTER, allowed or now)
