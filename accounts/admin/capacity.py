"""The plan: what room our centers have, and which client sits in which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import capacity
from accounts.admin.pages import draw
from accounts.models import Client, PlatformLimit, RoleGrant
from accounts.models.limits import CENTERS_PER_LOGIN
from accounts.roles import manages_people
from accounts.standing import FOUND, query

BY = {"vertical": "By vertical", "team": "By team"}
NO_GROUP = {"vertical": "No vertical", "team": "No team"}
NO_CLIENT = ("No client", "Nobody's in the books")
OWNED_OUT = "No further center under this address. Open the next under another."
OWNED_NEARLY = "{left} more under this address. Open the next under another."


def plan(request: HttpRequest) -> HttpResponse:
    """Show the room and the plan to those who decide about centers."""
    if not manages_people(request.user):
        raise PermissionDenied
    by = request.GET.get("by")
    by = by if by in BY else "vertical"
    centers, limits = list(capacity.our_centers()), capacity.limits()
    seated = _seated(by)
    return draw(
        request,
        "admin/capacity.html",
        {
            "title": "Capacity",
            "sentence": f"Which client sits in which of our Business Centers,"
            f" {BY[by].lower()}, and what room is left.",
            "ways": [
                {"label": label, "url": f"?by={key}"}
                for key, label in BY.items()
                if key != by
            ],
            "centers": [_center(one, seated[one.pk]) for one in centers],
            "addresses": _addresses(limits),
            "unsigned": [_name(one) for one in centers if not one.owning_email],
            "sources": [
                (limit, f"{limit.value:,}")
                for told in limits.values()
                for limit in told
            ],
        },
    )


Limits = dict[tuple[str, str], list[PlatformLimit]]
Seated = dict[str, list[dict[str, Any]]]


def _used(limits: Limits, platform: str, subject: str) -> PlatformLimit | None:
    told = limits.get((platform, subject), [])
    return told[0] if told and told[0].is_used else None


def _center(center: Any, seated: Seated) -> dict[str, Any]:
    return {
        **_name(center),
        "external_id": center.external_id,
        "meter": capacity.room_of(center, "Ad accounts"),
        "groups": [
            {"name": name, "clients": clients}
            for name, clients in sorted(seated.items())
        ],
    }


def _name(center: Any) -> dict[str, str]:
    url = reverse("admin:accounts_businesscenter_change", args=[center.pk])
    return {"name": str(center), "url": url}


def _addresses(limits: Limits) -> list[dict[str, Any]]:
    """Return a meter of the centers each owning e-mail has, the fullest first."""
    return [
        _owned(email, owned, limit)
        for (platform, email), owned in capacity.centers_by_address().most_common()
        if (limit := _used(limits, platform, CENTERS_PER_LOGIN))
    ]


def _owned(email: str, owned: int, limit: PlatformLimit) -> dict[str, Any]:
    bar = capacity.meter(email, owned, limit.value, limit.checked_on)
    if bar["left"] <= 0:
        bar["note"] = OWNED_OUT
    elif bar["percent"] >= capacity.NEARLY_FULL:
        bar["note"] = OWNED_NEARLY.format(left=bar["left"])
    return bar


def _seated(by: str) -> defaultdict[Any, Seated]:
    """Return {center: {vertical or team: its clients}} with how many accounts each.

    A client who has chosen a center and shares nothing with it yet stands there, too,
    and so do accounts of no client: the plan adds up to what the meter counts.
    """
    group = "vertical" if by == "vertical" else "team__name"
    columns = ("pk", "name", group)
    held: defaultdict[Any, dict[Any, Any]] = defaultdict(dict)
    for center, pk, name, called in _planned(columns):
        held[center][pk] = (name, called, 0)
    for center, pk, name, called, n in _holding(columns):
        held[center][pk] = (name, called, n)
    return defaultdict(
        dict,
        {key: _grouped(clients.items(), by) for key, clients in held.items()},
    )


def _planned(columns: Iterable[str]) -> Any:
    chosen = Client.objects.filter(default_center__center__isnull=False)
    chosen = chosen.exclude(status=Client.Status.FORMER)
    return chosen.values_list("default_center__center", *columns)


def _holding(columns: Iterable[str]) -> Any:
    grants = RoleGrant.objects.filter(
        state__in=RoleGrant.TAKES_ROOM,
        grantee__center__isnull=False,
    )
    of_client = (f"asset__client__{name}" for name in columns)
    rows = grants.order_by().values_list("grantee__center", *of_client)
    return rows.annotate(n=Count("pk"))


def _grouped(clients: Iterable[tuple[Any, Any]], by: str) -> Seated:
    groups: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for pk, (name, called, n) in sorted(clients, key=lambda one: one[1][0] or ""):
        if pk is None:
            called, name = NO_CLIENT
            url = reverse("admin:accounts_rolegrant_changelist") + query(FOUND)
        else:
            url = reverse("admin:accounts_client_change", args=[pk])
        seat = {"name": name, "url": url, "accounts": n}
        groups[called or NO_GROUP[by]].append(seat)
    return dict(groups)
