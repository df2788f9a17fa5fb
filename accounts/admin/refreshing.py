"""Renew a key at once, where its platform lets the portal do so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import keys
from accounts.flows import refresh
from accounts.models import Connection
from accounts.outbound import OutboundError
from accounts.trail import Actor

RENEWED = "Renewed just now. {note}."
NO_BUTTON = "{key} does not renew itself; nothing was asked."


def act(request: HttpRequest, key: Connection) -> dict[str, Any] | None:
    """Return the button, for a key that renews itself and those who may press it."""
    may = request.user.has_perm("accounts.change_connection")
    if not may or key.state != Connection.State.LIVE or not keys.renews_itself(key):
        return None
    return {
        "label": "Renew now",
        "icon": "job",
        "url": reverse("admin:accounts_refresh", args=[key.pk]),
        "is_post": True,
    }


@require_POST
def refresh_now(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Renew this key through the same claim as the sweep; say what came of it."""
    visible = Connection.objects.visible_to(request.user)
    key: Connection = get_object_or_404(visible, pk=pk)
    if not request.user.has_perm("accounts.change_connection"):
        raise PermissionDenied
    if key.state != Connection.State.LIVE or not keys.renews_itself(key):
        messages.warning(request, NO_BUTTON.format(key=key))
        return redirect("admin:accounts_connection_change", key.pk)
    try:
        refresh.now(key, by=Actor.staff(request.user))
    except OutboundError as error:
        messages.warning(request, str(error))
    else:
        key.refresh_from_db()
        _, note = keys.at_its_end(key)
        messages.info(request, RENEWED.format(note=note))
    return redirect("admin:accounts_connection_change", key.pk)
