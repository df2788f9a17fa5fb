"""Say whose a Business Center is that nobody owned yet, and with it its accounts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import rows
from accounts.admin.base import EDIT
from accounts.admin.pages import crumbs_to, draw
from accounts.admin.seat_pages import center_url, may_change
from accounts.flows import claims
from accounts.ladder import role_of
from accounts.models import Asset, BusinessCenter, Client, RoleGrant
from accounts.trail import Actor

MOST_NAMED = 50

IS_KNOWN = "{center} is {whose} already. Under Edit that can be changed."
DONE = "{center} is {client}'s now, and so is what it shares that was nobody's."
THEN = (
    "What it shares that is nobody's becomes this client's; its account manager adopts"
    " it or takes it back."
)
NO_CLIENTS = '<a href="{}">Under Edit, say who owns it</a>'


class WhoseForm(forms.Form):
    client = forms.ModelChoiceField(
        Client.objects.none(), label="Client", empty_label="Choose whose it is"
    )


def act(request: HttpRequest, center: Asset) -> dict[str, Any] | None:
    """Return the button of a center nobody owns, for those who may press it."""
    if center.owner != Asset.Owner.UNKNOWN or not may_change(request):
        return None
    return {"label": "Say whose it is", "icon": "check", "url": url_of(center)}


def url_of(center: Asset) -> str:
    return reverse("admin:accounts_whose", args=[center.pk])


def say_whose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what the center shares, and ask for the client."""
    if not may_change(request):
        raise PermissionDenied
    visible = BusinessCenter.objects.visible_to(request.user)
    center = get_object_or_404(visible.select_related("client"), pk=pk)
    back = center_url(center)
    if center.owner != Asset.Owner.UNKNOWN:
        whose = center.client or center.get_owner_display().lower()
        messages.warning(request, IS_KNOWN.format(center=center, whose=whose))
        return redirect(back)
    shared = list(_shared(center))
    form = WhoseForm(request.POST or None, initial={"client": _likely(shared)})
    client: Any = form.fields["client"]
    client.queryset = Client.objects.visible_to(request.user)
    if form.is_valid():
        chosen = form.cleaned_data["client"]
        claims.book_center(center, chosen, by=Actor.staff(request.user))
        messages.info(request, DONE.format(center=center, client=chosen))
        return redirect(back)
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": f"Whose is {center}?",
            "sentence": "The platform does not say. Nothing is asked of it.",
            "crumbs": crumbs_to("businesscenter", "Business Centers", center, back),
            "facts": [
                ("Business Center", f"{center}, {center.external_id}"),
                ("Shares with us", _each(shared)),
                ("Then", THEN),
                ("No client's?", format_html(NO_CLIENTS, f"{back}?{EDIT}=1")),
            ],
            "form": form,
            "button": "Book it for the client",
            "back_url": back,
        },
        status=400 if form.errors else 200,
    )


def _shared(center: Asset) -> Any:
    held = RoleGrant.objects.filter(
        asset__center=center.pk, via=None, state__in=RoleGrant.HELD
    )
    return rows.for_rows(held).order_by("asset__name", "pk")


def _likely(shared: list[RoleGrant]) -> Client | None:
    """Return the one client of those accounts that are somebody's."""
    clients = {one.asset.client for one in shared if one.asset.client}
    return clients.pop() if len(clients) == 1 else None


def _each(shared: list[RoleGrant]) -> SafeString | str:
    lines = (
        (one.asset, one.asset.external_id, one.asset.client or "Nobody's", _held(one))
        for one in shared[:MOST_NAMED]
    )
    named = format_html_join("", "<p>{}, {}<br><small>{}. {}</small></p>", lines)
    more = len(shared) - MOST_NAMED
    return format_html("{}and {} more", named, more) if more > 0 else named or "Nothing"


def _held(grant: RoleGrant) -> str:
    return f"{grant.grantee} holds {role_of(grant)}."
