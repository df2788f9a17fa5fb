"""Move what rests in the vault to Infisical, or back: row by row, safe to stop.

To Infisical a row is emptied only once the same text was read there. Back, the
ciphertext is committed here before anything is deleted there. Whatever is broken off
is still due, and a sweep or another run ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.trail import Actor, record
from accounts.vault import carrying
from accounts.vault.errors import VaultError
from accounts.vault.fetching import fetch
from accounts.vault.infisical import Infisical, open_infisical
from accounts.vault.models import VaultSecret
from accounts.vault.rows import INFISICAL, open_row, standing

BATCH = 100


@dataclass(frozen=True)
class Batch:
    """What became of some rows; `left` are in use by somebody, or in trouble."""

    moved: int
    left: tuple[str, ...]


def to_move(to: str) -> QuerySet[VaultSecret]:
    """Return the rows that are not yet where `to` wants them, tombstones aside."""
    rows = standing().filter(is_short_lived=False).order_by("pk")
    if to == INFISICAL:
        return rows.exclude(blob=b"")
    return rows.filter(is_sent=True)


def move(to: str, *, by: Actor) -> Iterator[Batch]:
    """Move every row; yield each batch, which has its own event.

    `to` is where the settings say that new values rest. Raises OutboundError when
    Infisical as a whole is in trouble; what was done stays done.
    """
    if to != settings.VAULT:
        raise ValueError(f"New values would still rest in {settings.VAULT}.")
    keys = list(to_move(to).values_list("pk", flat=True))
    if not keys:
        return
    infisical = open_infisical()
    step = _carry if to == INFISICAL else _bring_back
    for start in range(0, len(keys), BATCH):
        rows = VaultSecret.objects.filter(pk__in=keys[start : start + BATCH])
        yield _batch(list(rows), step, infisical, by)


Step = Callable[[VaultSecret, Infisical], bool]


def _batch(
    rows: list[VaultSecret], step: Step, infisical: Infisical, by: Actor
) -> Batch:
    moved, left = 0, []
    try:
        for row in rows:
            if step(row, infisical):
                moved += 1
            else:
                left.append(row.reference)
    finally:
        if step is _bring_back:
            _tell_brought_back(moved, by=by)
        else:
            carrying.tell(moved, by=by)
    return Batch(moved, tuple(left))


def _carry(row: VaultSecret, infisical: Infisical) -> bool:
    VaultSecret.objects.filter(pk=row.pk).update(due_at=timezone.now())
    return carrying.carry(row, infisical)


def _bring_back(row: VaultSecret, infisical: Infisical) -> bool:
    """Keep the ciphertext here, then delete it there."""
    if not row.blob and not _keep_here(row, infisical):
        return False
    VaultSecret.objects.filter(pk=row.pk, is_sent=True).update(due_at=timezone.now())
    return carrying.carry(row, infisical)


def _keep_here(row: VaultSecret, infisical: Infisical) -> bool:
    """Fetch a row's ciphertext, see that it opens, and commit it with its work."""
    try:
        blob = fetch(row, infisical)
        open_row(row, blob)
    except VaultError as error:
        if not error.permanent:
            raise
        VaultSecret.objects.filter(pk=row.pk, version=row.version).update(
            problem=str(error)[:300]
        )
        return False
    unchanged = VaultSecret.objects.filter(
        pk=row.pk, version=row.version, key_id=row.key_id, blob=b"", is_deleted=False
    )
    return bool(unchanged.update(blob=blob, due_at=timezone.now()))


def _tell_brought_back(moved: int, *, by: Actor) -> None:
    if moved:
        with transaction.atomic():
            record("vault.brought_back", by=by, data={"rows": moved})
