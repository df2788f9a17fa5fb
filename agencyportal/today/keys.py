"""Keys on the front page: those that wait for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Window
from django.urls import reverse

from accounts.models import Connection, Consent
from accounts.rows import MOST_WAITING

HELD = {"tone": "wait", "icon": "lock", "word": "Held"}
DEAD = {"tone": "bad", "icon": "connection", "word": "Connect again"}
ENDING = {"tone": "wait", "icon": "expired", "word": "Ends soon"}
TROUBLED = {"tone": "bad", "icon": "connection", "word": "Has a problem"}


@dataclass(frozen=True)
class Keys:
    rows: list[dict[str, Any]]
    total: int


def that_need_a_person(user: Any) -> Keys:
    if not user.has_perm("accounts.view_connection"):
        return Keys([], 0)
    held = Consent.objects.filter(connection=OuterRef("pk"), state=Consent.State.HELD)
    keys: list[Any] = list(
        Connection.objects.visible_to(user)
        .need_a_person()
        .annotate(is_held=Exists(held), total=Window(Count("pk")))
        .order_by("made_at")[:MOST_WAITING]
    )
    return Keys([_row(key) for key in keys], keys[0].total if keys else 0)


def desk() -> str:
    return reverse("admin:accounts_connection_changelist") + "?needs=person"


def _row(key: Any) -> dict[str, Any]:
    url = reverse("admin:accounts_connection_change", args=[key.pk])
    pill, sentence = _why(key)
    return {
        "title": f"Key of {key}",
        "sentence": key.problem or sentence,
        "url": url,
        "pill": pill,
        "act": {"label": "See the key", "url": url},
    }


def _why(key: Any) -> tuple[dict[str, str], str]:
    if key.is_held:
        return HELD, "It serves another client already; an access owner decides."
    if key.state == Connection.State.NEEDS_REAUTHORIZATION:
        return DEAD, f"{key} signs in again."
    if key.problem:
        return TROUBLED, ""
    return ENDING, f"It ends on {key.expires_at:%-d %B}. {key} signs in again."
