"""Secrets of a real journey, in every shape they might leak in, and where to look."""

from __future__ import annotations

import base64
import io
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, quote_plus

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.utils.module_loading import import_string
from django_q.signing import SignedPackage

Canaries = dict[str, set[bytes]]


def shapes(secret: str | bytes) -> set[bytes]:
    """Return the secret in clear, hexadecimal, URL-quoted, and base64.

    Base64 of a longer text that holds the secret depends on where in it the secret
    begins: three positions, less the characters the neighbours have a part in.
    """
    raw = secret.encode() if isinstance(secret, str) else secret
    found = {raw, raw.hex().encode(), raw.hex().upper().encode()}
    found |= {quote(raw, safe="").encode(), quote(raw).encode()}
    found.add(quote_plus(raw).encode())
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw)
        inner = encoded[-(-before * 4 // 3) : len(encoded) - 4]
        found |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def canaries(**secrets: Iterable[str | bytes]) -> Canaries:
    """Return {name: every shape of every secret of that name}."""
    found = {}
    for name, values in secrets.items():
        shaped = set().union(*(shapes(value) for value in values))
        if not shaped or min(map(len, shaped)) < 8:
            raise ValueError(f"{name}: nothing planted, or too short to be found.")
        found[name] = shaped
    return found


def hits(text: str | bytes, planted: Canaries, spared: Iterable[str] = ()) -> set[str]:
    """Return the names of the secrets that stand in `text`, but for `spared` ones."""
    raw = text.encode() if isinstance(text, str) else text
    return {
        name
        for name, found in planted.items()
        if name not in spared and any(shape in raw for shape in found)
    }


def database() -> Iterator[tuple[str, bytes]]:
    """Yield (table, everything in it) as a dump of the database would hold it."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            cells = [_raw(cell) for row in cursor.fetchall() for cell in row]
            yield table, b"\n".join(cells)


def _raw(cell: Any) -> bytes:
    if isinstance(cell, bytes | memoryview):
        return bytes(cell)
    return str(cell).encode()


def sessions() -> Iterator[str]:
    """Yield what sessions hold, unpacked: the table has it signed and packed."""
    for row in Session.objects.all():
        yield repr(row.get_decoded())


def unpacked(payloads: Iterable[str]) -> Iterator[str]:
    """Yield what queued jobs hold."""
    for payload in payloads:
        yield repr(SignedPackage.loads(payload))


def letters() -> Iterator[str]:
    """Yield every letter without the address that it was written to bring."""
    for letter in mail.outbox:
        text = f"{letter.message().as_string()}\n{letter.subject}\n{letter.body}"
        for body, _ in getattr(letter, "alternatives", []):
            text += f"\n{body}"
        own = re.search(r"https?://\S+/[ls]/([\w-]+)/", letter.body)
        yield text.replace("=\n", "").replace(own[1], "") if own else text


@contextmanager
def logs(level: int = logging.DEBUG) -> Iterator[io.StringIO]:
    """Write down all that any logger says from `level` up, as our console would."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(_console_filter())
    named: Any = settings.LOGGING["loggers"]
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in named)]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(level)
    try:
        yield stream
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)


def _console_filter() -> logging.Filter:
    name = settings.LOGGING["handlers"]["console"]["filters"][0]
    return import_string(settings.LOGGING["filters"][name]["()"])()
