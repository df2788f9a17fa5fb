"""Spark Ads on the front page: what needs us, and which creators we wait for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber
from django.urls import reverse
from django.utils import timezone

from accounts import post_rows, spark_rows
from accounts.models import PostAuthorization, SparkAuthorization
from accounts.rows import MOST_WAITING
from accounts.spark_rows import TURNS
from accounts.zones import day_word

EARLY = {"tone": "bad", "icon": "expired", "word": "Ends too early"}
STUCK = {"tone": "wait", "icon": "manual", "word": "Look at it"}

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
        found = _in_turn(user)
        ours = [one for one in found if one.is_ours]
        theirs = [one for one in found if not one.is_ours]
        return cls(
            [_ours(one, user) for one in ours],
            [_waiting(one) for one in theirs],
            ours[0].total if ours else 0,
            theirs[0].total if theirs else 0,
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


def _in_turn(user: Any) -> list[Any]:
    """Return the longest waits of both turns, each with the total of its turn.

    One query, codes and all: this page is opened most.
    """
    posts = post_rows.for_rows(
        PostAuthorization.objects.filter(authorization=OuterRef("pk"))
    )
    needing = posts.filter(post_rows.ON_US)
    seen = SparkAuthorization.objects.visible_to(user).select_related(
        "client", "creator", "connection"
    )
    told = seen.annotate(
        codes=_counted(needing),
        codes_since=Subquery(needing.order_by("since").values("since")[:1]),
        early=_counted(post_rows.too_short(posts)),
    ).filter(TURNS["us"] | TURNS["creator"] | Q(codes__gt=0))
    ours = ExpressionWrapper(TURNS["us"] | Q(codes__gt=0), BooleanField())
    in_order = F("since").asc(), F("pk").asc()
    counted: QuerySet[Any] = told.annotate(is_ours=ours).annotate(
        place=Window(RowNumber(), partition_by="is_ours", order_by=in_order),
        total=Window(Count("pk"), partition_by="is_ours"),
    )
    return list(counted.filter(place__lte=MOST_WAITING).order_by("since", "pk"))


def _counted(posts: QuerySet[Any]) -> Coalesce:
    per_account = posts.order_by().values("authorization").annotate(n=Count("pk"))
    return Coalesce(Subquery(per_account.values("n")), 0)


def _ours(one: Any, user: Any) -> Row:
    """Say what is ours to do; nobody waits for who was given nothing to answer with."""
    if one.codes and one.waits_on == SparkAuthorization.WaitsOn.US:
        return _of_both(one)
    if one.codes:
        return _of_codes(one)
    if one.state == SparkAuthorization.State.WAITING and not one.problem:
        return _to_hand_out(one, user)
    return _of_account(one)


def _to_hand_out(one: Any, user: Any) -> Row:
    last_day = day_word(timezone.localdate(one.closes_at))
    row = {
        **_titled(one, "See what is asked"),
        "sentence": f"{one.creator.shown} has no link. The wait ends on {last_day}.",
        "pill": spark_rows.pill_of(one),
    }
    if user.has_perm("onboarding.change_sparklink"):
        url = reverse("admin:onboarding_spark_hand_out", args=[one.pk])
        row["act"] = {"label": "Hand out the link", "url": url}
    return row


def _of_account(one: Any) -> Row:
    return {
        **_titled(one, "See what is missing"),
        "sentence": one.problem,
        "pill": spark_rows.pill_of(one),
    }


def _of_both(one: Any) -> Row:
    """Tell what is wrong with the account and with its codes: one hides no other."""
    account, codes = _of_account(one), _of_codes(one)
    told = (account["sentence"], codes["sentence"])
    return {
        **account,
        "sentence": " ".join(filter(None, told)),
        "pill": codes["pill"] if codes["pill"]["tone"] == "bad" else account["pill"],
    }


def _of_codes(one: Any) -> Row:
    """Say how many codes end too early; where none does, how many wait for us."""
    n = one.early or one.codes
    what, verb = ("A code", "s") if n == 1 else (f"{n} codes", "")
    early = f"end{verb} before {one.campaign} does"
    return {
        **_titled(one, "See the codes"),
        "since": one.codes_since,
        "sentence": f"{what} {early if one.early else f'wait{verb} for us'}.",
        "pill": EARLY if one.early else STUCK,
    }


def _waiting(one: Any) -> Row:
    return {
        **_titled(one, "See how it stands"),
        "sentence": f"To allow the use of posts for {one.campaign}.",
        "pill": spark_rows.pill_of(one),
    }


def _titled(one: Any, act: str) -> Row:
    url = spark_rows.page_of(one)
    return {
        "title": one.creator.shown,
        "of": str(one.client),
        "url": url,
        "since": one.since,
        "act": {"label": act, "url": url},
    }
