"""The front page: what needs you, whom we wait for, and whether the reads are fresh."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import (
    Approval,
    Client,
    Connection,
    Consent,
    Event,
    RoleGrant,
)
from accounts.models.grants import FRESH_FOR
from accounts.platforms.registry import platforms
from accounts.roles import is_access_owner
from accounts.rows import MOST_ROWS, for_rows, grant_row, story
from onboarding.flows.requests import is_cleared
from onboarding.models import AccessRequest, RequestItem
from onboarding.rows import request_pill
from onboarding.words import STOPS

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
OURS = (WaitsOn.ACCOUNT_MANAGER, WaitsOn.CENTER_ADMIN, WaitsOn.ACCESS_OWNER)


def today_for(request: HttpRequest) -> dict[str, Any]:
    """Return the front page's context for this colleague, and only of what they see."""
    grants = RoleGrant.objects.visible_to(request.user)
    counts = _count(grants)
    asked = _open_requests(request)
    return {
        "title": "Today",
        "first_steps": _first_steps(request, counts["all"]),
        "tiles": _tiles(counts),
        "needs_you": [
            *_decisions(request),
            *(_request_row(one) for one in asked if not one.links.all()),
            *(_row(grant) for grant in _waiting(grants, OURS)),
        ],
        "waits_on_clients": [_request_row(one) for one in asked if one.links.all()],
        "events": _lately(request),
    }


def _count(grants: Any) -> dict[str, int]:
    fresh = Q(state=State.ACTIVE, verified_at__gte=timezone.now() - FRESH_FOR)
    counts: dict[str, int] = grants.aggregate(
        all=Count("pk"),
        active=Count("pk", filter=Q(state=State.ACTIVE)),
        fresh=Count("pk", filter=fresh),
        waiting=Count("pk", filter=Q(waits_on__in=OURS)),
        checking=Count("pk", filter=Q(state__in=RoleGrant.UNSETTLED)),
    )
    return counts


def _tiles(counts: dict[str, int]) -> list[dict[str, Any]]:
    if not counts["all"]:
        return []
    desk = reverse("admin:accounts_rolegrant_changelist")
    stale = counts["active"] - counts["fresh"]
    return [
        {
            "number": counts["fresh"],
            "of": counts["active"],
            "noun": "read back today",
            "url": f"{desk}?state__exact={State.ACTIVE}",
            "note": f"{stale} not checked today" if stale else "",
            "tone": "wait" if stale else "",
        },
        {
            "number": counts["checking"],
            "noun": "being checked",
            "url": f"{desk}?state__in={','.join(RoleGrant.UNSETTLED)}",
        },
        {
            "number": counts["waiting"],
            "noun": "wait for one of us",
            "url": f"{desk}?waits_on__in={','.join(OURS)}",
        },
    ]


def _waiting(grants: Any, on: tuple[str, ...]) -> Any:
    return for_rows(grants.filter(waits_on__in=on)).order_by("since")[:MOST_ROWS]


def _decisions(request: HttpRequest) -> list[dict[str, Any]]:
    """Return what only an access owner decides: Admin roles, logins of two clients."""
    if not is_access_owner(request.user):
        return []
    asked = RequestItem.objects.filter(
        approval__decision=Approval.Decision.WAITING, is_open=True
    ).select_related("request__client", "request__asked_by", "receiver")
    held = Consent.objects.filter(state=Consent.State.HELD).select_related(
        "client", "connection"
    )
    admins = [
        {
            "title": f"{item.get_role_display()} for {item.request.client}",
            "sentence": f"{item.request.asked_by} asks: {item.reason}",
            "url": reverse("admin:onboarding_decide", args=[item.request_id]),
            "pill": {
                "tone": "wait",
                "icon": "pending-admin",
                "word": "Owner must approve",
            },
            "since": item.request.asked_at,
        }
        for item in asked[:MOST_ROWS]
    ]
    logins = [
        {
            "title": f"{consent.connection}, {consent.client}",
            "sentence": consent.held_because,
            "url": reverse("admin:accounts_client_change", args=[consent.client_id]),
            "pill": {"tone": "wait", "icon": "lock", "word": "Held"},
            "since": consent.given_at,
        }
        for consent in held[:MOST_ROWS]
    ]
    return admins + logins


