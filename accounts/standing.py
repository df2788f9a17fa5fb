"""Where grants stand, as lists are filtered and pages count.

Every grant stands in exactly one of these places. A number and the list behind it ask
the same place, so they cannot disagree. What a person holds by their center's grant
hangs on it while that is not active: one account in trouble counts once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.models import RoleGrant
from accounts.models.base import FRESH_FOR

# It hangs on no other, or on one that is held.
ALONE = Q(via__isnull=True) | Q(via__stands__isnull=True)


@dataclass(frozen=True)
class Standing:
    """One place: as the database says of the row, or as the clock does of one held."""

    key: str
    label: str
    is_fresh: bool | None = None

    def where(self) -> Q:
        """Find the grants that stand here."""
        if self is HANGING:
            return Q(stands__isnull=False) & ~ALONE
        return self.alone() if self.is_held else self.alone() & ALONE

    def alone(self) -> Q:
        """Find them where none hangs on another, among centers' grants, say."""
        if not self.is_held:
            return Q(stands=self.key)
        since = timezone.now() - FRESH_FOR
        read = Q(verified_at__gte=since) if self.is_fresh else Q(verified_at__lt=since)
        return Q(state=RoleGrant.State.ACTIVE) & read

    @property
    def is_held(self) -> bool:
        return self.is_fresh is not None


FRESH = Standing("fresh", "Read back today", is_fresh=True)
STALE = Standing("stale", "Not checked today", is_fresh=False)
IN_TROUBLE = Standing("trouble", "Drifted or lost")
MISSED = Standing("missed", "Not listed, read again soon")
ON_US = Standing("us", "Waits on one of us")
ON_CLIENT = Standing("client", "Waits on a client")
FOUND = Standing("found", "Found, never asked")
BUSY = Standing("busy", "The portal works on it")
DRAFT = Standing("draft", "Not begun")
OVER = Standing("over", "Over")
HANGING = Standing("hanging", "Hangs on the center's")

STANDINGS = (
    *(FRESH, STALE, IN_TROUBLE, MISSED, ON_US, ON_CLIENT),
    *(FOUND, BUSY, HANGING, DRAFT, OVER),
)

# Not a place but what several have in common: it counts against a center's limit.
ROOM = "room"
# Nor a place: whoever looks, as the holder by whom the list is narrowed.
MYSELF = "me"


def count(grants: QuerySet[RoleGrant]) -> dict[str, int]:
    """Return {key of a standing: how many of these grants stand there}, in one query.

    Most are held, so these are counted apart, along the index by state and read. So are
    the others: their place is worked out anew, for SQLite fetches the whole row to tell
    a column it generates.
    """
    grants = grants.order_by()
    above = RoleGrant.objects.filter(via__isnull=True, stands__isnull=False)
    hangs = When(via__in=above, then=Value(HANGING.key))
    stands: Any = RoleGrant._meta.get_field("stands")
    others = grants.exclude(state=RoleGrant.State.ACTIVE).values(
        place=Case(hangs, default=stands.expression)
    )
    held = (
        grants.filter(place.where()).values(place=Value(place.key))
        for place in (FRESH, STALE)
    )
    first, *rest = (rows.annotate(total=Count("state")) for rows in (others, *held))
    found = first.union(*rest, all=True).values_list("place", "total")
    return dict.fromkeys((place.key for place in STANDINGS), 0) | dict(found)


def place_of(stands: str | None, verified_at: dt.datetime | None) -> Standing:
    """Return where a grant stands that hangs on no other."""
    if stands is None:
        is_fresh = verified_at and verified_at >= timezone.now() - FRESH_FOR
        return FRESH if is_fresh else STALE
    return next(place for place in STANDINGS if place.key == stands)


def first_of(
    grants: QuerySet[RoleGrant], order: Iterable[tuple[Standing, str]], most: int
) -> QuerySet[RoleGrant]:
    """Return the first `most` grants of each of these places, in one query."""
    keys = (
        grants.filter(place.where()).order_by(by, "pk")[:most].values("pk")
        for place, by in order
    )
    first, *others = (RoleGrant.objects.filter(pk__in=some).order_by() for some in keys)
    together = first.values("pk").union(*(some.values("pk") for some in others))
    return RoleGrant.objects.filter(pk__in=together)


# What somebody has to see first; what is over, last.
URGENCY = (
    *(IN_TROUBLE, ON_US, ON_CLIENT, MISSED, FOUND),
    *(STALE, BUSY, FRESH, DRAFT, OVER),
)
RANKS = {place.key: rank for rank, place in enumerate(URGENCY)}


def urgency_of(place: Standing) -> int:
    return RANKS[place.key]


def by_urgency(grants: QuerySet[RoleGrant]) -> QuerySet[RoleGrant]:
    """Order centers' grants, or one center's people, so that a page may stop early."""
    ranks = (When(place.alone(), then=Value(n)) for n, place in enumerate(URGENCY))
    urgency = Case(*ranks, default=Value(len(URGENCY)), output_field=IntegerField())
    return grants.annotate(urgency=urgency).order_by(
        "urgency", "since", "asset__name", "pk"
    )


def stands_at(place: Standing, grants: Iterable[RoleGrant]) -> list[RoleGrant]:
    """Pick from grants of which none hangs on another, as they were read."""
    return [one for one in grants if one.stands == place.key]


def query(place: Standing) -> str:
    """Return the query string that filters the grants' list down to this place."""
    return f"?stands={place.key}"
