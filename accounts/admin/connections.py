"""The keys' desk: whose, what they are for, their last problem. Never the key."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import path

from accounts import rows
from accounts.admin import disconnecting
from accounts.admin.base import SeenDesk
from accounts.admin.filters import Needs
from accounts.admin.panels import PANEL, Panel
from accounts.models import Connection, Consent, Event
from accounts.platforms.registry import platform


def _last_use(key: Connection) -> str:
    """A key that was given back ended with the use that saw it refused."""
    is_given_back = key.state == Connection.State.REVOKED
    return "Seen refused" if is_given_back else "Last used"


def _facts(request: HttpRequest, key: Connection) -> dict[str, Any]:
    return {
        "facts": [
            ("State", key.get_state_display()),
            ("Login", key.external_user_id),
            ("Permissions", ", ".join(map(str, key.scopes)) or "None told"),
            ("Given", rows.moment_cell(key.key_given_at)),
            (_last_use(key), rows.moment_cell(key.last_used_at)),
            ("Ends", rows.moment_cell(key.expires_at) if key.expires_at else "Never"),
        ]
    }


def _consents(request: HttpRequest, key: Connection) -> dict[str, Any]:
    """Say whom it serves, and whom it has served: the desk knows the standing only."""
    all_of_it = Consent.objects.filter(connection=key)
    visible = all_of_it.visible_to(request.user).select_related("client", "connection")
    return {
        "facts": [
            (
                str(consent.client or "Our own side"),
                _permission(consent),
            )
            for consent in visible
        ]
    }


def _permission(consent: Consent) -> str:
    if consent.end_asked_at and consent.state != Consent.State.WITHDRAWN:
        asked = rows.moment_cell(consent.end_asked_at)
        return f"Ends when nothing needs it. Asked {asked}"
    return f"{consent.get_state_display()}. {consent.held_because}"


def _story(request: HttpRequest, key: Connection) -> dict[str, Any] | None:
    events = Event.objects.about(key).visible_to(request.user)
    return rows.story_panel(request.user, events)


@admin.register(Connection)
class ConnectionAdmin(SeenDesk):
    noun = "connection"
    panels = (
        Panel("Key", PANEL("role"), _facts, 10),
        Panel("What it is for", PANEL("role"), _consents, 20),
        Panel("Story", PANEL("story"), _story, 90, "side"),
    )
    list_display = ("owner", "serves", "state", "problem", "used")
    list_filter = (Needs, "state")
    search_fields = ("label", "external_user_id")
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        keys: QuerySet[Connection] = super().get_queryset(request)
        standing = Consent.objects.standing().visible_to(request.user)
        return keys.prefetch_related(
            Prefetch("consents", standing.select_related("client"))
        )

    @admin.display(description="whose", ordering="label")
    def owner(self, key: Connection) -> str:
        return f"{key}, {platform(key.platform).label}"

    @admin.display(description="for")
    def serves(self, key: Connection) -> str:
        """Name the clients this colleague sees: one login may serve others too."""
        names = [
            str(consent.client or "Our own side") for consent in key.consents.all()
        ]
        return ", ".join(names) or "Nobody"

    @admin.display(description="last used", ordering="last_used_at")
    def used(self, key: Connection) -> Any:
        return rows.moment_cell(key.last_used_at)

    def get_urls(self) -> list[Any]:
        def door(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=name)

        end, keep = disconnecting.disconnect, disconnecting.keep
        return [
            door("consents/<int:pk>/disconnect/", end, "accounts_disconnect"),
            door("consents/<int:pk>/keep/", keep, "accounts_keep_connected"),
            *super().get_urls(),
        ]

    def acts(self, request: HttpRequest, obj: Connection) -> list[dict[str, Any]]:
        return disconnecting.acts(request, obj)

    def subtitle(self, request: HttpRequest, obj: Connection) -> str:
        return f"{platform(obj.platform).label}: {platform(obj.platform).key_nature}."

    def banner(self, request: HttpRequest, obj: Connection) -> dict[str, Any] | None:
        if not obj.problem:
            return None
        return {"tone": "bad", "icon": "failed", "title": obj.problem}
