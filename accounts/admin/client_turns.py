"""Whose turn an account is on its client's page: ours, the client's, the portal's.

An account is everybody's turn in one place only: its center's share first, then our
people on it. Nobody has to act where both are read back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.ladder import who_acts
from accounts.models import RoleGrant
from accounts.standing import FRESH, OVER, Standing, place_of

WaitsOn = RoleGrant.WaitsOn

OURS, CLIENTS, PORTALS, NOBODYS, PAST = range(5)


@dataclass(frozen=True)
class Turn:
    """`rank` orders the turns of a page: ours first, what is over last."""

    rank: int
    heading: str


def turn_of(grant: RoleGrant, people: Sequence[RoleGrant], user: Any) -> Turn:
    """Return whose turn an account is; `people` are ours on it, as they were read."""
    place = _place(grant)
    if place is OVER:
        return Turn(PAST, _("Over"))
    if place is not FRESH:
        return _of_one(grant, user)
    troubled = next((one for one in people if _place(one) is not FRESH), None)
    if troubled is not None:
        return _of_one(troubled, user)
    if not people:
        return _acts(OURS, WaitsOn.ACCOUNT_MANAGER, grant, user)
    return Turn(NOBODYS, _("Works: nobody has to act"))


def in_turns(
    turns: Iterable[tuple[Turn, dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Return rows grouped by turn; the first row of each group has its heading."""
    ordered = sorted(turns, key=lambda pair: (pair[0].rank, pair[0].heading))
    shown: set[Turn] = set()
    rows = []
    for turn, row in ordered:
        rows.append({**row, "heading": "" if turn in shown else turn.heading})
        shown.add(turn)
    return rows


def _place(grant: RoleGrant) -> Standing:
    return place_of(grant.stands, grant.verified_at)


def _of_one(grant: RoleGrant, user: Any) -> Turn:
    if grant.waits_on in ("", WaitsOn.PORTAL, WaitsOn.PLATFORM):
        return Turn(PORTALS, _("The portal acts next"))
    is_clients = grant.waits_on in (WaitsOn.CLIENT, WaitsOn.CLIENT_ADMIN)
    return _acts(CLIENTS if is_clients else OURS, grant.waits_on, grant, user)


def _acts(rank: int, waits_on: str, grant: RoleGrant, user: Any) -> Turn:
    manager = grant.asset.client.acts if grant.asset.client else None
    if waits_on != WaitsOn.ACCOUNT_MANAGER:
        who = who_acts(grant)
    elif manager == user:
        return Turn(rank, _("You act next"))
    else:
        who = str(manager or _("The account manager"))
    return Turn(rank, _("%(who)s acts next") % {"who": who})
