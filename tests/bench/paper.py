"""The paper that piles up beside the books: requests, links, tries, the trail."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.color import no_style
from django.db import connection

from accounts.models import (
    CenterSync,
    Contact,
    Event,
    EventPayload,
    GrantAttempt,
)
from accounts.roles import ACCOUNT_MANAGERS
from accounts.trail.canonical import canonical_json, payload_hash
from onboarding.models import AccessLink, AccessRequest, ItemGrant, RequestItem
from tests.bench.books import OURS, Books, many

SALT = b"0" * 16
OPEN = 20  # one request in so many is open
PARTS = 10  # the trail is one part, so many times over
# What a day's trail is made of: syncs and keys used most, people's acts least.
ACTIONS = (
    *["vault.read"] * 6,
    *["grant.active"] * 4,
    *("grant.asked", "grant.share_sent", "grant.unverified", "grant.drifted"),
    *("link.handed_out", "link.started", "request.made", "request.settled"),
    *("client.changed", "consent.booked"),
)


def add(books: Books) -> None:
    _requests(books)
    _attempts(books)
    _told(books)
    _trail(books)


def _requests(books: Books) -> None:
    """One request a client, two links each, and the grants that came of it."""
    managers = books.of_role(ACCOUNT_MANAGERS)
    decides = {
        contact.client_id: contact
        for contact in Contact.objects.filter(is_primary=True)
    }
    asked = many(
        AccessRequest,
        (
            AccessRequest(
                client=client,
                contact=decides[client.pk],
                asked_by=managers[n % len(managers)],
                asked_at=books.now - dt.timedelta(days=n % 7, minutes=n),
                closes_at=books.now + dt.timedelta(days=1 + n % 7),
                closed_at=books.now if n % OPEN else None,
                closed_because="settled" if n % OPEN else "",
            )
            for n, client in enumerate(books.clients)
        ),
    )
    items = many(RequestItem, (_item(books, n, one) for n, one in enumerate(asked)))
    many(AccessLink, _links(asked))
    of_client = {item.client_id: item for item in items}
    many(
        ItemGrant,
        (
            ItemGrant(item=of_client[grant.asset.client_id], grant=grant)
            for grant in books.grants[: books.size.center_grants]
        ),
    )


def _item(books: Books, n: int, asked: AccessRequest) -> RequestItem:
    return RequestItem(
        request=asked,
        client=asked.client,
        platform="tiktok",
        receiver=books.receivers[n % OURS],
        is_open=n % OPEN == 0,
    )


def _links(asked: Iterable[AccessRequest]) -> Iterator[AccessLink]:
    for one in asked:
        for way in (AccessLink.HandOut.COPY, AccessLink.HandOut.MAIL):
            yield AccessLink(
                request=one,
                contact=one.contact,
                hand_out=way,
                token_hash=hashlib.sha256(f"{one.pk} {way}".encode()).hexdigest(),
                made_by=one.asked_by,
                expires_at=one.closes_at,
                started_at=one.closed_at,
            )


def _attempts(books: Books) -> None:
    keys = books.keys
    many(
        GrantAttempt,
        (
            GrantAttempt(
                grant=grant,
                operation=GrantAttempt.Operation.SHARE,
                connection=keys[n % len(keys)],
                outcome=GrantAttempt.Outcome.SAID_YES,
                trace_id=f"{n:032}",
                started_at=grant.asked_at,
                ended_at=grant.asked_at,
            )
            for n, grant in enumerate(books.grants[: books.size.center_grants])
        ),
    )


def _told(books: Books) -> None:
    """What the last reads said of each grant, and when the next are due."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_grantread (read_id, grant_id, found)"
            " SELECT last_read_id, id, observed_native FROM accounts_rolegrant"
            " WHERE last_read_id IS NOT NULL"
        )
    many(
        CenterSync,
        (
            CenterSync(center=receiver.center, partner_id=partner, due_at=books.now)
            for receiver in books.receivers
            for partner in ("", *(str(n) for n in range(len(books.clients) // OURS)))
        ),
    )


def _trail(books: Books) -> None:
    """Make one part, and let the database repeat it: its years read alike."""
    bodies = [_body(books, n) for n in range(books.size.events // PARTS)]
    events = many(Event, (_event(books, n, body) for n, body in enumerate(bodies)))
    payloads = (
        EventPayload(event_id=event.pk, salt=SALT, body=body)
        for event, body in zip(events, bodies, strict=True)
    )
    many(EventPayload, payloads)
    for part in range(1, PARTS):
        for model in (Event, EventPayload):
            _repeat(model, upto=events[-1].pk, shift=part * len(events))
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Event]):
            cursor.execute(statement)


def _repeat(model: Any, *, upto: int, shift: int) -> None:
    """Insert the rows up to this key again, their keys moved by `shift`."""
    table, key = model._meta.db_table, model._meta.pk.column
    others = [f.column for f in model._meta.concrete_fields if not f.primary_key]
    columns = ", ".join(others)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({key}, {columns})"
            f" SELECT {key} + %s, {columns} FROM {table} WHERE {key} <= %s",
            [shift, upto],
        )


def _event(books: Books, n: int, body: str) -> Event:
    grant: Any = books.grants[n % len(books.grants)]
    return Event(
        occurred_at=books.now - dt.timedelta(minutes=n),
        action=ACTIONS[n * 7 % len(ACTIONS)],
        actor_kind="staff" if n % 3 == 0 else "system",
        actor_key=str(books.colleagues[n % len(books.colleagues)].pk),
        subject_type="accounts.rolegrant",
        subject_key=str(grant.pk),
        client_key=str(grant.asset.client_id),
        request_id=f"{n:032x}",
        payload_hash=payload_hash(SALT, body),
    )


def _body(books: Books, n: int) -> str:
    grant: Any = books.grants[n % len(books.grants)]
    return canonical_json(
        {
            "by": str(books.colleagues[n % len(books.colleagues)]),
            "subject": str(grant),
            "asset": str(grant.asset),
            "grantee": str(grant.grantee),
            "role": "Operator",
            "purpose": "read back what we hold",
            "problem": "What stands in the way.",
        }
    )
