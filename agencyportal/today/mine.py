"""A media buyer's front page: which accounts they may use, at which role."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.ladder import pill_of, read_at, role_of
from accounts.models import RoleGrant
from accounts.standing import FOUND, MYSELF, OVER, by_urgency

MOST_ACCOUNTS = 20
DESK = "admin:accounts_rolegrant_changelist"


def my_accounts(grants: QuerySet[RoleGrant], user: Any) -> dict[str, Any]:
    """Return what this colleague may use, and what of their clients' they may not yet.

    `grants` are those they see; the first of both by urgency, and the way to all.
    """
    on_it = RoleGrant.objects.of_person(user)
    theirs = grants.filter(
        via__isnull=True, family=RoleGrant.Family.AD_ACCOUNT
    ).exclude(asset__in=on_it.values("asset"))
    return {
        "rows": _first(on_it),
        "others": _first(theirs.exclude(stands__in=[FOUND.key, OVER.key])),
        "url": f"{reverse(DESK)}?holder={MYSELF}",
        "others_url": reverse(DESK),
    }


def _first(grants: QuerySet[RoleGrant]) -> list[dict[str, Any]]:
    along = ("asset__client", "grantee", "last_read", "via__grantee")
    return [
        _row(grant)
        for grant in by_urgency(grants.select_related(*along))[:MOST_ACCOUNTS]
    ]


def _no_clients(grant: RoleGrant) -> str:
    is_creators = grant.family == RoleGrant.Family.CREATOR
    return "A creator's account" if is_creators else "Ours"


def _row(grant: RoleGrant) -> dict[str, Any]:
    center = grant.via.grantee if grant.via else grant.grantee
    return {
        "name": str(grant.asset),
        "client": str(grant.asset.client or _no_clients(grant)),
        "external_id": grant.asset.external_id,
        "url": reverse("admin:accounts_rolegrant_change", args=[grant.pk]),
        "role": role_of(grant) or "No role yet",
        "holder": str(center),
        "since": grant.accepted_at or grant.asked_at,
        "read_at": read_at(grant),
        "pill": pill_of(grant),
    }
