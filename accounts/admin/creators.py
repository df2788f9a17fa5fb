"""The creators' desk: who they are, how they are reached, what they are asked for."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import spark_rows
from accounts.admin.base import Desk
from accounts.admin.forms import PlaceForm
from accounts.admin.pages import colleague
from accounts.admin.panels import PANEL, Panel
from accounts.flows import creators
from accounts.models import Creator, SparkAuthorization

MOST = 20


class CreatorForm(PlaceForm):
    def clean_handle(self) -> str:
        return creators.bare_handle(self.cleaned_data["handle"])


def _authorizations(request: HttpRequest, creator: Creator) -> dict[str, Any]:
    """Return what they are asked for, for the clients this colleague sees."""
    asked = SparkAuthorization.objects.visible_to(request.user).filter(creator=creator)
    return {
        "authorizations": [
            {**spark_rows.row(one), "name": str(one.client)}
            for one in spark_rows.for_rows(asked)[:MOST]
        ]
    }


def _facts(request: HttpRequest, creator: Creator) -> dict[str, Any]:
    return {
        "facts": [
            ("Name", creator.name),
            ("Handle", f"@{creator.handle}" if creator.handle else "None entered"),
            ("E-mail", creator.email or "None: links are copied or printed"),
            ("Language", creator.language),
            ("Time zone", creator.time_zone),
            *_who_edits(request, creator),
        ]
    }


def _who_edits(request: HttpRequest, creator: Creator) -> list[tuple[str, str]]:
    """Say whom to ask for a change where another client counts on it, too."""
    is_mine = creators.may_edit(colleague(request), creator)
    return [] if is_mine else [("Who edits it", "An access owner")]


@admin.register(Creator)
class CreatorAdmin(Desk):
    noun = "creator"
    panels = (
        Panel("Spark authorizations", PANEL("spark_of"), _authorizations, 10),
        Panel("Who it is", PANEL("role"), _facts, 20, "side"),
    )
    form = CreatorForm
    list_display = ("who", "email", "live")
    search_fields = ("name", "handle", "email")
    search_help_text = "Name, handle or e-mail"
    fields = (("name", "handle"), "email", ("language", "time_zone"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may: bool = super().has_change_permission(request, obj)
        return may and (obj is None or creators.may_edit(colleague(request), obj))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Creator]:
        found: QuerySet[Creator] = super().get_queryset(request)
        live = ~Q(authorizations__state__in=SparkAuthorization.ENDED)
        mine = Q(authorizations__in=SparkAuthorization.objects.visible_to(request.user))
        count = Count("authorizations", filter=live & mine, distinct=True)
        return found.annotate(live_count=count)

    @admin.display(description="creator", ordering="name")
    def who(self, creator: Creator) -> SafeString:
        return format_html("{}<small>{}</small>", creator.name, creator.shown)

    @admin.display(description="asked for, for how many", ordering="live_count")
    def live(self, creator: Any) -> int:
        return int(creator.live_count)
