"""The way from an empty book to a first link."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.models import Client, Connection
from accounts.platforms.registry import platforms
from onboarding.models import AccessRequest


def first_steps(user: Any, grants: int) -> list[dict[str, Any]]:
    """Return the three steps; nothing once they are walked."""
    if grants or not user.has_perm("accounts.add_client"):
        return []
    client = Client.objects.visible_to(user).first()
    is_connected = any(
        Connection.objects.of_agency(key).exists() for key in platforms()
    )
    return [
        {
            "label": "An access owner connects our Business Center",
            "url": reverse("admin:accounts_businesscenter_changelist"),
            "is_done": is_connected,
        },
        {
            "label": "Add a client and the contact who decides there",
            "url": reverse("admin:accounts_client_add"),
            "is_done": client is not None,
        },
        {
            "label": "Ask for access and hand out the link",
            "url": reverse("admin:onboarding_ask", args=[client.pk]) if client else "",
            "is_done": AccessRequest.objects.visible_to(user).exists(),
        },
    ]
