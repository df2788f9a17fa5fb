"""What only an access owner decides, beside requests: changed roles, lost factors."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.urls import reverse

from accounts.flows import changing
from accounts.models import FactorReset, GrantChange, RoleGrant
from accounts.roles import is_access_owner, manages_people
from accounts.rows import question_of

DRAFT = RoleGrant.State.DRAFT

PILL = {"tone": "wait", "icon": "pending-admin", "word": "Owner must approve"}
SECOND_PERSON = {"tone": "wait", "icon": "lock", "word": "Second person must agree"}


def waiting(user: Any) -> list[dict[str, Any]]:
    return [*_changes(user), *_resets(user)]


def drafted_for(decided: list[dict[str, Any]]) -> list[Any]:
    """Return the keys of what was drafted for a question: the question's row tells."""
    return [key for row in decided for key in row.get("drafts", ())]


def _changes(user: Any) -> list[dict[str, Any]]:
    """Return one row an approval: several grants may wait for the same yes."""
    if not is_access_owner(user):
        return []
    along = ("grant__asset", "grant__grantee__member", "asked_by")
    waiting = changing.waiting_for(user).select_related(*along)
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
        "title": f"{question_of(first)[1]}{more}",
        "sentence": f"{first.asked_by} asks: {first.reason}",
        "url": url,
        "pill": PILL,
        "since": first.asked_at,
        "drafts": [one.grant_id for one in together if one.grant.state == DRAFT],
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
