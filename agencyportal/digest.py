"""The morning letter: what needs a colleague, whom we wait for, and what ends soon.

It says what the front page says, so both obey the same `visible_to`. A day is claimed
before its letter leaves: whatever kills the worker, nobody gets two.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.flows.apart import in_turn
from accounts.letters import in_full, send_letter
from accounts.models import RoleGrant, User
from accounts.roles import ACCESS_OWNERS, ACCOUNT_MANAGERS
from accounts.rows import MOST_ROWS
from agencyportal.today import today_for
from onboarding.models import AccessRequest
from onboarding.rows import title_of

# A worker that begins later than this sends none: the front page tells it all.
MORNING = range(8, 12)
FRIDAY = 4
ROLES_END_WITHIN = dt.timedelta(days=14)
LINKS_END_WITHIN = dt.timedelta(days=3)

Row = dict[str, Any]


def send_due(now: dt.datetime) -> int:
    """Write to all whose morning it is; return how many letters left."""
    ours = User.objects.filter(
        is_active=True, groups__name__in=(ACCOUNT_MANAGERS, ACCESS_OWNERS)
    ).distinct()
    due = [one for one in ours.order_by("pk") if _is_morning(one, now)]
    return sum(in_turn(partial(send, one, now) for one in due))


def send(colleague: User, now: dt.datetime) -> bool:
    """Write to one colleague, once a day; False if there is nothing to tell.

    Raises LetterRefused: the job shows it, and tomorrow is another day.
    """
    today = now.astimezone(colleague.zone).date()
    mornings = User.objects.filter(pk=colleague.pk).exclude(digest_on=today)
    if not mornings.update(digest_on=today):
        return False
    with timezone.override(colleague.zone):
        told = tell(colleague)
        if told is None:
            return False
        send_letter("digest", to=colleague.email, context=told)
    return True


def tell(colleague: User) -> dict[str, Any] | None:
    """Return what the letter says, every address in full; None if there is nothing."""
    page = today_for(colleague)
    lists = {
        "needs_you": page.get("needs_you", []),
        "waits_on_clients": page.get("waits_on_clients", []),
        "ends_soon": _ends_soon(colleague),
    }
    if not any(lists.values()):
        return None
    return {
        "colleague": colleague,
        "today_sentence": page.get("today_sentence", ""),
        "url": in_full(reverse("admin:index")),
        **{
            name: [{**row, "url": in_full(row["url"])} for row in rows]
            for name, rows in lists.items()
        },
    }


def _is_morning(colleague: User, now: dt.datetime) -> bool:
    """True on a working morning by their own clock, for who is at work."""
    there = now.astimezone(colleague.zone)
    is_new = colleague.digest_on != there.date()
    is_day = there.weekday() <= FRIDAY and there.hour in MORNING
    return is_new and is_day and colleague.is_at_work


def _ends_soon(colleague: User) -> list[Row]:
    rows = [*_roles(colleague), *_links(colleague)]
    return sorted(rows, key=lambda row: row["ends_on"])


def _roles(colleague: User) -> list[Row]:
    today = timezone.localdate()
    ending = (
        RoleGrant.objects.visible_to(colleague)
        .live()
        .filter(ends_on__range=(today, today + ROLES_END_WITHIN))
        .select_related("asset__client", "grantee")
        .order_by("ends_on", "pk")
    )
    return [
        {
            "title": str(grant.asset),
            "of": str(grant.asset.client or "ours"),
            "sentence": f"{grant.get_asked_role_display()} for {grant.grantee} ends.",
            "ends_on": grant.ends_on,
            "url": reverse("admin:accounts_rolegrant_change", args=[grant.pk]),
        }
        for grant in ending[:MOST_ROWS]
    ]


def _links(colleague: User) -> list[Row]:
    now = timezone.now()
    ending = (
        AccessRequest.objects.visible_to(colleague)
        .filter(closed_at__isnull=True, closes_at__range=(now, now + LINKS_END_WITHIN))
        .select_related("client", "contact")
        .prefetch_related("items")
        .order_by("closes_at", "pk")
    )
    return [
        {
            "title": str(asked.client),
            "sentence": f"{_what_ends(asked)} ends: {title_of(asked)}.",
            "ends_on": timezone.localdate(asked.closes_at),
            "url": reverse("admin:onboarding_accessrequest_change", args=[asked.pk]),
        }
        for asked in ending[:MOST_ROWS]
    ]


def _what_ends(asked: AccessRequest) -> str:
    is_by_link = any(item.is_by_link for item in asked.items.all())
    return f"The link of {asked.contact}" if is_by_link else "Our request"
