"""Grants on the front page: in trouble, on one of us, on a client, found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.text import Truncator

from accounts import standing
from accounts.ladder import pill_of
from accounts.models import Assignment, RoleGrant
from accounts.rows import MOST_WAITING, grant_sentence
from accounts.standing import FOUND, IN_TROUBLE, ON_CLIENT, ON_US, Standing

# What is news stands first; what waits, longest wait first.
ORDER = ((IN_TROUBLE, "-since"), (ON_US, "since"), (ON_CLIENT, "since"))
ACTS = {
    RoleGrant.State.DRIFTED: "See the fix",
    RoleGrant.State.LOST: "See what changed",
    RoleGrant.State.MANUAL: "Continue",
    RoleGrant.State.DECLINED: "Ask again",
}
LONGEST_SENTENCE = 160

Row = dict[str, Any]


@dataclass(frozen=True)
class GrantLists:
    in_trouble: list[Row]
    on_us: list[Row]
    on_client: list[Row]
    found: list[Row]

    @classmethod
    def of(cls, grants: Any, counts: dict[str, int]) -> GrantLists:
        """Return the first rows of each place, all read in one query."""
        read = _for_rows(standing.first_of(grants, ORDER, MOST_WAITING))
        first = sorted(read, key=lambda grant: grant.since)
        in_trouble = standing.stands_at(IN_TROUBLE, reversed(first))
        return cls(
            [_row(grant) for grant in in_trouble],
            [_row(grant) for grant in standing.stands_at(ON_US, first)],
            [_row(grant) for grant in standing.stands_at(ON_CLIENT, first)],
            _found(counts[FOUND.key]),
        )

    def more(self, counts: dict[str, int], *places: Standing) -> list[dict[str, str]]:
        """Return the way to the rest of each place that has more than was shown."""
        return [
            {"label": f"All {counts[place.key]}: {place.label}", "url": desk(place)}
            for place in places
            if counts[place.key] > MOST_WAITING
        ]


def desk(place: Standing) -> str:
    return reverse("admin:accounts_rolegrant_changelist") + standing.query(place)


def _for_rows(grants: QuerySet[RoleGrant]) -> QuerySet[RoleGrant]:
    """Fetch along what a row says, and no more: this page is opened most."""
    serving = Assignment.objects.select_related("user")
    return grants.select_related("asset__client", "grantee").prefetch_related(
        Prefetch("asset__client__assignments", serving)
    )


def _row(grant: RoleGrant) -> Row:
    sentence = grant.problem or f"{grant_sentence(grant)}."
    url = reverse("admin:accounts_rolegrant_change", args=[grant.pk])
    return {
        "title": f"{grant.grantee} in {grant.asset}"
        if grant.is_in_center
        else str(grant.asset),
        "of": str(grant.asset.client or "ours"),
        "sentence": Truncator(sentence).chars(LONGEST_SENTENCE),
        "url": url,
        "pill": pill_of(grant),
        "since": grant.since,
        "act": {"label": ACTS.get(RoleGrant.State(grant.state), "Open it"), "url": url},
    }


def _found(count: int) -> list[Row]:
    """Return one row for all that was found: they are adopted many at a time."""
    if not count:
        return []
    return [
        {
            "title": f"{count} {'grant' if count == 1 else 'grants'} nobody asked for",
            "sentence": "Read in our centers. Adopt what we use, take back the rest.",
            "url": desk(FOUND),
            "pill": {"tone": "wait", "icon": "finding", "word": FOUND.label},
            "act": {"label": "See them", "url": desk(FOUND)},
        }
    ]
