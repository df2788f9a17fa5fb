"""Prove a grant by reading it back from the agency's side.

Only what our own Business Center lists makes a grant active. The client's side tells
merely whether somebody still has to accept. A read that failed says nothing and
changes nothing but the time of the next one. The lists are read in lists.py.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from accounts.flows import agency, assigning, changing, drift, roster, withdrawing
from accounts.flows.apart import in_turn, put_off
from accounts.flows.grants import move
from accounts.flows.judging import book_unproved
from accounts.flows.lists import Reader
from accounts.flows.reads import ClientsSide, Seen, listed_rows, our_side
from accounts.models import Asset, Grantee, RoleGrant
from accounts.outbound import OutboundError
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn

# What only a read settles.
UNPROVED = (State.UNVERIFIED, State.PENDING, State.WITHDRAWING)

# Seconds before each read, within the task that shared.
WAITS = (0, 3, 10, 30)

CANNOT_VERIFY = (
    "We cannot verify: no key of ours reads {receiver}. An access owner connects it"
    " again."
)


def prove(
    grants: Iterable[RoleGrant], *, by: Actor, waits: Iterable[int] = WAITS
) -> None:
    """Read until every grant is settled or the waits are used up.

    A share that is merely slow looks for a moment as if somebody had to accept it.
    """
    for wait in waits:
        left = [
            grant
            for grant in grants
            if grant.state in UNPROVED and not _is_in_hands(grant)
        ]
        if not left:
            return
        time.sleep(wait)
        read_back(left, by=by, in_person=True)


def _is_in_hands(grant: RoleGrant) -> bool:
    """True while only a person brings it on: no read within the minute tells."""
    is_invited = grant.waits_on == WaitsOn.MEMBER
    return is_invited or withdrawing.is_in_hands(grant)


def read_back(grants: Iterable[RoleGrant], *, by: Actor, in_person: bool) -> None:
    """Read each receiving center's list once per giving center; judge each grant.

    What a person holds by their center's grant is read on the account's own list.
    """
    in_turn(_readings(list(grants), Reader(by, in_person)))


def _readings(grants: list[RoleGrant], reader: Reader) -> Iterator[Callable[[], None]]:
    """Yield what is read: the centers' lists, then the people on their accounts.

    Before all, who sits in the centers: whoever does not is on none of them.
    """
    for center, seats in _by_seats(grants).items():
        yield put_off(seats)(partial(roster.read_back, center, seats, reader))
    ours = [grant for grant in grants if grant.via is None and not grant.is_in_center]
    for (receiver, giver), group in _by_centers(ours).items():
        yield put_off(group)(partial(_read_group, receiver, giver, group, reader))
    for via, people in _by_accounts(grants).items():
        yield put_off(people)(partial(_read_people, via, people, reader))


def _by_centers(
    grants: Iterable[RoleGrant],
) -> dict[tuple[Grantee, str], list[RoleGrant]]:
    groups: defaultdict[tuple[Grantee, str], list[RoleGrant]] = defaultdict(list)
    for grant in grants:
        center = grant.asset.center
        groups[grant.grantee, center.external_id if center else ""].append(grant)
    return groups


def _by_seats(grants: Iterable[RoleGrant]) -> dict[Asset, list[RoleGrant]]:
    groups: defaultdict[Asset, list[RoleGrant]] = defaultdict(list)
    for grant in grants:
        if grant.is_in_center:
            groups[grant.asset].append(grant)
    return groups


def _by_accounts(grants: Iterable[RoleGrant]) -> dict[RoleGrant, list[RoleGrant]]:
    groups: defaultdict[RoleGrant, list[RoleGrant]] = defaultdict(list)
    for grant in grants:
        if grant.via is not None:
            groups[grant.via].append(grant)
    return groups


def _read_group(
    receiver: Grantee, giver: str, grants: list[RoleGrant], reader: Reader
) -> None:
    problem = CANNOT_VERIFY.format(receiver=receiver)
    for key in agency.keys_for(receiver):
        try:
            seen = our_side(reader, key, receiver, giver, grants)
        except OutboundError as error:
            problem = str(error)
            continue
        unlisted = [grant for grant in grants if not seen[grant.pk].is_listed]
        theirs = ClientsSide(reader, unlisted)
        for grant in grants:
            _judge(grant, seen[grant.pk], theirs, by=reader.by)
        return
    for grant in grants:
        _could_not_read(grant, problem, by=reader.by)


def _read_people(via: RoleGrant, people: list[RoleGrant], reader: Reader) -> None:
    """Read who is on the account; nobody is once our center has lost it."""
    theirs = ClientsSide(reader, ())
    if via.state in (*RoleGrant.ENDED, State.LOST):
        for grant in people:
            _judge(grant, Seen(read=via.last_read), theirs, by=reader.by)
        return
    problem = CANNOT_VERIFY.format(receiver=via.grantee)
    for key in agency.keys_for(via.grantee):
        try:
            reading = reader.account_members(key, via.grantee.external_id, via, people)
        except OutboundError as error:
            problem = str(error)
            continue
        seen, missing = listed_rows(reading), Seen(read=reading.read)
        for grant in people:
            found = seen.get(grant.grantee.external_id, missing)
            _judge(grant, found, theirs, by=reader.by)
        return
    for grant in people:
        _could_not_read(grant, problem, by=reader.by)


def _could_not_read(grant: RoleGrant, problem: str, *, by: Actor) -> None:
    """Keep the state; an active grant simply grows old, and then shows it.

    What an earlier read has told (somebody must accept, another role, a person ends
    it) stays said unless no key of ours reads at all: then an access owner has to act
    first.
    """
    if grant.state not in RoleGrant.WORKED:
        return
    reader = grant.via.grantee if grant.via else grant.grantee
    if problem == CANNOT_VERIFY.format(receiver=reader):
        waits_on = WaitsOn.ACCESS_OWNER
    elif grant.state == State.WITHDRAWING and not withdrawing.is_in_hands(grant):
        waits_on = WaitsOn(grant.waits_on)
    elif grant.state in (State.PENDING, State.WITHDRAWING) or grant.observed_native:
        waits_on, problem = WaitsOn(grant.waits_on), grant.problem
    else:
        waits_on = WaitsOn.PLATFORM
    move(
        grant,
        State(grant.state),
        by=by,
        waits_on=waits_on,
        problem=problem,
        check_again=True,
    )


def _judge(grant: RoleGrant, seen: Seen, theirs: ClientsSide, *, by: Actor) -> None:
    grant.refresh_from_db(fields=drift.MOVING)  # keeps the rows it points to
    drift.note(grant, seen)
    if grant.state in drift.STOOD:
        drift.book(grant, seen, by=by)
    elif grant.state == State.WITHDRAWING:
        withdrawing.judge(grant, seen, theirs, by=by)
    elif grant.state not in {*RoleGrant.UNSETTLED, State.MANUAL}:
        return
    elif seen.is_listed and seen.role == grant.asked_role:
        drift.book_as_asked(grant, seen, by=by)
    elif not _goes_on(grant, seen, by=by):
        book_unproved(grant, seen, theirs, by=by)


def _goes_on(grant: RoleGrant, seen: Seen, *, by: Actor) -> bool:
    """True when what is under way took care of a read that does not show it."""
    after = assigning if grant.is_placed else changing
    return after.after_read(grant, seen, by=by)