def _row(grant: RoleGrant) -> dict[str, Any]:
    row = grant_row(grant)
    return {
        "title": f"{row['name']}, {grant.asset.client or 'ours'}",
        "sentence": grant.problem or row["sentence"],
        "url": row["url"],
        "pill": row["pill"],
        "since": grant.since,
    }


def _open_requests(request: HttpRequest) -> list[AccessRequest]:
    """Return open requests that nobody of us holds up, the longest wait first."""
    if not request.user.has_perm("onboarding.view_accessrequest"):
        return []
    items = RequestItem.objects.select_related("approval", "receiver")
    waiting = (
        AccessRequest.objects.visible_to(request.user)
        .filter(closed_at__isnull=True, closes_at__gt=timezone.now())
        .exclude(items__item_grants__grant__waits_on__in=OURS)
        .select_related("client", "contact")
        .prefetch_related(Prefetch("items", items), "links__sessions")
        .order_by("asked_at")[: 2 * MOST_ROWS]
    )
    return [one for one in waiting if all(map(is_cleared, one.items.all()))]


def _request_row(asked: AccessRequest) -> dict[str, Any]:
    return {
        "title": str(asked.client),
        "sentence": _where_it_is(asked),
        "url": reverse("admin:onboarding_accessrequest_change", args=[asked.pk]),
        "pill": request_pill(asked),
        "since": asked.asked_at,
    }


def _where_it_is(asked: AccessRequest) -> str:
    last_day = f"{timezone.localdate(asked.closes_at):%-d %B}"
    if not asked.links.all():
        return f"{asked.contact} has no link yet. The request ends on {last_day}."
    visits = [visit for link in asked.links.all() for visit in link.sessions.all()]
    newest = max(visits, key=lambda visit: visit.started_at, default=None)
    if newest is not None and newest.problem:
        return f"It stopped: {STOPS.get(newest.problem, newest.problem)}."
    return f"{asked.contact} has the link until {last_day}."


def _lately(request: HttpRequest) -> list[dict[str, Any]]:
    """Return what happened last, each with its client's name and page."""
    if not request.user.has_perm("accounts.view_event"):
        return []
    wanted = Q()
    for prefix in ("grant.", "request.", "link.", "agency."):
        wanted |= Q(action__startswith=prefix)
    events = list(Event.objects.visible_to(request.user).filter(wanted)[:MOST_ROWS])
    keys = {event.client_key for event in events if event.client_key}
    names = {str(one.pk): one for one in Client.objects.filter(pk__in=keys)}
    rows = story(events)
    for event, row in zip(events, rows, strict=True):
        client = names.get(event.client_key)
        if client is not None:
            row["sentence"] = f"{client}: {row['sentence']}"
            row["url"] = reverse("admin:accounts_client_change", args=[client.pk])
    return rows


def _first_steps(request: HttpRequest, grants: int) -> list[dict[str, Any]]:
    """Return the way from an empty book to a first link; nothing once it is walked."""
    if grants or not request.user.has_perm("accounts.add_client"):
        return []
    client = Client.objects.visible_to(request.user).first()
    is_connected = any(
        Connection.objects.of_agency(key).exists() for key in platforms()
    )
    return [
        {
            "label": "An access owner connects our Business Center",
            "url": reverse("admin:accounts_businesscenter_changelist"),
            "is_done": is_connected,
        },
        {
            "label": "Add a client and the contact who decides there",
            "url": reverse("admin:accounts_client_add"),
            "is_done": client is not None,
        },
        {
            "label": "Ask for access and hand out the link",
            "url": reverse("admin:onboarding_ask", args=[client.pk]) if client else "",
            "is_done": AccessRequest.objects.visible_to(request.user).exists(),
        },
    ]
