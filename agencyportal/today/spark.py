"""Spark Ads on the front page: what needs us, and which creators we wait for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    Q,
    QuerySet,
    Window,
)
from django.db.models.functions import RowNumber
from django.urls import reverse

from accounts import post_rows, spark_rows
from accounts.models import PostAuthorization, SparkAuthorization
from accounts.rows import MOST_WAITING
from accounts.spark_rows import TURNS

PostState = PostAuthorization.State

STUCK = Q(state__in=(PostState.WAITING, PostState.WITHDRAWING)) & ~Q(problem="")

Row = dict[str, Any]


@dataclass(frozen=True)
class SparkLists:
    """The rows of each turn, and how many there are in all."""

    on_us: list[Row] = field(default_factory=list)
    on_creator: list[Row] = field(default_factory=list)
    needs: int = 0
    waits: int = 0

    @classmethod
    def of(cls, user: Any) -> SparkLists:
        if not user.has_perm("accounts.view_sparkauthorization"):
            return cls()
        theirs, codes = _accounts(user), list[Any](_codes(user))
        on_us = [one for one in theirs if one.is_ours]
        on_creator = [one for one in theirs if not one.is_ours]
        return cls(
            [*map(_authorization, on_us), *map(_code, codes)],
            [_waiting(one) for one in on_creator],
            sum(rows[0].total for rows in (on_us, codes) if rows),
            sum(rows[0].total for rows in (on_creator,) if rows),
        )

    @property
    def more_on_us(self) -> list[dict[str, str]]:
        return self._more(self.on_us, self.needs, "us")

    @property
    def more_on_creator(self) -> list[dict[str, str]]:
        return self._more(self.on_creator, self.waits, "creator")

    def _more(self, rows: list[Row], total: int, turn: str) -> list[dict[str, str]]:
        """Return the way to the rest, where there is more than was shown."""
        if total <= len(rows):
            return []
        url = reverse("admin:accounts_sparkauthorization_changelist")
        return [{"label": f"All {total}: Spark Ads", "url": f"{url}?turn={turn}"}]


def _accounts(user: Any) -> list[Any]:
    """Return the longest waits of both turns, each with the total of its turn."""
    seen = SparkAuthorization.objects.visible_to(user).filter(
        TURNS["us"] | TURNS["creator"]
    )
    counted = spark_rows.for_rows(seen).annotate(
        is_ours=ExpressionWrapper(TURNS["us"], BooleanField()),
        place=Window(RowNumber(), partition_by="is_ours", order_by="since"),
        total=Window(Count("pk"), partition_by="is_ours"),
    )
    return list(counted.filter(place__lte=MOST_WAITING).order_by("since", "pk"))


def _codes(user: Any) -> QuerySet[Any]:
    """Those that end before their campaign, and those somebody has to see to."""
    seen = post_rows.for_rows(PostAuthorization.objects.visible_to(user))
    short = post_rows.too_short(seen)
    needing = seen.filter(Q(pk__in=short.values("pk")) | STUCK)
    counted = needing.annotate(total=Window(Count("pk")))
    return counted.order_by("ends_at", "pk")[:MOST_WAITING]


def _authorization(one: Any) -> Row:
    url = spark_rows.page_of(one)
    return {
        "title": f"{one.creator.shown} for {one.client}",
        "sentence": one.problem,
        "url": url,
        "pill": spark_rows.pill_of(one),
        "since": one.since,
        "act": {"label": "See what is missing", "url": url},
    }


def _code(post: Any) -> Row:
    url = post_rows.page_of(post)
    turn = post_rows.turn_of(post)
    ends = post_rows.beside_campaign(post)
    who = f"{turn.who}: {turn.act}" if turn.who else ""
    said = [part for part in (ends, post.problem or who) if part]
    return {
        "title": str(post),
        "of": post.authorization.creator.shown,
        "sentence": ". ".join(said) + ("" if post.problem else "."),
        "url": url,
        "pill": post_rows.pill_of(post),
        "act": {"label": "See the code", "url": url},
    }


def _waiting(one: Any) -> Row:
    url = spark_rows.page_of(one)
    return {
        "title": one.creator.shown,
        "of": str(one.client),
        "sentence": f"To allow the use of posts for {one.campaign}.",
        "url": url,
        "pill": spark_rows.pill_of(one),
        "since": one.since,
        "act": {"label": "See the link", "url": url},
    }
