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

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.models import RoleGrant
from accounts.models.grants import FRESH_FOR

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn

OURS = frozenset({WaitsOn.ACCOUNT_MANAGER, WaitsOn.CENTER_ADMIN, WaitsOn.ACCESS_OWNER})
THEIRS = frozenset({WaitsOn.CLIENT, WaitsOn.CLIENT_ADMIN})
NOBODYS = frozenset(WaitsOn) - OURS - THEIRS

ACTIVE = frozenset({State.ACTIVE})
TROUBLE = frozenset({State.DRIFTED, State.LOST})
ENDED = frozenset(RoleGrant.ENDED)
# What somebody's turn decides: not held, not in trouble, not to be adopted.
MOVING = frozenset(State) - TROUBLE - {State.ACTIVE, State.FOUND}


@dataclass(frozen=True)
class Standing:
    """One place: these states, while it is one of these people's turn."""

    key: str
    label: str
    states: frozenset[State]
    turns: frozenset[WaitsOn] = frozenset(WaitsOn)
    is_fresh: bool | None = None
    hangs: bool | None = False

    def where(self) -> Q:
        """Find the grants that stand here."""
        if self.hangs is None:
            return self.alone()
        return self.alone() & (_hangs() if self.hangs else ~_hangs())

    def alone(self) -> Q:
        """Find them where none hangs on another, among centers' grants, say."""
        found = Q(state__in=sorted(self.states))
        if self.turns != frozenset(WaitsOn):
            found &= Q(waits_on__in=sorted(self.turns))
        if self.is_fresh is None:
            return found
        since = timezone.now() - FRESH_FOR
        # Whatever is active was read: no need to ask for those that never were.
        return found & (
            Q(verified_at__gte=since) if self.is_fresh else Q(verified_at__lt=since)
        )

    def holds(self, state: str, waits_on: str, *, hangs: bool = False) -> bool:
        return (
            state in self.states
            and waits_on in self.turns
            and self.hangs in (None, hangs)
        )


FRESH = Standing("fresh", "Read back today", ACTIVE, is_fresh=True, hangs=None)
STALE = Standing("stale", "Not checked today", ACTIVE, is_fresh=False, hangs=None)
IN_TROUBLE = Standing("trouble", "Drifted or lost", TROUBLE)
ON_US = Standing("us", "Waits on one of us", MOVING, OURS)
ON_CLIENT = Standing("client", "Waits on a client", MOVING - {State.DRAFT}, THEIRS)
FOUND = Standing("found", "Found, never asked", frozenset({State.FOUND}))
BUSY = Standing(
    "busy", "The portal works on it", MOVING - ENDED - {State.DRAFT}, NOBODYS
)
DRAFT = Standing(
    "draft", "Not begun", frozenset({State.DRAFT}), frozenset(WaitsOn) - OURS
)
OVER = Standing("over", "Over", ENDED, NOBODYS)

HANGING = Standing(
    "hanging", "Hangs on the center's", frozenset(State) - ACTIVE, hangs=True
)

STANDINGS = (
    *(FRESH, STALE, IN_TROUBLE, ON_US, ON_CLIENT),
    *(FOUND, BUSY, HANGING, DRAFT, OVER),
)


def _hangs() -> Q:
    """Find what is held by a center's grant that is not active; they are few."""
    centers = RoleGrant.objects.filter(via__isnull=True)
    return Q(via__in=centers.filter(state__in=sorted(frozenset(State) - ACTIVE)))


def count(grants: QuerySet[RoleGrant]) -> dict[str, int]:
    """Return {key of a standing: how many of these grants stand there}.

    Most are active, so these are counted apart, along the index by state and read;
    of the others each state and turn is told.
    """
    grants = grants.order_by()
    hangs = Case(When(_hangs(), then=Value(True)), default=Value(False))
    active = [
        grants.filter(place.where()).values(
            at=F("state"), turn=Value(""), hung=Value(False), place=Value(place.key)
        )
        for place in (FRESH, STALE)
    ]
    others = grants.filter(state__in=sorted(frozenset(State) - ACTIVE)).values(
        at=F("state"), turn=F("waits_on"), hung=hangs, place=Value("")
    )
    first, *rest = [rows.annotate(total=Count("state")) for rows in (others, *active)]
    counts = dict.fromkeys((place.key for place in STANDINGS), 0)
    for group in first.union(*rest, all=True):
        at = (group["at"], group["turn"], bool(group["hung"]))
        counts[group["place"] or _place(*at).key] += group["total"]
    return counts


def _place(state: str, waits_on: str, hangs: bool) -> Standing:
    return next(one for one in STANDINGS if one.holds(state, waits_on, hangs=hangs))


def place_of(state: str, waits_on: str, verified_at: dt.datetime | None) -> Standing:
    """Return where a grant stands that hangs on no other."""
    if state == State.ACTIVE and verified_at is not None:
        return FRESH if verified_at >= timezone.now() - FRESH_FOR else STALE
    return _place(state, waits_on, False)


def first_of(
    grants: QuerySet[RoleGrant], order: Iterable[tuple[Standing, str]], most: int
) -> QuerySet[RoleGrant]:
    """Return the first `most` grants of each of these places, in one query."""
    first, *others = [
        RoleGrant.objects.filter(
            pk__in=grants.filter(place.where()).order_by(by, "pk")[:most].values("pk")
        ).order_by()
        for place, by in order
    ]
    keys = first.values("pk").union(*(rows.values("pk") for rows in others))
    return RoleGrant.objects.filter(pk__in=keys)


# What somebody has to see first; what is over, last.
URGENCY = (IN_TROUBLE, ON_US, ON_CLIENT, FOUND, STALE, BUSY, FRESH, DRAFT, OVER)
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
    """Pick from grants of which none hangs on another."""
    return [one for one in grants if place.holds(one.state, one.waits_on)]


def query(place: Standing, **more: Any) -> str:
    """Return the query string that filters the grants' list down to this place."""
    pairs = {"stands": place.key, **more}
    return "?" + "&".join(f"{name}={value}" for name, value in pairs.items())
