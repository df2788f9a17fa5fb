"""Bring Infisical to what the register says: put values there, take them away.

Due work is a column with a lease. Infisical keeps whatever is written last, so one
worker at a time works on a row, and sends nothing more once its lease nears its end.
The row keeps the ciphertext until the very same text was read back.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import time
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.outbound import OutboundError
from accounts.trail import Actor, record
from accounts.vault.errors import VaultError
from accounts.vault.infisical import Infisical, open_infisical
from accounts.vault.infisical.names import name_of
from accounts.vault.models import VaultSecret
from accounts.vault.rows import belongs_elsewhere, envelope_of

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=150)
# The last call may begin so long after the claim; it takes 15 seconds at most.
WRITES_END_AFTER_SECONDS = 120.0
SWEEP_SECONDS = 50.0
BATCH = 1000
FIRST_WAIT = dt.timedelta(minutes=1)
LONGEST_WAIT = dt.timedelta(hours=1)
# Trouble with one value, not with Infisical as a whole.
OF_ONE_VALUE = "unproved"

NOT_READ_BACK = (
    "Infisical does not give back what was just put there. The portal tries again; if"
    " that lasts, the operator looks who else writes into its folder."
)
STILL_THERE = (
    "Infisical still gives out a value that was just deleted there. The portal tries"
    " again; if that lasts, the operator deletes it by hand."
)


def due() -> QuerySet[VaultSecret]:
    """Return the rows with something to be done in Infisical, those free to take."""
    now = timezone.now()
    return VaultSecret.objects.filter(_free(now), due_at__lte=now).order_by("due_at")


def sweep(*, by: Actor) -> int:
    """Do what is due for as long as a task may take; return how much was done.

    Ends at the first trouble with Infisical itself: the next sweep tries again.
    """
    rows = list(due().only("pk")[:BATCH])
    if not rows:
        return 0
    ends_at, done = time.monotonic() + SWEEP_SECONDS, 0
    try:
        infisical = open_infisical()
        for row in _until(ends_at, rows):
            done += carry(row, infisical)
    except OutboundError as error:
        logger.warning("Secrets wait for Infisical: %s", error)
    finally:
        tell(done, by=by)
    return done


def tell(done: int, *, by: Actor) -> None:
    """Leave one event for a batch."""
    if done:
        with transaction.atomic():
            record("vault.carried", by=by, data={"rows": done})


def carry(row: VaultSecret, infisical: Infisical) -> bool:
    """Do what is due on one row; False if that came to nothing or is not ours to do.

    Raises OutboundError when Infisical as a whole is in trouble.
    """
    claimed = _claim(row)
    if claimed is None:
        return False
    until = time.monotonic() + WRITES_END_AFTER_SECONDS
    try:
        _work(claimed, infisical, until)
    except (OutboundError, VaultError) as error:
        _put_off(claimed, str(error))
        if isinstance(error, OutboundError) and error.kind != OF_ONE_VALUE:
            raise
        return False
    finally:
        _mine(claimed).update(lease_until=None)
    return True


def _work(row: VaultSecret, infisical: Infisical, until: float) -> None:
    if row.blob and belongs_elsewhere(row):
        _put(row, infisical, until)
    elif row.blob or row.is_deleted:
        _take_away(row, infisical, until)
    else:
        _unchanged(row).update(due_at=None)


def _put(row: VaultSecret, infisical: Infisical, until: float) -> None:
    name, text = name_of(row.reference), envelope_of(row).write()
    infisical.write(name, text, until=until)
    if infisical.read(name) != text:
        raise OutboundError(NOT_READ_BACK, permanent=False, kind=OF_ONE_VALUE)
    _unchanged(row).update(blob=b"", due_at=None, tries=0, problem="")


def _take_away(row: VaultSecret, infisical: Infisical, until: float) -> None:
    name = name_of(row.reference)
    infisical.remove(name, until=until)
    if infisical.read(name) is not None:
        raise OutboundError(STILL_THERE, permanent=False, kind=OF_ONE_VALUE)
    if row.is_deleted:
        _unchanged(row).delete()
    else:
        _unchanged(row).update(is_sent=False, due_at=None, tries=0, problem="")


def _claim(row: VaultSecret) -> VaultSecret | None:
    """Lease a row, and say that Infisical may hold something of it from now on."""
    now = timezone.now()
    free = VaultSecret.objects.filter(_free(now), pk=row.pk, due_at__isnull=False)
    until = now + LEASE
    if not free.update(lease_until=until, is_sent=True):
        return None
    return VaultSecret.objects.filter(pk=row.pk, lease_until=until).first()


def _free(now: dt.datetime) -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lt=now)


def _mine(row: VaultSecret) -> QuerySet[VaultSecret]:
    return VaultSecret.objects.filter(pk=row.pk, lease_until=row.lease_until)


def _unchanged(row: VaultSecret) -> QuerySet[VaultSecret]:
    """The row while nobody gave it another value, or this one under another key."""
    return _mine(row).filter(
        version=row.version, key_id=row.key_id, is_deleted=row.is_deleted
    )


def _put_off(row: VaultSecret, problem: str) -> None:
    wait = min(FIRST_WAIT * 2 ** min(row.tries, 10), LONGEST_WAIT)
    _unchanged(row).update(
        due_at=timezone.now() + wait * random.uniform(0.5, 1),  # noqa: S311
        tries=F("tries") + 1,
        problem=problem[:300],
    )


def _until(ends_at: float, rows: Iterable[VaultSecret]) -> Iterable[VaultSecret]:
    for row in rows:
        if time.monotonic() > ends_at:
            return
        yield row
