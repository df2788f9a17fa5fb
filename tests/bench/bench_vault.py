"""Rotation of the vault's key: 18,000 secrets, read all the while by others.

Beside it the same work with nothing around it, in the same run: each value decrypted,
encrypted and updated by its key. Both begin with rows under the old key; they take
turns, and the middle ratio counts.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.test import override_settings

from accounts.trail import Actor
from accounts.vault import Secret, keyring, rotation, vault
from accounts.vault.models import VaultSecret
from accounts.vault.rows import close_row, open_row
from tests.bench.shelves import shelves
from tests.bench.table import Row

SECRETS, LENGTH = 18_000, 72
ROUNDS = 3
DEAREST = 2.0
READ_EVERY_SECONDS = 0.05
BY = Actor.task("bench")
OLD, NEW = (secrets.token_bytes(32) for _ in range(2))
BEFORE, BOTH = {"old": OLD}, {"new": NEW, "old": OLD}


@dataclass
class Reader:
    """Somebody who opens secrets while they are moved."""

    values: dict[str, str]
    reads: int = 0
    failures: list[Exception] = field(default_factory=list)
    is_done: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        references = list(self.values)
        try:
            while not self.is_done.wait(READ_EVERY_SECONDS):
                self.read(random.choice(references))
        finally:
            connection.close()

    def read(self, reference: str) -> None:
        self.reads += 1
        try:
            found = vault().get(reference, purpose="bench", by=BY).reveal()
            if found != self.values[reference]:
                raise ValueError("another value")
        except Exception as error:
            self.failures.append(error)


def measure() -> Iterator[Row]:
    with shelves(()):
        values = {
            f"connections/{uuid.uuid4()}/refresh-token": secrets.token_hex(LENGTH // 2)
            for _ in range(SECRETS)
        }
        ratios, seconds, readers = [], [], []
        for _ in range(ROUNDS):
            _store(values)
            bare = _timed(_bare)
            _store(values)
            with override_settings(VAULT_KEYS=BOTH), _reading(values) as reader:
                ours = _timed(lambda: list(rotation.rotate(by=BY)))
            ratios.append(ours / bare)
            seconds.append(ours)
            readers.append(reader)
        yield from _rows(median(ratios), median(seconds), readers)
        connection.close()


def _rows(ratio: float, seconds: float, readers: list[Reader]) -> Iterator[Row]:
    reads = sum(reader.reads for reader in readers)
    failures = [failure for reader in readers for failure in reader.failures]
    yield Row(
        "Key rotation: beside the bare work",
        f"{ratio:.2f}",
        f"{SECRETS:,} secrets in {seconds:.1f} s, read meanwhile; bare: decrypt,"
        " encrypt, raw UPDATE",
        bound=f"at most {DEAREST:.0f}",
        is_met=ratio <= DEAREST,
    )
    yield Row(
        "Key rotation: failed reads",
        f"{len(failures)} of {reads}",
        f"{ROUNDS} rotations",
        bound="0",
        is_met=not failures and reads > 0,
    )
    opened = _opened_by_the_old_key()
    yield Row(
        "Key rotation: rows the old key opens",
        str(opened),
        f"of {VaultSecret.objects.count():,}",
        bound="0",
        is_met=opened == 0,
    )


def _store(values: dict[str, str]) -> None:
    """Begin anew, with every value under the old key."""
    VaultSecret.objects.all().delete()
    with override_settings(VAULT_KEYS=BEFORE):
        vault().set_many({name: Secret(text) for name, text in values.items()}, by=BY)


def _timed(rotate: Callable[[], object]) -> float:
    with override_settings(VAULT_KEYS=BOTH):
        began = time.perf_counter()
        rotate()
        return time.perf_counter() - began


def _bare() -> None:
    """Decrypt, encrypt and update each row, one statement a row, all in one go."""
    with transaction.atomic(), connection.cursor() as cursor:
        for row in list(VaultSecret.objects.all()):
            close_row(row, open_row(row))
            cursor.execute(
                "UPDATE accounts_vaultsecret SET key_id = %s, blob = %s WHERE id = %s",
                [row.key_id, bytes(row.blob), _key(row)],
            )


def _key(row: VaultSecret) -> Any:
    return VaultSecret._meta.pk.get_db_prep_value(row.pk, connection)


@contextmanager
def _reading(values: dict[str, str]) -> Iterator[Reader]:
    reader = Reader(values)
    beside = threading.Thread(target=reader.work)
    beside.start()
    try:
        yield reader
    finally:
        reader.is_done.set()
        beside.join()


def _opened_by_the_old_key() -> int:
    """Try every row with the old key alone, under its own id and under the new one."""
    opened = 0
    for ring in (BEFORE, {"new": OLD}):
        with override_settings(VAULT_KEYS=ring):
            for row in VaultSecret.objects.iterator():
                try:
                    open_row(row)
                except keyring.VaultError:
                    continue
                opened += 1
    return opened
