"""One readable sentence per action, registered by the room that records it."""

from __future__ import annotations

import json
from collections.abc import Iterable

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
    """Return each event with its sentence, reading all payloads in one query."""
    events = list(events)
    bodies = EventPayload.objects.in_bulk([event.pk for event in events])
    return [(event, _sentence(event, bodies.get(event.pk))) for event in events]


def _sentence(event: Event, payload: EventPayload | None) -> str:
    if payload is None:
        return f"{event.action} (what it said was erased)"
    values = json.loads(payload.body)
    template = _sentences.get(event.action, "{by}: " + event.action + " {subject}")
    return template.format_map(_Blanks(values)).strip()
