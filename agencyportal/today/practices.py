"""What we hold ourselves to, on the front page: two steps of whoever is an admin."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.urls import reverse

from accounts.flows import practices

PILL = {"tone": "wait", "icon": "lock", "word": "Look at it"}


def unattested(user: Any) -> list[dict[str, Any]]:
    """Return one row a center with admins whose two steps nobody has seen lately."""
    if not user.has_perm("accounts.change_businesscenter"):
        return []
    counted = practices.unattested().values("asset", "asset__name")
    return [
        _row(one["asset"], one["asset__name"], one["n"])
        for one in counted.annotate(n=Count("pk")).order_by("asset__name")
    ]


def _row(center: Any, name: str, n: int) -> dict[str, Any]:
    url = reverse("admin:accounts_businesscenter_change", args=[center])
    admins = "1 admin" if n == 1 else f"{n} admins"
    return {
        "title": f"{admins} of {name} without a two-step attestation",
        "sentence": "Look at each login's security settings with them; due every 90"
        " days.",
        "url": url,
        "pill": PILL,
        "act": {"label": "See who", "url": url},
    }
