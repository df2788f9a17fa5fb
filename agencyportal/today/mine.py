"""A media buyer's front page: which accounts they may use, at which role."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.ladder import pill_of, read_at, role_of
from accounts.models import RoleGrant
from accounts.standing import FOUND, OVER, by_urgency

MOST_ACCOUNTS = 20
DESK = "admin:accounts_rolegrant_changelist"


def my_accounts(grants: QuerySet[RoleGrant]) -> dict[str, Any]:
    """Return the first accounts by urgency, and the way to all of them."""
    centers = grants.filter(via__isnull=True).select_related(
        "asset__client", "grantee", "last_read"
    )
    first = by_urgency(centers.exclude(stands__in=[FOUND.key, OVER.key]))
    return {
        "rows": [_row(grant) for grant in first[:MOST_ACCOUNTS]],
        "url": reverse(DESK),
    }


def _row(grant: RoleGrant) -> dict[str, Any]:
    return {
        "name": str(grant.asset),
        "client": str(grant.asset.client or "Ours"),
        "external_id": grant.asset.external_id,
        "url": reverse("admin:accounts_rolegrant_change", args=[grant.pk]),
        "role": role_of(grant) or "No role yet",
        "holder": str(grant.grantee),
        "since": grant.accepted_at or grant.asked_at,
        "read_at": read_at(grant),
        "pill": pill_of(grant),
    }
