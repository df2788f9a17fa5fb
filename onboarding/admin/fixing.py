"""Fix cards of requests and of attribution, on the pages of those they concern."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.panels import PANEL, Panel, add_panel
from accounts.fixes import CARDS, draw
from accounts.models import Client, RoleGrant
from accounts.platforms.registry import platforms
from onboarding import fixes, rows
from onboarding.admin.panels import advice_for, requests_of
from onboarding.models import AccessRequest, AttributionAdvice


def of_request(request: HttpRequest, asked: AccessRequest) -> dict[str, Any] | None:
    found = fixes.of(asked)
    if found is None:
        return None
    card, since = found
    may = request.user.has_perm("onboarding.change_accessrequest")
    url = reverse("admin:onboarding_switch", args=[asked.pk])
    switch = {"label": "Ask another way", "url": url}
    return draw(
        card,
        fixes.words_of(asked),
        request,
        who=asked.contact.name,
        client=asked.client,
        since=since,
        act=switch if may and card.key == "not_received" else None,
    )


def _of_client(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    """Return the card of the request that waits longest and has one."""
    if not request.user.has_perm("onboarding.view_accessrequest"):
        return None
    fixes.fetch_visits(requests_of(client))
    drawn = (of_request(request, asked) for asked in reversed(requests_of(client)))
    return next(filter(None, drawn), None)


def _of_grant(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Return the card of the request a grant came of, while nothing is held yet."""
    waits = (RoleGrant.State.DRAFT, RoleGrant.State.PENDING)
    if grant.state not in waits or not request.user.has_perm(
        "onboarding.view_accessrequest"
    ):
        return None
    asked = AccessRequest.objects.filter(items__item_grants__grant=grant)
    found = rows.for_rows(asked.filter(closed_at=None)).first()
    return of_request(request, found) if found else None


def _attribution(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    """Return the card of what the client has yet to set, once it is written down."""
    if not request.user.has_perm("onboarding.view_attributionadvice"):
        return None
    advice = advice_for(client)
    if advice is None or advice.applied_on:
        return None
    may = request.user.has_perm("onboarding.change_attributionadvice")
    url = reverse("admin:onboarding_advice", args=[client.pk])
    return draw(
        CARDS["attribution"],
        words_of_advice(advice),
        request,
        who=client.name,
        client=client,
        act={"label": "Change it, or note that it is set", "url": url} if may else None,
    )


def _advised(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    """Return what is recommended and set, or the way to write it down."""
    if not request.user.has_perm("onboarding.view_attributionadvice"):
        return None
    advice = advice_for(client)
    may = request.user.has_perm("onboarding.change_attributionadvice")
    return {
        "advice": advice,
        "words": words_of_advice(advice) if advice else {},
        "edit_url": reverse("admin:onboarding_advice", args=[client.pk]) if may else "",
    }


def words_of_advice(advice: AttributionAdvice) -> dict[str, Any]:
    return {
        "platform": _keepers(),
        "client": advice.client.name,
        "click_days": _days(advice.click_days),
        "view_days": _days(advice.view_days),
        "counting": advice.get_counting_display().lower(),
        "note": advice.note,
    }


def _keepers() -> str:
    """Name the platforms that keep attribution from agencies."""
    keepers = (
        one.label for one in platforms().values() if one.can("keeps_attribution")
    )
    return " and ".join(keepers)


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"


def register_cards() -> None:
    mine = "onboarding/panels/{}.html".format
    add_panel("request", Panel("What to do", PANEL("card"), of_request, 3))
    add_panel("client", Panel("What to do", PANEL("card"), _of_client, 6))
    add_panel("grant", Panel("What to do", PANEL("card"), _of_grant, 13))
    add_panel("client", Panel("Attribution", PANEL("card"), _attribution, 14))
    add_panel("client", Panel("Attribution", mine("advice"), _advised, 60, "side"))
