"""What came to nothing: ask for it again, the same way or another, or close it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts.admin.pages import colleague, draw, grant_url
from accounts.models import RoleGrant
from onboarding.admin.pages import crumbs_to
from onboarding.flows import closing
from onboarding.models import RequestItem

State = RoleGrant.State

# What may be asked for anew, once nothing of it is under way.
OVER = (State.LOST, State.DECLINED, State.FAILED, State.EXPIRED)
NOTHING_LEFT = "Nobody is waited for here: it is asked for again, or closed already."


class CloseForm(forms.Form):
    reason = forms.CharField(
        label="Why", required=False, max_length=200, help_text="For the story."
    )


def offer(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Offer to ask the client anew for what came to nothing, as it was asked for."""
    may = request.user.has_perm("onboarding.add_accessrequest")
    if not may or not _is_over(grant):
        return None
    return {"label": "Ask again", "icon": "plus", "url": _door(grant), "is_main": True}


def offer_to_close(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Offer to wait for nobody any more, while it is still one of us who acts."""
    may = request.user.has_perm("onboarding.change_accessrequest")
    if not may or not grant.waits_on or grant.state == State.LOST:
        return None
    if not _is_over(grant):
        return None
    url = reverse("admin:onboarding_close", args=[grant.pk])
    return {"label": "Close it", "url": url}


def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say on GET what is closed; on POST it is, and nobody is waited for."""
    visible = RoleGrant.objects.visible_to(request.user)
    along = visible.select_related("asset__client", "grantee")
    grant = get_object_or_404(along, pk=pk)
    if not request.user.has_perm("onboarding.change_accessrequest"):
        raise PermissionDenied
    if offer_to_close(request, grant) is None:
        messages.warning(request, NOTHING_LEFT)
        return redirect(grant_url(grant))
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        closing.close(grant, reason=reason, user=colleague(request))
        messages.info(request, f"{grant.asset} is closed. Its story stays.")
        return redirect(grant_url(grant))
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": f"Close {grant.asset}?",
            "sentence": "Nobody asks for it again, and it is off everybody's list. What"
            " happened stays in the story, and it may be asked for at any time.",
            "crumbs": crumbs_to(grant.asset.client),
            "facts": [("What came of it", grant.problem or "Nothing")],
            "form": form,
            "button": "Close it",
            "back_url": grant_url(grant),
        },
    )


def _is_over(grant: RoleGrant) -> bool:
    """True for what a client was asked for and is neither held nor wanted anew."""
    if grant.state not in OVER or grant.via_id or grant.asset.client is None:
        return False
    if grant.family == RoleGrant.Family.CREATOR:
        return False
    same = grant.asset.grants.live().filter(
        grantee=grant.grantee_id, family=grant.family
    )
    return not same.exclude(pk=grant.pk).exists()


def _door(grant: RoleGrant) -> str:
    """Return where it is asked for: its open request, or a new one as it was."""
    came_of = RequestItem.objects.filter(item_grants__grant=grant)
    opened = came_of.filter(is_open=True).first()
    asked = {"accounts": grant.asset.external_id}
    if opened is not None:
        page = reverse("admin:onboarding_switch", args=[opened.request_id])
        return f"{page}?{urlencode(asked)}"
    last = came_of.order_by("-request__asked_at").first()
    asked |= {"role": grant.asked_role, "receiver": str(grant.grantee_id)}
    asked |= {"method": last.method} if last else {}
    page = reverse("admin:onboarding_ask", args=[grant.asset.client_id])
    return f"{page}?{urlencode(asked)}"
