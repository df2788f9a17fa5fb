"""Who may be put on what: the center's role, the person's seat, what is under way.

Every refusal is a sentence; nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Prefetch

from accounts.flows import seats
from accounts.flows.approvals import is_high
from accounts.flows.changing import AWAITS_A_YES
from accounts.flows.grants import role_label
from accounts.flows.practices import why_left
from accounts.models import GrantChange, Grantee, RoleGrant
from accounts.platforms.roles import Role

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn

NOT_HELD = "{center} does not hold {asset} now: {state}. Nobody is put on it."
FOUND = "Nobody asked for {asset} yet. Adopt it first."
UNKNOWN_ROLE = (
    "{center} holds {asset} as {native}, which is no role we know. Nothing can be"
    " compared with it."
)
ABOVE = (
    "{center} holds {held} on {asset}, so nobody in it gets {role} there. Choose"
    " {held}, or ask for more of the account first."
)
NO_SEAT = "{person} has no seat in {center} that a read has shown. Invite them first."
TWICE = "{person} is named twice on {asset}. Once is enough."
IS_LEAVING = "{person} is being taken off {asset}. Wait until a read shows it."
IS_COMING = "{person} is being put on {asset} as {role}. A read comes first."


class Kind(StrEnum):
    """What becomes of one person on one account."""

    NEW = "new"
    OTHER = "other"  # another role than today's
    STAYS = "stays"  # as asked already, or on the way there
    REFUSED = "refused"


@dataclass(frozen=True)
class Place:
    """One person on one account, by our center's grant, at one role."""

    via: RoleGrant
    person: Grantee
    role: Role


@dataclass(frozen=True)
class Weighed:
    """A place and what becomes of it; `no` says in a sentence why it may not be."""

    place: Place
    kind: Kind
    grant: RoleGrant | None = None
    no: str = ""
    needs_seat: bool = False

    @property
    def waits(self) -> bool:
        """True when another access owner has to say yes first."""
        is_news = self.kind in (Kind.NEW, Kind.OTHER)
        return is_news and is_high(self.place.role)


def why_closed(via: RoleGrant) -> str:
    """Return in a sentence why nobody can be put on this account; "" if they can."""
    words = {"center": via.grantee, "asset": via.asset}
    if via.state == State.FOUND:
        return FOUND.format(**words)
    if via.state not in (State.ACTIVE, State.DRIFTED):
        return NOT_HELD.format(**words, state=via.get_state_display().lower())
    if not _held(via).rank:
        return UNKNOWN_ROLE.format(**words, native=via.observed_native or "nothing")
    return ""


def why_above(via: RoleGrant, role: Role) -> str:
    """Return in a sentence why this role is more than our center holds; "" if not."""
    held = _held(via)
    if role.rank <= held.rank:
        return ""
    words = {"center": via.grantee, "asset": via.asset}
    return ABOVE.format(**words, held=held.label, role=role.label)


def why_not_here(center: Grantee, person: Grantee, seated: set[Any]) -> str:
    """Return in a sentence why this person cannot work in this center; "" if so.

    `seated` are the keys of the people who have a seat there.
    """
    if no := why_left(person.member):
        return no
    if person.pk not in seated:
        return NO_SEAT.format(person=person.member or person, center=center)
    return ""


def weigh(places: Sequence[Place]) -> list[Weighed]:
    """Say of each place what becomes of it, in a few queries however many there are."""
    seated: dict[Any, set[Any]] = {}
    for place in places:
        center = place.via.grantee
        if center.pk not in seated:
            people = seats.seated(center.center) if center.center else ()
            seated[center.pk] = {person.pk for person in people}
    grants = _live_grants(places)
    named: set[tuple[Any, Any]] = set()
    weighed = []
    for place in places:
        key = (place.via.asset_id, place.person.pk)
        grant = grants.get(key)
        one = _weigh_one(place, grant, seated[place.via.grantee_id])
        if key in named:
            words = {"person": place.person, "asset": place.via.asset}
            one = Weighed(place, Kind.REFUSED, no=TWICE.format(**words))
        named.add(key)
        weighed.append(one)
    return weighed


def _held(via: RoleGrant) -> Role:
    """Return the role a read last showed our center to hold."""
    known = via.observed_role in set(Role)
    return Role(via.observed_role) if known else Role.UNKNOWN


def _weigh_one(place: Place, grant: RoleGrant | None, seated: set[Any]) -> Weighed:
    via, person = place.via, place.person
    if no := why_not_here(via.grantee, person, seated):
        needs_seat = person.pk not in seated
        return Weighed(place, Kind.REFUSED, grant, no, needs_seat=needs_seat)
    if no := why_closed(via) or why_above(via, place.role) or _why_busy(place, grant):
        return Weighed(place, Kind.REFUSED, grant, no)
    if grant is None:
        return Weighed(place, Kind.NEW)
    is_so = grant.state == State.ACTIVE and grant.observed_role == place.role
    if is_so or _is_on_its_way(grant, place.role):
        return Weighed(place, Kind.STAYS, grant)
    return Weighed(place, Kind.OTHER if grant.is_held else Kind.NEW, grant)


def _is_on_its_way(grant: RoleGrant, role: str) -> bool:
    """True while the portal goes on with exactly this by itself."""
    under_way = grant.state in (State.REQUESTING, State.UNVERIFIED)
    by_hand = grant.waits_on == WaitsOn.ACCOUNT_MANAGER
    return under_way and not by_hand and grant.asked_role == role


def _why_busy(place: Place, grant: RoleGrant | None) -> str:
    """Return in a sentence why what is under way comes first; "" if nothing is."""
    if grant is None:
        return ""
    words = {"person": place.person, "asset": place.via.asset}
    for waiting in grant.waiting:  # type: ignore[attr-defined]
        return AWAITS_A_YES.format(role=waiting.get_role_display())
    if grant.state == State.WITHDRAWING:
        return IS_LEAVING.format(**words)
    is_other = grant.asked_role != place.role
    if is_other and _is_on_its_way(grant, grant.asked_role):
        return IS_COMING.format(**words, role=role_label(grant.asked_role))
    return ""


def _live_grants(places: Iterable[Place]) -> dict[tuple[Any, Any], RoleGrant]:
    live = RoleGrant.objects.live().filter(
        family=RoleGrant.Family.AD_ACCOUNT,
        asset__in={place.via.asset_id for place in places},
        grantee__in={place.person.pk for place in places},
    )
    asked = GrantChange.objects.waiting()
    along = live.select_related("asset__client", "grantee", "via").prefetch_related(
        Prefetch("changes", asked, to_attr="waiting")
    )
    return {(one.asset_id, one.grantee_id): one for one in along}
