"""Keys on the front page: those that wait for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Window
from django.urls import reverse

from accounts import keys
from accounts.models import Connection, Consent
from accounts.rows import MOST_WAITING


@dataclass(frozen=True)
class Keys:
    rows: list[dict[str, Any]]
    total: int


def that_need_a_person(user: Any) -> Keys:
    if not user.has_perm("accounts.view_connection"):
        return Keys([], 0)
    held = Consent.objects.filter(connection=OuterRef("pk"), state=Consent.State.HELD)
    found: list[Any] = list(
        Connection.objects.visible_to(user)
        .need_a_person()
        .annotate(is_held=Exists(held), total=Window(Count("pk")))
        .order_by("made_at")[:MOST_WAITING]
    )
    return Keys([_row(key) for key in found], found[0].total if found else 0)


def desk() -> str:
    return reverse("admin:accounts_connection_changelist") + "?end=person"


def _row(key: Any) -> dict[str, Any]:
    url = reverse("admin:accounts_connection_change", args=[key.pk])
    who, does = keys.who_acts(key, is_held=key.is_held)
    return {
        "title": f"Key of {key}",
        "sentence": key.problem or f"{who}: {does}.",
        "url": url,
        "pill": keys.pill_of(key, is_held=key.is_held),
        "act": {"label": "See the key", "url": url},
    }
