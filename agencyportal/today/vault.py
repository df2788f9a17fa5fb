"""The vault on the front page: what keeps secrets from where they are to rest."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.roles import connects_centers
from accounts.vault.checking import vault_trouble

PILL = {"tone": "wait", "icon": "lock", "word": "Look at it"}


def trouble(user: Any) -> list[dict[str, Any]]:
    """Return one row while Infisical is in the way, for those who see to our side."""
    if not settings.INFISICAL or not connects_centers(user):
        return []
    sentence = vault_trouble()
    if not sentence:
        return []
    url = reverse("admin:accounts_connection_changelist")
    return [
        {
            "title": "The vault",
            "sentence": sentence,
            "url": url,
            "pill": PILL,
            "act": {"label": "See the keys", "url": url},
        }
    ]
