"""Desks of our Business Centers, with the room left in each, and of ad accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.validators import RegexValidator
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import rows
from accounts.admin import (
    attesting,
    center_page,
    claiming,
    ending_partners,
    seat_pages,
    seats,
    unseating,
)
from accounts.admin.base import Desk
from accounts.admin.filters import titled
from accounts.admin.panels import PANEL, Panel
from accounts.capacity import with_room
from accounts.flows import agency
from accounts.models import (
    AdAccount,
    Asset,
    BusinessCenter,
    Connection,
    PlatformLimit,
    Reach,
)
from accounts.models.limits import CENTERS_PER_LOGIN
from accounts.platforms.registry import platforms
from accounts.platforms.told import is_old
from accounts.roles import connects_centers
from accounts.zones import day_word

platform_id = RegexValidator(
    r"^\d{15,20}$", "An id has 15 to 20 digits, like 7301846225110446081."
)


class AssetForm(forms.ModelForm):  # type: ignore[type-arg]
    """A center or an account. `user` is the colleague at the desk."""

    user: Any

    external_id = forms.CharField(
        label="id", max_length=64, validators=[platform_id], strip=True
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("owner") == Asset.Owner.CLIENT and not data.get("client"):
            self.add_error("client", "Say which client owns it.")
        if self.instance._state.adding and (known := self._known(data)):
            self.add_error("external_id", already_recorded(known, self.user))
        return data

    def _known(self, data: dict[str, Any]) -> Asset | None:
        """Return the row that has this id; `kind` is no field, so Django cannot."""
        return Asset.objects.filter(
            platform=data.get("platform"),
            kind=self._meta.model.objects.kind,
            external_id=data.get("external_id"),
        ).first()


def already_recorded(asset: Asset, user: Any) -> SafeString:
    """Say whom to ask; the link only for those who may see the asset."""
    lead = asset.client.lead if asset.client else None
    sentence = (
        f"{asset.external_id} is already recorded; ask {lead or 'an access owner'}."
    )
    if not Asset.objects.visible_to(user).filter(pk=asset.pk).exists():
        return format_html("{}", sentence)
    desks = {Asset.Kind.CENTER: "businesscenter", Asset.Kind.AD_ACCOUNT: "adaccount"}
    desk = desks[Asset.Kind(asset.kind)]
    url = reverse(f"admin:accounts_{desk}_change", args=[asset.pk])
    return format_html('{} <a href="{}">Open it</a>', sentence, url)


class AssetDesk(Desk):
    form = AssetForm

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Tell the form who sits at the desk; the class is made for this request."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def get_readonly_fields(
        self, request: HttpRequest, obj: Any = None
    ) -> tuple[str, ...]:
        return ("platform", "external_id") if obj else ()


def _readers() -> Coalesce:
    """Count the keys that read each center."""
    live = Reach.objects.filter(
        asset=OuterRef("pk"), can_grant=True, connection__state="live"
    )
    counted = live.order_by().values("asset").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)


def _accounts(request: HttpRequest, asset: Asset) -> dict[str, Any]:
    grants = rows.for_rows(asset.grants.all())
    return {"grants": [rows.grant_row(grant) for grant in grants]}


def _keys(request: HttpRequest, center: Asset) -> dict[str, Any] | None:
    """Name the logins they see: those of other clients may read this center, too."""
    keys = Connection.objects.visible_to(request.user)
    may_see = request.user.has_perm("accounts.view_connection")
    seen = set(keys.values_list("pk", flat=True)) if may_see else set()
    reaches = list(center.reaches.select_related("connection"))
    if not reaches and not center_page.is_ours(center):
        return None  # nobody here connects another's
    facts = [
        (
            str(reach.connection),
            f"{reach.native_role}. {reach.why_not or 'Reads and accepts here.'}",
        )
        for reach in reaches
        if reach.connection_id in seen
    ]
    if more := len(reaches) - len(facts):
        facts.append(("Logins you do not see", str(more)))
    nobody = [("Nobody", "An access owner connects this Business Center.")]
    return {"facts": facts or nobody}


@admin.register(BusinessCenter)
class BusinessCenterAdmin(AssetDesk):
    noun = "center"
    panels = (
        Panel("Members", PANEL("members"), center_page.members, 10),
        Panel("Partner centers", PANEL("partners"), center_page.partners, 20),
        Panel("Shares with us", PANEL("accounts"), center_page.shares, 20),
        Panel("Whose key reads it", PANEL("role"), _keys, 30, "side"),
    )
    list_display = ("name", "external_id", "owner", "reads_with", "room")
    list_filter = ("owner",)
    search_fields = ("name", "external_id")
    fields = (
        ("platform", "external_id"),
        ("name", "owner"),
        ("client", "owning_email"),
    )
    autocomplete_fields = ("client",)
    change_list_template = "admin/accounts/businesscenter/change_list.html"

    def get_urls(self) -> list[Any]:
        def door(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=name)

        seat, ending = "seats/<uuid:pk>", "<uuid:pk>/partners/<uuid:partner_pk>/end/"
        return [
            door("<uuid:pk>/invite/", seats.invite, "accounts_invite"),
            door(f"{seat}/role/", seats.change, "accounts_seat"),
            door(f"{seat}/finance/", seats.finance, "accounts_finance"),
            door(f"{seat}/remove/", unseating.remove, "accounts_seat_remove"),
            door(f"{seat}/two-step/", attesting.attest, "accounts_two_step"),
            door(ending, ending_partners.end_partner, "accounts_end_partner"),
            door("<uuid:pk>/whose/", claiming.say_whose, "accounts_whose"),
            *super().get_urls(),
        ]

    def acts(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        if whose := claiming.act(request, obj):
            return [{**whose, "is_main": True}]
        if not center_page.is_ours(obj) or not seat_pages.may_change(request):
            return []
        url = reverse("admin:accounts_invite", args=[obj.pk])
        return [{"label": "Invite a member", "icon": "plus", "url": url}]

    def get_queryset(self, request: HttpRequest) -> QuerySet[BusinessCenter]:
        centers: QuerySet[BusinessCenter] = super().get_queryset(request)
        return with_room(centers).annotate(readers=_readers())

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may = connects_centers(request.user)
        connect = [
            {"label": spec.label, "url": reverse("agency_leave", args=[key])}
            for key, spec in platforms().items()
        ]
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
        if center.owner != Asset.Owner.AGENCY:
            return ""
        if not center.most:
            return str(center.taken)
        old = ", an old figure" if is_old(center.checked_on) else ""
        checked = f"checked {day_word(center.checked_on)}{old}"
        return f"{center.taken:,} of {center.most:,} ({checked})"

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        agency.follow_owner(obj)
        warning = too_many_centers(obj)
        if warning:
            messages.warning(request, warning)


def too_many_centers(center: Asset) -> str:
    """Return a warning when one owning e-mail has more centers than it may."""
    if not center.owning_email:
        return ""
    limit = PlatformLimit.objects.filter(
        platform=center.platform, subject=CENTERS_PER_LOGIN, is_used=True
    ).first()
    owned = Asset.objects.filter(
        platform=center.platform,
        kind=Asset.Kind.CENTER,
        owning_email__iexact=center.owning_email,
    ).count()
    if limit is None or owned <= limit.value:
        return ""
    return (
        f"{center.owning_email} now owns {owned} Business Centers; the limit is"
        f" {limit.value} ({limit.source}, checked {day_word(limit.checked_on)})."
    )


@admin.register(AdAccount)
class AdAccountAdmin(AssetDesk):
    noun = "account"
    panels = (Panel("Held by", PANEL("accounts"), _accounts, 10),)
    list_display = (
        "called",
        "external_id",
        "client",
        "owner",
        "currency",
        "is_sandbox",
    )
    list_filter = ("owner", ("is_sandbox", titled("sandbox")))
    list_select_related = ("client",)
    search_fields = ("name", "external_id", "client__name")
    fields = (
        ("platform", "external_id"),
        ("name", "owner"),
        ("client", "is_sandbox"),
    )
    autocomplete_fields = ("client",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Any = None
    ) -> tuple[str, ...]:
        """Whose it is stays fixed once somebody holds a role on it."""
        fixed = super().get_readonly_fields(request, obj)
        return (*fixed, "owner", "client") if obj and obj.grants.exists() else fixed

    @admin.display(description="name", ordering="name")
    def called(self, account: AdAccount) -> str:
        return account.name or "No name read yet"
