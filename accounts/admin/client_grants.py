"""The grants on a client's page: all are weighed, the first few are read whole."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import prefetch_related_objects

from accounts import fixes, standing
from accounts.models import Client, RoleGrant
from accounts.rows import MOST_PEOPLE, by_name
from accounts.standing import FOUND, FRESH, OVER, Standing

State = RoleGrant.State

# As many accounts as a page draws; the others are one press away.
MOST_ACCOUNTS = 20
MOST_FOUND = 5
# Who is on an account so does not work there as we asked, nor is about to.
NOBODYS_WORK = (State.FOUND, State.LOST, State.WITHDRAWING, *RoleGrant.ENDED)


class Light(NamedTuple):
    """As much of a grant as says how urgent it is."""

    pk: Any
    via: Any
    state: str
    stands: str | None
    verified_at: dt.datetime | None
    since: dt.datetime
    external_id: str
    name: str


@dataclass(frozen=True)
class ClientGrants:
    """What a page shows: accounts and what was found, the most urgent first."""

    first: list[RoleGrant]
    found: list[RoleGrant]
    people: dict[Any, list[RoleGrant]]  # by the center's grant they hold theirs by
    more_people: dict[Any, int]
    unstaffed: list[str]  # names of what our center works on, and none of ours does
    counts: Counter[str]  # of the centers' grants, by the key of where they stand


def grants_of(client: Any) -> ClientGrants:
    """Return the client's grants, read once a page, in a few queries."""
    if not hasattr(client, "grants_here"):
        client.grants_here = _read(client)
    found: ClientGrants = client.grants_here
    return found


def _read(client: Client) -> ClientGrants:
    weighed = _weighed(client)
    centers = [(one, place) for one, place in weighed if one.via is None]
    found = [one.pk for one, place in centers if place is FOUND][:MOST_FOUND]
    first = [one.pk for one, place in centers if place is not FOUND][:MOST_ACCOUNTS]
    people: defaultdict[Any, list[Any]] = defaultdict(list)
    for one, place in weighed:
        if one.via is not None and place is not OVER:
            people[one.via].append(one.pk)
    staffed = {one.via for one, _ in weighed if one.state not in NOBODYS_WORK}
    unstaffed = [
        one.name or one.external_id
        for one, place in centers
        if place is FRESH and one.pk not in staffed
    ]
    shown = {pk: people[pk][:MOST_PEOPLE] for pk in first}
    whole = _whole(client, [*found, *first, *chain.from_iterable(shown.values())])
    tried = [whole[pk] for pk in first if whole[pk].state in fixes.AFTER_A_CALL]
    prefetch_related_objects(tried, "attempts__connection")
    return ClientGrants(
        [whole[pk] for pk in first],
        [whole[pk] for pk in found],
        {
            pk: sorted(
                (whole[person] for person in some),
                key=lambda one: by_name(one.grantee),
            )
            for pk, some in shown.items()
        },
        {pk: len(people[pk]) - len(some) for pk, some in shown.items()},
        unstaffed,
        Counter(place.key for _, place in centers),
    )


def _weighed(client: Client) -> list[tuple[Light, Standing]]:
    """Return every grant with where it stands, what somebody must see first."""
    fields = (*Light._fields[:-2], "asset__external_id", "asset__name")
    rows = RoleGrant.objects.filter(asset__client=client).order_by()
    rows = rows.exclude(family=RoleGrant.Family.CREATOR)  # its own panel, its own page
    light = map(Light._make, rows.values_list(*fields))
    placed = [(one, standing.place_of(one.stands, one.verified_at)) for one in light]
    return sorted(
        placed,
        key=lambda pair: (
            *(standing.urgency_of(pair[1]), pair[0].since),
            *(pair[0].name, pair[0].pk),
        ),
    )


def _whole(client: Client, keys: list[Any]) -> dict[Any, RoleGrant]:
    along = ("asset__center", "grantee__member", "last_read")
    grants = RoleGrant.objects.select_related(*along).in_bulk(keys)
    for grant in grants.values():
        grant.asset.client = client
    return grants
