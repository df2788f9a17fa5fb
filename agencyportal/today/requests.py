"""Open requests on the front page: to hand out, to decide, with the client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Subquery, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone

from accounts.roles import is_access_owner
from accounts.rows import MOST_WAITING
from onboarding import rows, turns
from onboarding.models import AccessLink, AccessRequest, LinkSession, RequestItem

# What is done on a request's own page, and the button that leads there.
DONE_THERE = {
    turns.TALK: "See whom to call",
    turns.ACCEPT: "See the steps",
}
WAITING = (turns.US, turns.OWNER, *DONE_THERE, turns.CLIENT)

Row = dict[str, Any]


@dataclass(frozen=True)
class RequestLists:
    to_hand_out: list[Row]
    for_owner: list[Row]
    done_there: list[Row]
    on_client: list[Row]
    totals: dict[str, int]

    @classmethod
    def of(cls, user: Any) -> RequestLists:
        """Return the longest waits of each turn and how many there are in all."""
        waiting = _by_turn(user)
        of_turn: dict[str, list[Any]] = {turn: [] for turn in WAITING}
        for one in waiting:
            of_turn[one.turn].append(one)
        may_hand_out = user.has_perm("onboarding.change_accessrequest")
        hand_out = "onboarding_hand_out" if may_hand_out else ""
        remind = "onboarding_remind" if may_hand_out else ""
        return cls(
            [_row(one, turns.US, "Hand it out", hand_out) for one in of_turn[turns.US]],
            [
                _row(one, turns.OWNER, "See and decide", "onboarding_decide")
                for one in of_turn[turns.OWNER]
            ],
            [_row(one, turn, "", "") for turn in DONE_THERE for one in of_turn[turn]],
            [
                _row(one, turns.CLIENT, "Remind", "" if one.has_started else remind)
                for one in of_turn[turns.CLIENT]
            ],
            {turn: rows[0].total if rows else 0 for turn, rows in of_turn.items()},
        )

    @property
    def needs(self) -> int:
        """How many wait for somebody here, of those this colleague can move."""
        ours = (turns.US, turns.OWNER, *DONE_THERE)
        return sum(self.totals[turn] for turn in ours)

    def more(self, *wanted: str) -> list[dict[str, str]]:
        return [
            {
                "label": f"All {self.totals[turn]}: {turns.TURNS[turn]}",
                "url": desk(turn),
            }
            for turn in wanted
            if self.totals[turn] > MOST_WAITING
        ]


def desk(turn: str) -> str:
    return reverse("admin:onboarding_accessrequest_changelist") + f"?turn={turn}"


def _by_turn(user: Any) -> list[Any]:
    """Return the longest waits of each turn, each with the total of its turn.

    Whole, with all that their rows say, and in one query.
    """
    if not user.has_perm("onboarding.view_accessrequest"):
        return []
    asked = AccessRequest.objects.visible_to(user).filter(
        closed_at__isnull=True, closes_at__gt=timezone.now()
    )
    seen = [turn for turn in WAITING if turn != turns.OWNER or is_access_owner(user)]
    visits = LinkSession.objects.filter(link__request=OuterRef("pk"))
    begun = AccessLink.objects.filter(request=OuterRef("pk"), started_at__isnull=False)
    items = RequestItem.objects.filter(request=OuterRef("pk"))
    in_order = F("asked_at").asc(), F("pk").asc()
    told: Any = turns.with_turn(asked)
    counted = told.filter(turn__in=seen).annotate(
        place=Window(RowNumber(), partition_by="turn", order_by=in_order),
        total=Window(Count("pk"), partition_by="turn"),
        stopped=Subquery(visits.order_by("-started_at").values("problem")[:1]),
        has_started=Exists(begun),
        reason=Subquery(items.values("reason")[:1]),
    )
    first: Any = counted.filter(place__lte=MOST_WAITING).order_by("asked_at", "pk")
    return list(first.select_related("client", "contact", "asked_by"))


def _row(asked: Any, turn: str, label: str, door: str) -> Row:
    """Return the request with its act, where this colleague may take it."""
    page = reverse("admin:onboarding_accessrequest_change", args=[asked.pk])
    row = {
        "title": str(asked.client),
        "sentence": rows.where_it_is(asked, turn),
        "url": page,
        "pill": rows.PILLS[turn],
        "since": asked.asked_at,
    }
    if turn in DONE_THERE:
        row["act"] = {"label": DONE_THERE[turn], "url": page}
    elif door:
        row["act"] = {"label": label, "url": reverse(f"admin:{door}", args=[asked.pk])}
    return row
