"""record(): write what happened, in the same transaction as the change itself."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from accounts.trail.actors import Actor
from accounts.trail.canonical import canonical_json, payload_hash
from accounts.trail.context import current_request_id
from accounts.trail.models import Event, EventPayload
from accounts.trail.reactions import announce

HIDDEN_WORDS = ("secret", "token", "password", "auth_code", "passphrase", "cookie")
HIDDEN = "[not recorded]"


def record(
    action: str,
    *,
    by: Actor,
    subject: Model | None = None,
    client: Model | None = None,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Append one event and its payload; tell those who asked to react to it.

    Must run inside the business transaction: the change and its event stand or fall
    together. `data` holds what a person needs to read later; values under a key that
    names a secret are not stored.

    Raises RuntimeError outside a transaction, TypeError for data without a canonical
    form.
    """
    _refuse_outside_transaction(action)
    event, payload = _written(action, by, subject, client, data or {})
    event.save(force_insert=True)
    payload.event_id = event.pk
    payload.save(force_insert=True)
    announce(event)
    return event


def record_all(
    action: str,
    told: Sequence[tuple[Model, Mapping[str, Any]]],
    *,
    by: Actor,
    clients: Sequence[Model | None] = (None,),
) -> None:
    """Append one event a subject, each with its data, in two statements.

    For batches; what record() promises and asks for holds here, too. What concerns
    several clients is told to each of them, of one and the same moment.
    """
    _refuse_outside_transaction(action)
    written = [
        _written(action, by, subject, client, data)
        for subject, data in told
        for client in clients
    ]
    moment = timezone.now()
    for event, _ in written:
        event.occurred_at = moment
    events = Event.objects.bulk_create(event for event, _ in written)
    for event, (_, payload) in zip(events, written, strict=True):
        payload.event_id = event.pk
    EventPayload.objects.bulk_create(payload for _, payload in written)
    for event in events:
        announce(event)


def _refuse_outside_transaction(action: str) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError(f"{action}: record() belongs inside the transaction.")


def _written(
    action: str,
    by: Actor,
    subject: Model | None,
    client: Model | None,
    data: Mapping[str, Any],
) -> tuple[Event, EventPayload]:
    """Return an event and its payload, not saved yet."""
    body = canonical_json(
        {
            "by": by.label,
            "subject": str(subject) if subject is not None else "",
            **without_secrets(data),
        }
    )
    salt = secrets.token_bytes(16)
    event = Event(
        action=action,
        actor_kind=by.kind,
        actor_key=by.key,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_key=str(subject.pk) if subject is not None else "",
        client_key=str(client.pk) if client is not None else "",
        request_id=current_request_id(),
        payload_hash=payload_hash(salt, body),
    )
    return event, EventPayload(salt=salt, body=body)


def without_secrets(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return `data` with every value whose key names a secret replaced."""
    return {
        key: HIDDEN if _names_a_secret(key) else _cleaned(value)
        for key, value in data.items()
    }


def _cleaned(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_secrets(value)
    if isinstance(value, list | tuple):
        return [_cleaned(item) for item in value]
    return value


def _names_a_secret(key: object) -> bool:
    return any(word in str(key).lower() for word in HIDDEN_WORDS)
