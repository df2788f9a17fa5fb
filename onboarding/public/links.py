"""The link's own page: who asks, for what, and Start."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import RoleGrant
from accounts.platforms.registry import platform
from accounts.public import browser
from accounts.signin.public import public_page
from onboarding.flows import connect, links, requests, spark, visits
from onboarding.flows.minting import note_fetch
from onboarding.models import AccessLink, RequestItem
from onboarding.public import inviting
from onboarding.public.answers import neutral, see_other
from onboarding.public.forms import FreshLinkForm
from onboarding.words import clock_of, describe_request

State = RoleGrant.State


@public_page
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Changes nothing but the first fetch, on which nothing depends.

    The browser that has signed in goes on where it was, also after the request's end.
    """
    under_way = None
    if not request.user.is_authenticated:
        under_way = visits.visit_by_token(token, browser=browser.secret_of(request))
    if under_way is not None:
        return redirect("visit", under_way.pk)
    link = links.find(token)
    if link is None:
        return neutral(request)
    is_preview = request.user.is_authenticated
    if not is_preview:
        timezone.activate(clock_of(link.request, link.contact))
    if not is_preview:
        note_fetch(link)
    items = list(link.request.items.select_related("receiver"))
    if not all(map(requests.is_cleared, items)):
        return neutral(request)
    if items[0].method == RequestItem.Method.METHOD_B:
        return inviting.show(request, link, token, items[0])
    return render(
        request,
        "public/link.html",
        {
            "ask": describe_request(link.request, items[0], to=link.contact),
            "preflight": _preflight(items[0]),
            "tiles": _tiles(link, token, items),
            "is_preview": is_preview,
        },
    )


@public_page
@require_POST
def start(request: HttpRequest, token: str, item_id: UUID) -> HttpResponse:
    """Open this browser's visit and lead on to the hop page."""
    link = links.find(token)
    if link is None:
        return neutral(request)
    if request.user.is_authenticated:
        return render(request, "problems/staff_browser.html", status=403)
    item = link.request.items.filter(pk=item_id, is_open=True).first()
    if item is None or item.method == RequestItem.Method.METHOD_B:
        return neutral(request)
    secret = browser.secret_of(request) or browser.new_secret()
    try:
        session = connect.start(link, item, browser=secret)
    except visits.VisitIsOver:
        return neutral(request)
    response = see_other("visit_leave", session.pk)
    browser.remember(response, secret)
    return response


@public_page
@require_POST
def send_fresh(request: HttpRequest) -> HttpResponse:
    """Always the same words, whether the address is known here or not."""
    form = FreshLinkForm(request.POST)
    if not form.is_valid():
        return neutral(request, form)
    if ratelimit.consume(request, action="fresh_link"):
        email = form.cleaned_data["email"]
        links.mail_again(email)
        spark.mail_again(email)
    return render(request, "public/check_mail.html")


def _preflight(item: RequestItem) -> list[str]:
    label = platform(item.platform).label
    return [
        _(
            "You need to be an admin of the %(platform)s Business Center that owns the"
            " ad accounts."
        )
        % {"platform": label},
        _(
            "Not you? Forward this link to the person who is. Nothing happens until"
            " they sign in."
        ),
    ]


def _tiles(
    link: AccessLink, token: str, items: list[RequestItem]
) -> list[dict[str, Any]]:
    """One tile a platform; account names stay with the browser that consented."""
    states: dict[Any, list[str]] = {item.pk: [] for item in items}
    for item_id, state in RoleGrant.objects.filter(
        item_grants__item__in=items
    ).values_list("item_grants__item", "state"):
        states[item_id].append(state)
    return [_tile(token, item, states[item.pk]) for item in items]


def _tile(token: str, item: RequestItem, states: list[str]) -> dict[str, Any]:
    label = platform(item.platform).label
    done = states.count(State.ACTIVE)
    under_way = sum(state in RoleGrant.UNSETTLED for state in states)
    if under_way:
        pill = {"tone": "work", "icon": "unverified", "word": _("Being checked")}
        sentence = _("Shared; we are looking from our side whether it has arrived.")
    elif done:
        pill = {"tone": "ok", "icon": "active", "word": _("Read back")}
        sentence = _("%(n)d accounts arrived. You can add more.") % {"n": done}
    else:
        pill = {"tone": "off", "icon": "draft", "word": _("Not started")}
        sentence = _("You sign in with %(platform)s, then choose the ad accounts.") % {
            "platform": label
        }
    return {
        "platform_label": label,
        "pill": pill,
        "sentence": sentence,
        "rows": [],
        "start_url": reverse("link_start", args=[token, item.pk]),
        "start_label": _("Connect %(platform)s") % {"platform": label},
    }
