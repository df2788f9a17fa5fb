"""What a center's member list says of the seats and finance roles in it.

One list tells everything of a center. Only somebody it shows as bound holds a seat;
an invitation is none yet. A standing we do not know says nothing, either way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.flows import (
    agency,
    comparing,
    drift,
    found,
    key_seats,
    seat_judging,
    steps,
)
from accounts.flows.comparing import Tally
from accounts.flows.drift import News
from accounts.flows.grants import await_read, move, role_label, tell
from accounts.flows.holders import of_rows
from accounts.flows.lists import Reader, Reading
from accounts.flows.reads import Seen
from accounts.models import Asset, Grantee, RoleGrant
from accounts.outbound import OutboundError
from accounts.platforms.roles import Role
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Family = RoleGrant.Family

# As a platform tells where a person stands with a center.
SITS, INVITED, GONE = "BOUND", "PENDING", ("REJECTED", "UNBOUND")

NO_KEY = (
    "We cannot verify: no key of ours reads {center}. An access owner connects it"
    " again."
)
MUST_ACCEPT = "Invited as {role}. {holder} accepts by the letter the platform sent."
NOBODY_ASKED = "{holder} is invited as {native}; nobody asked for it here."
DECLINED = "{holder} declined the invitation. Ask them why, then invite them again."

Told = dict[str, dict[str, Seen]]


def take_in(
    center: Asset, reading: Reading, *, by: Actor, is_dry: bool = False
) -> Tally:
    """Book what the list says of every seat in the center; return the news."""
    with _rolled_back(is_dry):
        holders = of_rows(center, reading, by=by)
        told = _told(holders, reading)
        people = {holder.external_id: holder for _, holder in holders}
        tally = Tally()
        for family in RoleGrant.IN_CENTER:
            tally += _compare(center, family, told[family], people, reading, by=by)
        key_seats.follow(center, told[Family.SEAT], by=by)
    return tally


def read_back(center: Asset, grants: Sequence[RoleGrant], reader: Reader) -> None:
    """Read the center's list and judge these grants by it."""
    problem, keys = NO_KEY.format(center=center), agency.keys_for(center.as_grantee)
    for key in keys:
        try:
            reading = reader.members(key, center.external_id)
        except OutboundError as error:
            problem = str(error)
            continue
        told = _told(of_rows(center, reading, by=reader.by), reading)
        missing = Seen(read=reading.read)
        for grant in grants:
            grant.refresh_from_db(fields=["grantee"])  # who was invited may have an id
            seen = told[grant.family].get(grant.grantee.external_id, missing)
            judge(grant, seen, by=reader.by)
        key_seats.follow(center, told[Family.SEAT], by=reader.by)
        return
    for grant in grants:
        _could_not_read(grant, problem, has_key=bool(keys), by=reader.by)


def judge(grant: RoleGrant, seen: Seen, *, by: Actor) -> None:
    """Book what a clean read of the list says of one seat or finance role."""
    grant.refresh_from_db(fields=drift.MOVING)
    drift.note(grant, seen)
    if grant.state in drift.STOOD:
        drift.book(grant, seen, by=by)
    elif grant.state == State.WITHDRAWING:
        seat_judging.judge_removal(grant, seen, by=by)
    elif grant.state in (*RoleGrant.UNSETTLED, State.MANUAL):
        _judge_wanted(grant, seen, by=by)


def _judge_wanted(grant: RoleGrant, seen: Seen, *, by: Actor) -> None:
    if not grant.asked_role:
        _book_uninvited(grant, seen, by=by)
    elif seen.role == grant.asked_role:
        drift.book_as_asked(grant, seen, by=by)
    elif steps.has_stood(grant):
        _book_again(grant, seen, by=by)
    elif seen.is_listed:
        seat_judging.judge_another_role(grant, seen, by=by)
    elif seen.status == INVITED:
        move(
            grant,
            State.PENDING,
            by=by,
            waits_on=WaitsOn.MEMBER,
            problem=MUST_ACCEPT.format(
                role=role_label(grant.asked_role), holder=grant.grantee
            ),
            check_again=True,
        )
    elif seen.status in GONE:
        move(
            grant, State.DECLINED, by=by, problem=DECLINED.format(holder=grant.grantee)
        )
    elif grant.state != State.REQUESTING:
        seat_judging.judge_unlisted(grant, by=by)


