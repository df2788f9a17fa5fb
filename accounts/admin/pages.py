"""Pages of the admin's shell that are no stock forms: previews and confirmations."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.models import RoleGrant


def draw(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page of the admin's shell."""
    shell = admin.site.each_context(request)
    return render(request, template, {**shell, **context}, status=status)


def colleague(request: HttpRequest) -> Any:
    """Return who asks; nobody else gets past the admin's door."""
    return request.user


def grant_url(grant: RoleGrant) -> str:
    return reverse("admin:accounts_rolegrant_change", args=[grant.pk])


def crumbs_to(desk: str, noun: str, subject: Any, url: str) -> list[dict[str, str]]:
    """Return the way to a page below one row of a desk."""
    listing = reverse(f"admin:accounts_{desk}_changelist")
    return [{"label": noun, "url": listing}, {"label": str(subject), "url": url}]
