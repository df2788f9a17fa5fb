"""Where a request's pages are, and who may work on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.models import Client
from onboarding import rows
from onboarding.models import AccessRequest


def page_of(asked: AccessRequest) -> str:
    return reverse("admin:onboarding_accessrequest_change", args=[asked.pk])


def crumbs_to(client: Client, asked: AccessRequest | None = None) -> list[Any]:
    """Return the way to a page below this client, or below its request."""
    crumbs = [
        {"label": "Clients", "url": reverse("admin:accounts_client_changelist")},
        {
            "label": client.name,
            "url": reverse("admin:accounts_client_change", args=[client.pk]),
        },
    ]
    if asked is not None:
        crumbs.append({"label": "Request", "url": page_of(asked)})
    return crumbs


def seen(request: HttpRequest, pk: UUID) -> AccessRequest:
    """Return a request this colleague may look at; 404 or 403 otherwise."""
    return _request_for(request, pk, "onboarding.view_accessrequest")


def mine(request: HttpRequest, pk: UUID) -> AccessRequest:
    """Return a request this colleague may work on; 404 or 403 otherwise."""
    return _request_for(request, pk, "onboarding.change_accessrequest")


def _request_for(request: HttpRequest, pk: UUID, permission: str) -> AccessRequest:
    visible = AccessRequest.objects.visible_to(request.user)
    asked: AccessRequest = get_object_or_404(rows.for_rows(visible), pk=pk)
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return asked
