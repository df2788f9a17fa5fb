"""Whose turn it is to renew a key: one claim a key, under a lease.

A refresh token is in flight at most once: whoever sends it has claimed its row. The
lease runs by the database's clock and outlasts every call, so a claim that a killed
worker left behind is seen at the next one: nobody knows what became of its call.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Least, Now
from django.utils import timezone

from accounts.flows.refresh_pace import Pace
from accounts.models import Connection
from accounts.outbound import OutboundError
from accounts.outbound.transport import TOTAL_SECONDS
from accounts.trail import Actor, record_all
from accounts.vault import Secret, VaultError, vault

# Three time-outs of the door, and one more in which a claim must be on its way.
LEASE = dt.timedelta(seconds=4 * TOTAL_SECONDS)
BUSY = "{label}'s key is being renewed at this moment. Try again in a minute."
PURPOSE = "renew the key"
FREE = Q(lease_until__isnull=True) | Q(lease_until__lte=Now())
# No repeat: the key's last call came to a good end.
FIRST = Q(tries=0, lease_until__isnull=True)


@dataclass(frozen=True)
class Claim:
    """A key that is ours to renew, as it stood when it was claimed."""

    connection: Connection
    secret: Secret | VaultError
    is_probe: bool


def claim_due(pace: Pace, most: int, *, by: Actor) -> list[Claim]:
    """Claim up to `most` keys that are due; those that wait longest come first."""
    with transaction.atomic():
        allowed = pace.allow(most)
        due = Connection.objects.live().filter(
            FREE,
            platform=pace.platform,
            app_id=pace.app_id,
            refresh_due_at__lte=timezone.now(),
        )
        repeats = _locked(due.exclude(FIRST), allowed.repeats)
        firsts = _locked(due.filter(FIRST), allowed.calls - len(repeats))
        pace.spend(allowed, firsts=len(firsts), repeats=len(repeats))
        rows = [*repeats, *firsts]
        _lease(rows, by=by)
    return _opened(rows, is_probe=allowed.is_probe, by=by)


def claim_one(connection: Connection, *, by: Actor) -> Claim | None:
    """Claim this key whatever its date; None if somebody holds it or it has changed.

    Raises OutboundError while its platform is given a rest.
    """
    pace = Pace(connection.platform, connection.app_id)
    with transaction.atomic():
        rows = list(_as_it_was(connection).filter(FREE).select_for_update())
        if not rows:
            return None
        allowed = pace.allow_one()
        is_first = rows[0].tries == 0 and rows[0].lease_until is None
        pace.spend(allowed, firsts=int(is_first), repeats=int(not is_first))
        _lease(rows, by=by)
    opened = _opened(rows, is_probe=allowed.is_probe, by=by)
    if not opened:
        raise busy(connection)
    return opened[0]


@contextmanager
def held(connection: Connection) -> Iterator[None]:
    """Keep everybody from renewing this key meanwhile.

    Raises OutboundError (not permanent) while somebody does.
    """
    row = _as_it_was(connection).exclude(refresh_ref="").first()
    if row is None:
        yield
        return
    if not _begin(row, _as_it_was(connection).filter(FREE)):
        raise busy(connection)
    try:
        yield
    finally:
        _held(row).update(lease_until=None)


def busy(connection: Connection) -> OutboundError:
    return OutboundError(
        BUSY.format(label=connection), permanent=False, kind="renewing"
    )


def prolong(claim: Claim) -> bool:
    """Let the lease begin anew before a call that waited; False if it is not ours."""
    return _begin(claim.connection, _held(claim.connection))


def let_go(claim: Claim) -> None:
    """Give back a claim whose call was never sent."""
    _held(claim.connection).update(lease_until=None)


def _as_it_was(connection: Connection) -> QuerySet[Connection]:
    rows: QuerySet[Connection] = Connection.objects.live().filter(
        pk=connection.pk, version=connection.version
    )
    return rows


def _held(row: Connection) -> QuerySet[Connection]:
    """Return the row as long as it is under the lease that we wrote."""
    return _as_it_was(row).filter(lease_until=row.lease_until)


def _begin(row: Connection, mine: QuerySet[Connection]) -> bool:
    """Begin a lease and note which; False if it is not ours to begin."""
    with transaction.atomic():
        if not mine.update(lease_until=Now() + LEASE):
            return False
        row.refresh_from_db(fields=["lease_until"])
    return True


def _locked(due: QuerySet[Connection], most: int) -> list[Connection]:
    if most <= 0:
        return []
    rows = due.order_by("refresh_due_at").select_for_update(skip_locked=True)
    return list(rows[:most])


def _lease(rows: Sequence[Connection], *, by: Actor) -> None:
    """Lease rows that are locked for us, and note each one's lease.

    Puts down whose last call has no result.
    """
    if not rows:
        return
    left = [row for row in rows if row.lease_until is not None]
    if left:
        again = Connection.objects.filter(pk__in=[row.pk for row in left])
        again.update(resends=F("resends") + 1)
        told = [(row, {"label": str(row)}) for row in left]
        record_all("connection.asked_again", told, by=by)
    mine = Connection.objects.filter(pk__in=[row.pk for row in rows])
    # Due now, whoever asked: the sweep takes up what we leave behind.
    due_at = Least("refresh_due_at", timezone.now())
    mine.update(lease_until=Now() + LEASE, refresh_due_at=due_at)
    until = dict(mine.values_list("pk", "lease_until"))
    for row in rows:
        row.lease_until = until[row.pk]


def _opened(rows: Sequence[Connection], *, is_probe: bool, by: Actor) -> list[Claim]:
    """Read the tokens after the claim, and leave out what is no longer ours then.

    A consent in between brings another token: what came of it would be nobody's.
    A vault that takes too long leaves us none: too little would be left of the lease.
    """
    if not rows:
        return []
    began = time.monotonic()
    found = vault().get_many([row.refresh_ref for row in rows], purpose=PURPOSE, by=by)
    if time.monotonic() - began > TOTAL_SECONDS:
        return []
    live = Connection.objects.live().filter(pk__in=[row.pk for row in rows])
    ours = set(live.values_list("pk", "version", "lease_until"))
    return [
        Claim(row, found[row.refresh_ref], is_probe)
        for row in rows
        if (row.pk, row.version, row.lease_until) in ours
    ]
