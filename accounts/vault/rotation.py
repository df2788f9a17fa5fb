"""Re-encrypt what rests in the vault under the first key of the ring."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from accounts.trail import Actor, record
from accounts.vault import keyring
from accounts.vault.errors import VaultError
from accounts.vault.local import close_row, open_row
from accounts.vault.models import VaultSecret

BATCH = 100


@dataclass(frozen=True)
class Batch:
    """What one short transaction did: rows moved, rows that would not open."""

    moved: int
    refused: tuple[str, ...]


def rows_per_key() -> dict[str, int]:
    """Return how many rows each key id still holds, the first key included."""
    counted = VaultSecret.objects.values_list("key_id").annotate(rows=Count("pk"))
    return {keyring.first_key_id(): 0, **dict(counted.order_by("key_id"))}


def rotate(*, by: Actor) -> Iterator[Batch]:
    """Move every row to the first key, a batch per transaction; yield each batch.

    Safe to stop at any moment and to run again, and while others read: a row changes
    in one statement. A row in use by somebody else waits, or its new value is already
    under the first key. A row that does not open stays as it is.
    """
    after: uuid.UUID | None = None
    while True:
        with transaction.atomic():
            rows = _next_rows(after)
            if not rows:
                return
            batch = _move(rows, by)
        after = rows[-1].pk
        yield batch


def _next_rows(after: uuid.UUID | None) -> list[VaultSecret]:
    rows = VaultSecret.objects.exclude(key_id=keyring.first_key_id()).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return list(rows.select_for_update()[:BATCH])


def _move(rows: list[VaultSecret], by: Actor) -> Batch:
    moved, refused = [], []
    for row in rows:
        try:
            close_row(row, open_row(row))
        except VaultError:
            refused.append(row.reference)
        else:
            row.save(update_fields=["key_id", "blob"])
            moved.append(row)
    if moved:
        said = {"rows": len(moved), "key": keyring.first_key_id()}
        record("vault.rotated", by=by, data=said)
    return Batch(len(moved), tuple(refused))