def _book_again(grant: RoleGrant, seen: Seen, *, by: Actor) -> None:
    if seen.is_listed:
        drift.book_listed(grant, seen, by=by)
    elif seen.status == SITS:
        await_read(grant, by=by, problem=grant.problem)
    else:
        drift.book_missing(grant, seen, by=by)


def _book_uninvited(grant: RoleGrant, seen: Seen, *, by: Actor) -> None:
    """An invitation nobody asked for here: accepted it is found, else it is over."""
    if seen.is_listed:
        move(
            grant,
            State.FOUND,
            by=by,
            waits_on=WaitsOn.ACCESS_OWNER,
            problem=drift.words(drift.FOUND, grant, seen),
            observed_role=seen.role or Role.UNKNOWN,
            observed_native=seen.native,
            accepted_at=timezone.now(),
            verified_at=timezone.now(),
        )
    elif seen.status in GONE:
        move(grant, State.DECLINED, by=by)
    elif seen.status not in (INVITED, SITS):
        move(grant, State.WITHDRAWN, by=by)


def _told(holders: Sequence[tuple[Any, Grantee]], reading: Reading) -> Told:
    """Return by family and holder what the list says."""
    told: Told = {Family.SEAT: {}, Family.FINANCE: {}}
    for row, holder in holders:
        sits = row.relation_status == SITS
        status = row.relation_status if _is_known(row.relation_status) else SITS
        seat = row.seat if sits and row.user_role else None
        told[Family.SEAT][holder.external_id] = Seen(
            seat, row.user_role, status, reading.read
        )
        if row.finance_role or not _is_known(row.relation_status):
            finance = row.finance if sits else None
            told[Family.FINANCE][holder.external_id] = Seen(
                finance, row.finance_role, status, reading.read
            )
    return told


def _is_known(status: str) -> bool:
    return status in (SITS, INVITED, *GONE)


def _compare(
    center: Asset,
    family: str,
    seen: Mapping[str, Seen],
    people: Mapping[str, Grantee],
    reading: Reading,
    *,
    by: Actor,
) -> Tally:
    live = RoleGrant.objects.live().filter(asset=center, family=family)
    along = ("asset__client", "asset__center", "grantee", "approval")
    grants = list(live.select_related(*along))
    tally = comparing.compare(grants, seen, reading, elsewhere=dict, by=by)
    uninvited = [
        one for one in grants if (one.state, one.asked_role) == (State.PENDING, "")
    ]
    for grant in uninvited:
        said = seen.get(grant.grantee.external_id, Seen(read=reading.read))
        judge(grant, said, by=by)
    known = {grant.grantee.external_id for grant in grants}
    new = [(people[key], one) for key, one in seen.items() if key not in known]
    return tally + comparing.in_batches(
        new, lambda one: _book_new(center, family, *one, by=by), is_dry=False
    )


def _book_new(
    center: Asset, family: str, holder: Grantee, seen: Seen, *, by: Actor
) -> News:
    if seen.is_listed:
        held = found.seat(center, holder, seen, family=family, by=by)
        return News.NONE if held is None else News.FOUND
    if seen.status != INVITED or family != Family.SEAT:
        return News.NONE
    grant, made = RoleGrant.objects.live().get_or_create(
        asset=center,
        grantee=holder,
        family=family,
        defaults={
            "state": State.PENDING,
            "source": RoleGrant.Source.FOUND,
            "waits_on": WaitsOn.MEMBER,
            "problem": NOBODY_ASKED.format(holder=holder, native=seen.native)[:300],
        },
    )
    if not made:
        return News.NONE
    drift.note(grant, seen)
    tell(grant, "grant.pending", by, problem=grant.problem)
    return News.FOUND


def _could_not_read(
    grant: RoleGrant, problem: str, *, has_key: bool, by: Actor
) -> None:
    """Keep the state; what an earlier read has told stays said while a key reads."""
    if grant.state not in RoleGrant.WORKED:
        return
    is_news = not has_key or grant.state == State.UNVERIFIED
    move(
        grant,
        State(grant.state),
        by=by,
        waits_on=grant.waits_on if has_key else WaitsOn.ACCESS_OWNER,
        problem=problem if is_news else grant.problem,
        check_again=True,
    )


@contextmanager
def _rolled_back(is_dry: bool) -> Iterator[None]:
    """Leave nothing behind of a dry run."""
    if not is_dry:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
