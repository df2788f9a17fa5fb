"""The grant's desk: how far it is, what was tried, what was read, read it now."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import rows
from accounts.admin import (
    adopting,
    changing,
    deciding,
    grant_page,
    reading_back,
    seat_pages,
    spark_page,
    staffing,
    taking_back,
)
from accounts.admin.base import SeenDesk
from accounts.admin.filters import Holder, OfClient, Stands
from accounts.flows.grants import role_label
from accounts.ladder import read_at, role_of, who_acts
from accounts.models import Client, RoleGrant
from accounts.platforms.registry import platform
from accounts.roles import is_media_buyer

State = RoleGrant.State


@admin.register(RoleGrant)
class RoleGrantAdmin(SeenDesk):
    noun = "grant"
    panels = grant_page.PANELS
    list_display = ("account", "holder", "role", "pill", "acts_next", "read_back")
    list_filter = (
        *(OfClient, Stands, "state", "waits_on"),
        *("asked_role", Holder, "source"),
    )
    search_fields = ("asset__name", "asset__external_id", "asset__client__name")
    search_help_text = "Account name or id, or client"
    actions = ("adopt",)
    fields = ()
    ordering = ("asset__name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoleGrant]:
        return rows.for_rows(super().get_queryset(request))

    @admin.display(description="account", ordering="asset__name")
    def account(self, grant: RoleGrant) -> SafeString:
        return format_html(
            "{}<small>{}, {}</small><small class=id>{}</small>",
            grant.asset,
            grant.asset.client or grant.asset.get_owner_display(),
            platform(grant.asset.platform).label,
            grant.asset.external_id,
        )

    @admin.display(description="held by", ordering="grantee__label")
    def holder(self, grant: RoleGrant) -> str:
        return str(grant.grantee)

    @admin.display(description="role", ordering="asked_role")
    def role(self, grant: RoleGrant) -> SafeString | str:
        """Say beside what is held what was asked; what is only asked is not held."""
        asked = role_label(grant.asked_role) if grant.asked_role else ""
        if not grant.observed_role:
            return format_html("{}<small>asked</small>", asked) if asked else ""
        if not asked or grant.observed_role == grant.asked_role:
            return role_of(grant)
        return format_html("{}<small>asked {}</small>", role_of(grant), asked)

    @admin.display(description="state", ordering="state")
    def pill(self, grant: RoleGrant) -> SafeString:
        return rows.pill_cell(grant)

    @admin.display(description="who acts next", ordering="waits_on")
    def acts_next(self, grant: RoleGrant) -> str:
        return who_acts(grant)

    @admin.display(description="read back", ordering="verified_at")
    def read_back(self, grant: RoleGrant) -> SafeString | str:
        return rows.moment_cell(read_at(grant))

    def get_urls(self) -> list[Any]:
        def door(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=name)

        return [
            door("<uuid:pk>/read/", reading_back.read_now, "accounts_rolegrant_read"),
            door(
                "<uuid:pk>/take-back/",
                taking_back.take_back,
                "accounts_rolegrant_take_back",
            ),
            door("<uuid:pk>/role/", changing.change_role, "accounts_rolegrant_role"),
            door(
                "<uuid:pk>/staff/", staffing.staff_account, "accounts_rolegrant_staff"
            ),
            door("adopt/", adopting.adopt, "accounts_adopt"),
            door("decide/<uuid:pk>/", deciding.decide, "accounts_decide"),
            *super().get_urls(),
        ]

    def has_adopt_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.add_grantchange"))

    @admin.action(description="Adopt what was found", permissions=["adopt"])
    def adopt(self, request: HttpRequest, chosen: QuerySet[RoleGrant]) -> HttpResponse:
        return adopting.page(request, chosen)

    def subtitle(self, request: HttpRequest, obj: RoleGrant) -> str:
        what = f"{obj.grantee} on {platform(obj.asset.platform).label}"
        return format_html(
            "{} {}, for {}",
            what,
            obj.asset.external_id,
            _whose(request, obj),
        )

    def acts(self, request: HttpRequest, obj: RoleGrant) -> list[dict[str, Any]]:
        acts = [
            adopting.act(request, obj),
            staffing.act(request, obj),
            _change(request, obj),
            reading_back.act(request, obj),
            taking_back.act(request, obj),
            spark_page.grant_act(request, obj),
        ]
        return [
            *(act for act in acts if act is not None),
            *seat_pages.acts(request, obj),
        ]

    def banner(self, request: HttpRequest, obj: RoleGrant) -> dict[str, Any] | None:
        return changing.banner(request, obj) or grant_page.next_act(obj)


def _whose(request: HttpRequest, grant: RoleGrant) -> SafeString | str:
    """Name the client; lead to its page those who serve it."""
    client, user = grant.asset.client, request.user
    if client is None or not is_media_buyer(user):
        return rows.whose(grant.asset)
    is_served = Client.objects.visible_to(user).filter(pk=client.pk).exists()
    return rows.whose(grant.asset) if is_served else str(client)


def _change(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Offer another role: what drifted is mended by nothing else."""
    act = changing.act(request, grant)
    return act and {**act, "is_main": grant.state == State.DRIFTED}
