"""The desk of Spark authorizations: whose account, for what, proved by which read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import rows, spark_rows
from accounts.admin import spark_acts, spark_asking, spark_page
from accounts.admin.base import SeenDesk
from accounts.admin.filters import Choice, OfClient
from accounts.flows.spark_moving import words
from accounts.models import SparkAuthorization
from accounts.platforms.registry import platform
from accounts.zones import house_day

State = SparkAuthorization.State


class Turn(Choice):
    title = "turn"
    parameter_name = "turn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("creator", "The creator's"),
            ("us", "Ours"),
            ("portal", "The portal's"),
        ]

    def pick(self, found: QuerySet[Any], value: str) -> QuerySet[Any]:
        return found.filter(spark_rows.TURNS[value])


class Campaign(Choice):
    title = "campaign"
    parameter_name = "campaign"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("runs", "Runs"), ("over", "Over")]

    def pick(self, found: QuerySet[Any], value: str) -> QuerySet[Any]:
        runs = Q(campaign_ends_on__gte=house_day())
        return found.filter(runs if value == "runs" else ~runs)


@admin.register(SparkAuthorization)
class SparkAuthorizationAdmin(SeenDesk):
    noun = "spark"
    panels = spark_page.PANELS
    list_display = ("whose", "asked_for", "pill", "ends", "acts_next", "read_back")
    list_filter = (OfClient, Turn, "state", Campaign)
    search_fields = ("creator__name", "creator__handle", "client__name", "campaign")
    search_help_text = "Creator, client or campaign"
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[SparkAuthorization]:
        return spark_rows.for_rows(super().get_queryset(request))

    @admin.display(description="creator", ordering="creator__name")
    def whose(self, row: SparkAuthorization) -> SafeString:
        return format_html(
            "{}<small>{}, {}</small><small>{}</small>",
            row.creator.shown,
            row.client,
            platform(row.platform).label,
            row.campaign,
        )

    @admin.display(description="asked for")
    def asked_for(self, row: SparkAuthorization) -> SafeString | str:
        """Say beside what is asked what of it is not granted, while one is proved."""
        if row.is_over or not row.missing or row.verified_at is None:
            return words(row.asked).capitalize()
        return format_html(
            "{}<small>not {}</small>", words(row.asked).capitalize(), words(row.missing)
        )

    @admin.display(description="state", ordering="state")
    def pill(self, row: SparkAuthorization) -> SafeString:
        return rows.pill_of_state(spark_rows.pill_of(row))

    @admin.display(description="campaign ends", ordering="campaign_ends_on")
    def ends(self, row: SparkAuthorization) -> SafeString | str:
        return rows.moment_cell(row.campaign_ends_on)

    @admin.display(description="who acts next")
    def acts_next(self, row: SparkAuthorization) -> str:
        return spark_rows.who_acts(row) or "Nobody"

    @admin.display(description="read back", ordering="verified_at")
    def read_back(self, row: SparkAuthorization) -> SafeString | str:
        return rows.moment_cell(row.verified_at)

    def get_urls(self) -> list[Any]:
        def door(route: str, view: Any, name: str) -> Any:
            name = f"accounts_spark_{name}"
            return path(route, self.admin_site.admin_view(view), name=name)

        return [
            door("ask/", spark_asking.choose_client, "begin"),
            door("ask/<uuid:client_id>/", spark_asking.ask, "ask"),
            door("<uuid:pk>/edit/", spark_asking.edit, "edit"),
            door("<uuid:pk>/members/", spark_asking.members, "members"),
            door("<uuid:pk>/ad-accounts/", spark_asking.ad_accounts, "ad_accounts"),
            door("<uuid:pk>/account/", spark_asking.account, "account"),
            door("<uuid:pk>/qr/", spark_acts.make_qr, "qr"),
            door("<uuid:pk>/read/", spark_acts.read_now, "read"),
            door("<uuid:pk>/close/", spark_acts.close, "close"),
            door("<uuid:pk>/withdraw/", spark_acts.withdraw, "withdraw"),
            *super().get_urls(),
        ]

    def heading(self, request: HttpRequest, obj: Any) -> str:
        return str(obj.creator.shown)

    def subtitle(self, request: HttpRequest, obj: Any) -> str:
        word = spark_rows.pill_of(obj)["word"]
        client = rows.client_link(obj.client)
        return format_html("{}. {}, for {}.", word, obj.campaign, client)

    def acts(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        return spark_page.acts(request, obj)

    def banner(self, request: HttpRequest, obj: Any) -> dict[str, Any] | None:
        return spark_page.banner(request, obj)
