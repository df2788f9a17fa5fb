"""What only an access owner decides, beside requests: changed roles, lost factors."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.urls import reverse

from accounts.flows import changing
from accounts.models import FactorReset, GrantChange
from accounts.roles import is_access_owner, manages_people

PILL = {"tone": "wait", "icon": "pending-admin", "word": "Owner must approve"}
SECOND_PERSON = {"tone": "wait", "icon": "lock", "word": "Second person must agree"}


def waiting(user: Any) -> list[dict[str, Any]]:
    return [*_changes(user), *_resets(user)]


def _changes(user: Any) -> list[dict[str, Any]]:
    """Return one row an approval: several grants may wait for the same yes."""
    if not is_access_owner(user):
        return []
    waiting = changing.waiting_for(user).select_related("grant__asset", "asked_by")
    changes = waiting.order_by("approval", "asked_at")
    return [
        _change(list(together), user)
        for _, together in groupby(changes, key=lambda change: change.approval_id)
    ]


def _change(together: list[GrantChange], user: Any) -> dict[str, Any]:
    first, *others = together
    url = reverse("admin:accounts_decide", args=[first.approval_id])
    is_mine = first.asked_by_id == user.pk
    more = f" and {len(others)} more" if others else ""
    return {
        "title": f"{first.get_role_display()} on {first.grant.asset}{more}",
        "sentence": f"{first.asked_by} asks: {first.reason}",
        "url": url,
        "pill": PILL,
        "since": first.asked_at,
        "act": {"label": "See it" if is_mine else "See and decide", "url": url},
    }


def _resets(user: Any) -> list[dict[str, Any]]:
    if not manages_people(user):
        return []
    resets = FactorReset.objects.filter(closed_at__isnull=True)
    resets = resets.exclude(user=user).exclude(approval__asked_by=user)
    return [
        {
            "title": f"Second factor of {reset.user}",
            "sentence": f"{reset.approval.asked_by} asks to take it off:"
            f" {reset.reason}",
            "url": reverse("admin:accounts_user_change", args=[reset.user_id]),
            "pill": SECOND_PERSON,
            "since": reset.asked_at,
            "act": {
                "label": "See and decide",
                "url": reverse("admin:accounts_user_reset_do", args=[reset.user_id]),
            },
        }
        for reset in resets.select_related("user", "approval__asked_by")
    ]
