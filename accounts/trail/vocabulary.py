"""One readable sentence per action, registered by the room that records it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from accounts.trail.models import Event, EventPayload

_sentences: dict[str, str] = {}


def say(sentences: dict[str, str]) -> None:
    """Register sentences by action; `{name}` takes that value of the payload."""
    _sentences.update(sentences)


def known_actions() -> dict[str, str]:
    return dict(_sentences)


class _Blanks(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


def describe(events: Iterable[Event]) -> list[tuple[Event, str]]:
    """Return each event with its sentence; see `read_payloads`."""
    events = list(events)
    payloads = read_payloads(events)
    return [(event, sentence_of(event, payloads.get(event.pk))) for event in events]


def read_payloads(events: Iterable[Event]) -> dict[int, dict[str, Any]]:
    """Return {event number: what it says}, without those whose payload was erased.

    One query for all, none for events that were read `with_payloads`.
    """
    bodies = {event.pk: event.body for event in events if hasattr(event, "body")}
    if not bodies:
        payloads = EventPayload.objects.filter(pk__in=[event.pk for event in events])
        bodies = dict(payloads.values_list("pk", "body"))
    return {pk: json.loads(body) for pk, body in bodies.items() if body is not None}


def sentence_of(event: Event, payload: dict[str, Any] | None) -> str:
    if payload is None:
        return f"{event.action} (what it said was erased)"
    template = _sentences.get(event.action, "{by}: " + event.action + " {subject}")
    return template.format_map(_Blanks(payload)).strip()
