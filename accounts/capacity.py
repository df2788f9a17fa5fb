"""How full our Business Centers are, against the dated limits: counted here alone."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from accounts.models import BusinessCenter, PlatformLimit, RoleGrant
from accounts.models.limits import ACCOUNTS_PER_CENTER, CENTERS_PER_LOGIN
from accounts.platforms.registry import platform
from accounts.platforms.told import is_old
from accounts.zones import day_word

# From this share on a meter is amber: a platform takes days to raise a limit.
NEARLY_FULL = 80
FULL = "Full. Ask {platform} to raise the limit, or give new clients another center."
NEARLY = "{left:,} left. Ask {platform} to raise the limit, or plan another center."
OLD = "The limit was checked {day}: look it up again."


def meter(
    label: str, taken: int, most: int, checked_on: dt.date, *, url: str = ""
) -> dict[str, Any]:
    """Return a bar of what is taken; amber from 80 % or by an old figure, red if full.

    Its `note` says when the figure is old; the page adds what to do about the rest.
    """
    percent = min(100, round(100 * taken / most)) if most else 100
    is_full, is_nearly = taken >= most, percent >= NEARLY_FULL
    return {
        "label": label,
        "words": f"{taken:,} of {most:,}",
        "url": url,
        "percent": percent,
        "left": most - taken,
        "tone": "bad" if is_full else "wait" if is_nearly or is_old(checked_on) else "",
        "note": OLD.format(day=day_word(checked_on)) if is_old(checked_on) else "",
    }


def with_room(centers: QuerySet[Any]) -> QuerySet[Any]:
    """Read along what `room_of` weighs: the accounts a center holds, and its limit."""
    held = RoleGrant.objects.filter(
        state__in=RoleGrant.TAKES_ROOM, grantee__center=OuterRef("pk")
    )
    taken = held.order_by().values("grantee__center").annotate(n=Count("state"))
    limits = PlatformLimit.objects.filter(
        platform=OuterRef("platform"), subject=ACCOUNTS_PER_CENTER, is_used=True
    )
    return centers.annotate(
        taken=Coalesce(Subquery(taken.values("n")), 0),
        most=Subquery(limits.values("value")[:1]),
        checked_on=Subquery(limits.values("checked_on")[:1]),
    )


def room_of(center: Any, label: str, *, url: str = "") -> dict[str, Any] | None:
    """Return the meter of a center read `with_room`; None where no limit is known."""
    if not center.most:
        return None
    bar = meter(label, center.taken, center.most, center.checked_on, url=url)
    words = {"platform": platform(center.platform).label, "left": bar["left"]}
    if bar["left"] <= 0:
        bar["note"] = FULL.format(**words)
    elif bar["percent"] >= NEARLY_FULL:
        bar["note"] = NEARLY.format(**words)
    return bar


def our_centers() -> QuerySet[Any]:
    """Return our centers by name, each with what `room_of` weighs."""
    ours = BusinessCenter.objects.filter(owner=BusinessCenter.Owner.AGENCY)
    return with_room(ours).order_by("name")


def centers_by_address() -> Counter[tuple[str, str]]:
    """Count the centers of every platform and owning e-mail, whatever its case."""
    owned = (
        BusinessCenter.objects.exclude(owning_email="")
        .order_by()
        .values_list("platform", Lower("owning_email"))
        .annotate(n=Count("pk"))
    )
    return Counter({(platform, email): n for platform, email, n in owned})


def limits() -> dict[tuple[str, str], list[PlatformLimit]]:
    """Return what every source says of the two limits, the one in use first."""
    told: dict[tuple[str, str], list[PlatformLimit]] = {}
    both = (ACCOUNTS_PER_CENTER, CENTERS_PER_LOGIN)
    for limit in PlatformLimit.objects.filter(subject__in=both).order_by("-is_used"):
        told.setdefault((limit.platform, limit.subject), []).append(limit)
    return told
