"""End the partnership with a center nobody knows: all that is shared is shown first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import rows
from accounts.admin.pages import crumbs_to, draw
from accounts.admin.seat_forms import RemoveForm
from accounts.admin.seat_pages import center_url, our_center
from accounts.flows import partners
from accounts.models import BusinessCenter, RoleGrant
from accounts.platforms.registry import platform
from accounts.trail import Actor

MOST_NAMED = 50
PEOPLE = Prefetch(
    "under",
    RoleGrant.objects.live().select_related("grantee__member"),
    to_attr="on_it",
)
LED = "Led by {lead}. Ask them before you end it."
NO_CLIENT = "No client in our books."
UNCONFIRMED = (
    "What becomes of shares when a partnership ends {platform} does not say, nor"
    " whether it lets us ask. All lists are read again afterwards."
)
BEGUN = "On its way. It is over when {center} no longer lists {partner}."


class EndPartnerForm(RemoveForm):
    digest = forms.CharField(widget=forms.HiddenInput)


def end_partner(request: HttpRequest, pk: UUID, partner_pk: UUID) -> HttpResponse:
    """Offer to read on GET; show what was read, then commit, each on POST."""
    center = our_center(request, pk)
    partner = get_object_or_404(BusinessCenter, pk=partner_pk)
    by, back = Actor.staff(request.user), center_url(center)
    form = EndPartnerForm(request.POST if "digest" in request.POST else None)
    try:
        if no := partners.why_not(partner):
            raise partners.CannotEnd(no)
        if form.is_valid():
            partners.end(center, partner, by=by, **form.cleaned_data)
            messages.info(request, BEGUN.format(center=center, partner=partner))
            return redirect(back)
        if request.method != "POST":
            return _draw(request, center, partner, button="Read what both share")
        between = partners.look(center, partner, by=by)
    except partners.CannotEnd as no_because:
        messages.error(request, str(no_because))
        return redirect(back)
    again = EndPartnerForm(form.data or None, initial={"digest": between.digest})
    booked = rows.for_rows(partners.held(center, partner, between.given_to_us))
    hit = {one.asset.external_id: one for one in booked.prefetch_related(PEOPLE)}
    listed = {one.external_id for one in between.given_to_us}
    others = [one.asset for key, one in hit.items() if key not in listed]
    facts = [
        ("Whom it hits", _whom(hit.values())),
        ("Shared with us", _each(between.given_to_us, hit)),
        *([("Not listed now", _each(others, hit))] if others else []),
        ("Shared by us", _each(between.given_by_us)),
        ("Not known", UNCONFIRMED.format(platform=_label(partner))),
        ("Proof", f"The partner list of {center} no longer shows it."),
    ]
    return _draw(
        request,
        center,
        partner,
        facts=facts,
        form=again,
        button="End the partnership",
        tone="danger",
    )


def _draw(
    request: HttpRequest,
    center: Any,
    partner: Any,
    *,
    facts: Sequence[tuple[str, Any]] = (),
    form: EndPartnerForm | None = None,
    **more: str,
) -> HttpResponse:
    back = center_url(center)
    page = {
        "title": f"End the partnership with {partner}?",
        "sentence": "What both centers share is read and shown before anything ends.",
        "crumbs": crumbs_to("businesscenter", "Business Centers", center, back),
        "facts": [
            ("Partner", f"{partner}, {partner.external_id}"),
            ("Of", f"{center}, {center.external_id}"),
            *facts,
        ],
        "form": form or forms.Form(),
        "back_url": back,
    }
    status = 400 if form and form.errors else 200
    return draw(request, "admin/confirm.html", {**page, **more}, status=status)


def _label(partner: Any) -> str:
    return platform(partner.platform).label


def _whom(hit: Iterable[RoleGrant]) -> SafeString | str:
    """Name the clients with who leads them: whoever ends it asks them first."""
    clients = {one.asset.client for one in hit if one.asset.client}
    lines = (
        (rows.client_link(client), LED.format(lead=client.acts or "nobody"))
        for client in sorted(clients, key=str)
    )
    return format_html_join("", "<p>{}<br><small>{}</small></p>", lines) or NO_CLIENT


def _each(
    accounts: Sequence[Any], hit: Mapping[str, RoleGrant] = MappingProxyType({})
) -> SafeString | str:
    """Name every account, read just now, and whom of ours its end hits."""
    if not accounts:
        return "Nothing, read just now."
    lines = (
        (one.name or one.external_id, one.external_id, _of(hit.get(one.external_id)))
        for one in accounts[:MOST_NAMED]
    )
    named = format_html_join("", "<p>{}, {}<br><small>{}</small></p>", lines)
    more = len(accounts) - MOST_NAMED
    return format_html("{}and {} more", named, more) if more > 0 else named


def _of(grant: RoleGrant | None) -> str:
    """Say whose an account is, and who of ours works on it."""
    if grant is None:
        return "Not in our books."
    on_it: Any = grant.on_it  # type: ignore[attr-defined]
    people = ", ".join(str(one.grantee.member or one.grantee) for one in on_it)
    whose = grant.asset.client or "No client's"
    return f"{whose}. On it: {people or 'none of our people'}."
