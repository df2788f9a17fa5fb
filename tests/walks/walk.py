"""Walks every address in every role and keeps the answers for the tests to judge."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.contrib.messages import get_messages
from django.db import connection

from tests.base import HttpsClient
from tests.walks.addresses import Address, addresses
from tests.walks.expected import LEAP, LOGIN, Answer
from tests.walks.world import Side, World

# What reading may move: sessions, rate limits, and the first fetch of a link.
MAY_MOVE = {"django_session", "cache"}
MAY_MOVE_COLUMNS = {
    "onboarding_accesslink": "first_fetched_at",
    "onboarding_sparklink": "first_fetched_at",
}


@dataclass
class Visit:
    """One answer: `side` is whose address it was, `sees` whether the role serves it."""

    role: str
    sees: bool
    address: Address
    side: Side
    strangers: list[Side]
    method: str
    url: str
    status: int
    headers: dict[str, str]
    body: str
    messages: str

    def __str__(self) -> str:
        return f"{self.method} {self.url} as {self.role}"

    @property
    def leaks(self) -> list[str]:
        """What it tells of clients the role is a stranger to, on the page, in where it
        leads, or in what is said next; the address itself they had before."""
        where = unquote(self.headers.get("Location", ""))
        told = "\n".join([self.body, where, self.messages]).replace(self.url, "")
        return [
            f"{self} shows {mark}"
            for side in self.strangers
            for mark in side.marks
            if mark in told.lower()
        ]

    @property
    def answer(self) -> Answer:
        if self.status != 302:
            return self.status
        doors = ("/accounts/login/", "/admin/login/")
        return LOGIN if self.headers["Location"].startswith(doors) else LEAP


def walk(
    world: World,
    role: str,
    *,
    browser: HttpsClient,
    method: str = "get",
    among: Callable[[Address, Side], bool] = lambda address, side: True,
) -> Iterator[Visit]:
    """Yield the answers of every address, once for each client where it differs."""
    for address in addresses(world):
        for side in world.sides if address.of_side else [world.a]:
            if among(address, side):
                yield visit(world, browser, role, address, side, method)


def visit(
    world: World,
    browser: HttpsClient,
    role: str,
    address: Address,
    side: Side,
    method: str,
) -> Visit:
    url = address.url(side, world)
    response = getattr(browser, method)(url)
    return Visit(
        role=role,
        sees=world.sees(role, side),
        address=address,
        side=side,
        strangers=[one for one in world.sides if not world.sees(role, one)],
        method=method.upper(),
        url=url,
        status=response.status_code,
        headers=dict(response.headers),
        body=b"".join(response).decode(errors="replace"),
        messages=" ".join(map(str, get_messages(response.wsgi_request))),
    )


def fingerprints() -> dict[str, str]:
    """Return {table: fingerprint of all its rows} of what reading must not move."""
    return {
        table: hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
        for table, rows in stored_rows().items()
    }


def stored_rows() -> dict[str, list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = {}
        for table in tables:
            if table in MAY_MOVE:
                continue
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            kept = [
                place
                for place, name in enumerate(names)
                if name != MAY_MOVE_COLUMNS.get(table)
            ]
            found[table] = [
                tuple(row[place] for place in kept) for row in cursor.fetchall()
            ]
    return found
