"""Method B's page: what the client does in their own center, and their word for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.signin.public import public_page
from onboarding.flows import links, methods, visits, website
from onboarding.models import AccessLink, RequestItem
from onboarding.public.answers import neutral, see_other
from onboarding.words import describe_request

# The platform's own website in words, for whoever invites us there.
STEPS = "onboarding/steps/{}_inviting.html".format


def show(
    request: HttpRequest, link: AccessLink, token: str, item: RequestItem
) -> HttpResponse:
    """Say whom to invite, to what, and how; a colleague sees what the client sees."""
    return render(
        request,
        "public/invite.html",
        {
            "ask": describe_request(link.request, item, to=link.contact),
            "steps": STEPS(item.platform),
            "accounts": _accounts(item),
            "said_at": link.started_at,
            "say_url": reverse("link_invited", args=[token, item.pk]),
            "is_preview": request.user.is_authenticated,
        },
    )


@public_page
@require_POST
def say(request: HttpRequest, token: str, item_id: UUID) -> HttpResponse:
    """Take the client's word that we are invited; only our own list proves it."""
    link = links.find(token)
    if link is None:
        return neutral(request)
    if request.user.is_authenticated:
        return render(request, "problems/staff_browser.html", status=403)
    item = link.request.items.filter(pk=item_id, is_open=True).first()
    if item is None:
        return neutral(request)
    try:
        methods.invited(link, item)
    except visits.VisitIsOver:
        return neutral(request)
    return see_other("link", token)


def _accounts(item: RequestItem) -> list[dict[str, Any]]:
    """Return the accounts the request names; their names, where the books know one."""
    wanted = website.grants_of(item)
    names = {one.asset.external_id: one.asset.name for one in wanted}
    return [
        {"external_id": one, "name": names.get(one, "")} for one in item.account_ids
    ]
