"""Re-encrypt what rests in the vault under the first key of the ring."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from accounts.trail import Actor, record
from accounts.vault import keyring
from accounts.vault.errors import VaultError
from accounts.vault.fetching import open_secret
from accounts.vault.infisical import Infisical, open_infisical
from accounts.vault.models import VaultSecret
from accounts.vault.rows import close_row, open_row, standing

BATCH = 500


@dataclass(frozen=True)
class Batch:
    """What one short transaction did: rows moved, rows that would not open."""

    moved: int
    refused: tuple[str, ...]


def rows_per_key() -> dict[str, int]:
    """Return how many rows each key id still holds, the first key included."""
    counted = standing().values_list("key_id").annotate(rows=Count("pk"))
    return {keyring.first_key_id(): 0, **dict(counted.order_by("key_id"))}


def rotate(*, by: Actor) -> Iterator[Batch]:
    """Move every row to the first key, a batch per transaction; yield each batch.

    Safe to stop at any moment and to run again, and while others read: a row changes
    in one statement. A row in use by somebody else waits, or its new value is already
    under the first key. A row that does not open stays as it is. What rests in
    Infisical is fetched, sealed anew here, and carried back by the sweep. Raises
    OutboundError or VaultError when Infisical as a whole does not answer.
    """
    yield from _rotate_here(by)
    yield from _rotate_there(by)


def _rotate_here(by: Actor) -> Iterator[Batch]:
    after: uuid.UUID | None = None
    while True:
        with transaction.atomic():
            rows = _next_rows(_old().exclude(blob=b"").select_for_update(), after)
            if not rows:
                return
            batch = _move(rows, by)
        after = rows[-1].pk
        yield batch


def _old() -> QuerySet[VaultSecret]:
    return standing().exclude(key_id=keyring.first_key_id())


def _next_rows(
    rows: QuerySet[VaultSecret], after: uuid.UUID | None
) -> list[VaultSecret]:
    rows = rows.order_by("pk")
    return list((rows.filter(pk__gt=after) if after else rows)[:BATCH])


def _move(rows: list[VaultSecret], by: Actor) -> Batch:
    moved, refused = [], []
    for row in rows:
        try:
            close_row(row, open_row(row))
        except VaultError:
            refused.append(row.reference)
        else:
            moved.append(row)
    _save(moved)
    _tell(len(moved), by)
    return Batch(len(moved), tuple(refused))


def _save(rows: Sequence[VaultSecret]) -> None:
    """Write key and ciphertext of many rows in one go: a save() for each costs most.

    The rows are locked: nobody has given them another value meanwhile.
    """
    fields: list[Any] = [
        VaultSecret._meta.get_field(name) for name in ("key_id", "blob", "id")
    ]
    columns = [connection.ops.quote_name(field.column) for field in fields]
    table = connection.ops.quote_name(VaultSecret._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET {columns[0]} = %s, {columns[1]} = %s"  # noqa: S608
            f" WHERE {columns[2]} = %s",
            [
                [
                    field.get_db_prep_save(getattr(row, field.attname), connection)
                    for field in fields
                ]
                for row in rows
            ],
        )


def _rotate_there(by: Actor) -> Iterator[Batch]:
    after: uuid.UUID | None = None
    while rows := _next_rows(_old().filter(blob=b""), after):
        yield _bring_under_first_key(rows, open_infisical(), by)
        after = rows[-1].pk


def _bring_under_first_key(
    rows: list[VaultSecret], infisical: Infisical, by: Actor
) -> Batch:
    """Seal what rests in Infisical into the rows; they are due to be carried back."""
    moved, refused = 0, []
    try:
        for row in rows:
            try:
                moved += _reseal(row, infisical)
            except VaultError as error:
                if not error.permanent:
                    raise
                refused.append(row.reference)
    finally:
        with transaction.atomic():
            _tell(moved, by)
    return Batch(moved, tuple(refused))


def _reseal(row: VaultSecret, infisical: Infisical) -> int:
    """Return 1, or 0 for a row that somebody gave another value meanwhile."""
    before = VaultSecret.objects.filter(
        pk=row.pk, version=row.version, key_id=row.key_id, blob=b""
    )
    close_row(row, open_secret(row, infisical))
    return before.update(key_id=row.key_id, blob=row.blob, due_at=timezone.now())


def _tell(moved: int, by: Actor) -> None:
    if moved:
        said = {"rows": moved, "key": keyring.first_key_id()}
        record("vault.rotated", by=by, data=said)
