"""How full our Business Centers are, against the dated limits."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import Asset, BusinessCenter, PlatformLimit, RoleGrant
from accounts.models.limits import ACCOUNTS_PER_CENTER, CENTERS_PER_LOGIN
from accounts.platforms.told import is_old

# From this share on a meter is amber: TikTok takes days to raise a limit.
NEARLY_FULL = 80


def meter(
    label: str, taken: int, most: int, checked_on: dt.date, *, url: str = ""
) -> dict[str, Any]:
    """Return a bar of what is taken; amber from 80 % or by an old figure, red if full.

    The page adds what to do about it as `note`.
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
    }


def our_centers() -> QuerySet[Any]:
    """Return our centers, each with `taken`, how many ad accounts it holds."""
    takes_room = Q(
        as_grantee__grants__state__in=RoleGrant.TAKES_ROOM,
        as_grantee__grants__family=RoleGrant.Family.AD_ACCOUNT,
    )
    taken = Count("as_grantee__grants", filter=takes_room)
    ours: QuerySet[Any] = BusinessCenter.objects.filter(owner=Asset.Owner.AGENCY)
    return ours.annotate(taken=taken).order_by("name")


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
