"""Desks of our Business Centers, with the room left in each, and of ad accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.validators import RegexValidator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import rows
from accounts.admin.base import Desk
from accounts.admin.panels import Panel, add_panel
from accounts.models import AdAccount, Asset, BusinessCenter, PlatformLimit, RoleGrant
from accounts.platforms.registry import platforms
from accounts.roles import is_access_owner, is_superuser

CENTERS_PER_LOGIN = "Business Centers per login"
ACCOUNTS_PER_CENTER = "Ad accounts per Business Center"

platform_id = RegexValidator(
    r"^\d{15,20}$", "An id has 15 to 20 digits, like 7301846225110446081."
)


class AssetForm(forms.ModelForm):  # type: ignore[type-arg]
    external_id = forms.CharField(
        label="id", max_length=64, validators=[platform_id], strip=True
    )


@admin.register(BusinessCenter)
class BusinessCenterAdmin(Desk):
    noun = "center"
    form = AssetForm
    list_display = ("name", "external_id", "owner", "reads_with", "room")
    list_filter = ("owner", "platform")
    search_fields = ("name", "external_id")
    fields = (
        ("platform", "external_id"),
        ("name", "owner"),
        ("client", "owning_email"),
    )
    autocomplete_fields = ("client",)
    change_list_template = "admin/accounts/businesscenter/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[BusinessCenter]:
        centers: QuerySet[BusinessCenter] = super().get_queryset(request)
        return centers.annotate(
            readers=Count(
                "reaches",
                filter=Q(reaches__can_grant=True, reaches__connection__state="live"),
                distinct=True,
            ),
            received=Count(
                "as_grantee__grants",
                filter=Q(as_grantee__grants__state=RoleGrant.State.ACTIVE),
                distinct=True,
            ),
        )

    def get_readonly_fields(
        self, request: HttpRequest, obj: BusinessCenter | None = None
    ) -> tuple[str, ...]:
        return ("platform", "external_id") if obj else ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may = is_access_owner(request.user) or is_superuser(request.user)
        connect = [
            {"label": spec.label, "url": reverse("agency_leave", args=[key])}
            for key, spec in platforms().items()
        ]
        self.limits = _used_limits()
        return super().changelist_view(
            request, {"connect": connect if may else [], **(extra_context or {})}
        )

    @admin.display(description="read with", ordering="readers")
    def reads_with(self, center: Any) -> str:
        if center.owner != Asset.Owner.AGENCY:
            return "Not ours"
        words = {0: "No key: connect it", 1: "1 key; a second is safer"}
        return words.get(center.readers, f"{center.readers} keys")

    @admin.display(description="accounts received")
    def room(self, center: Any) -> str:
        limit = self.limits.get((center.platform, ACCOUNTS_PER_CENTER))
        if limit is None:
            return str(center.received)
        old = ", an old figure" if limit.is_old else ""
        checked = f"{limit.checked_on:%-d %B %Y}"
        return f"{center.received} of {limit.value} (checked {checked}{old})"

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        warning = too_many_centers(obj)
        if warning:
            messages.warning(request, warning)


def _used_limits() -> dict[tuple[str, str], PlatformLimit]:
    return {
        (limit.platform, limit.subject): limit
        for limit in PlatformLimit.objects.filter(is_used=True)
    }


def too_many_centers(center: Asset) -> str:
    """Return a warning when one owning e-mail has more centers than it may."""
    if not center.owning_email:
        return ""
    limit = _used_limits().get((center.platform, CENTERS_PER_LOGIN))
    owned = Asset.objects.filter(
        platform=center.platform,
        kind=Asset.Kind.CENTER,
        owning_email__iexact=center.owning_email,
    ).count()
    if limit is None or owned <= limit.value:
        return ""
    return (
        f"{center.owning_email} now owns {owned} Business Centers; the limit is"
        f" {limit.value} ({limit.source}, checked {limit.checked_on:%-d %B %Y})."
    )


@admin.register(AdAccount)
class AdAccountAdmin(Desk):
    noun = "account"
    form = AssetForm
    list_display = ("name", "external_id", "client", "owner", "currency", "is_sandbox")
    list_filter = ("owner", "is_sandbox", "platform")
    list_select_related = ("client",)
    search_fields = ("name", "external_id", "client__name")
    fields = (
        ("platform", "external_id"),
        ("name", "owner"),
        ("client", "is_sandbox"),
    )
    autocomplete_fields = ("client",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: AdAccount | None = None
    ) -> tuple[str, ...]:
        return ("platform", "external_id") if obj else ()


def _accounts(request: HttpRequest, asset: Asset) -> dict[str, Any]:
    grants = asset.grants.select_related("asset__client", "grantee")
    return {"grants": [rows.grant_row(grant) for grant in grants]}


def _keys(request: HttpRequest, center: Asset) -> dict[str, Any]:
    reaches = center.reaches.select_related("connection")
    return {
        "facts": [
            (
                str(reach.connection),
                f"{reach.native_role}. {reach.why_not or 'Reads and accepts here.'}",
            )
            for reach in reaches
        ]
        or [("Nobody", "An access owner connects this Business Center.")]
    }


def register_panels() -> None:
    panel = "accounts/panels/{}.html".format
    add_panel("account", Panel("Held by", panel("accounts"), _accounts, 10))
    add_panel("center", Panel("Whose key reads it", panel("role"), _keys, 10))
