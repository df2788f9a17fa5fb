"""What a clean read says of a grant that stood: as asked, drifted, missing, lost.

The platform pushes nothing: whether access still stands is found by reading. One read
that misses a grant ends its green; it is lost when a second one, within the hour,
misses it too. What is listed again stands again, however long it was lost.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.flows import approvals
from accounts.flows.grants import move, role_label
from accounts.flows.reads import Seen
from accounts.models import Asset, Grantee, GrantRead, RoleGrant
from accounts.platforms.roles import Role
from accounts.trail import Actor
from accounts.zones import house_clock

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn

# States of a grant that a read has shown before.
STOOD = (*RoleGrant.HELD, State.LOST)
# What somebody still works on: here a sync may only bring the good news.
AWAITED = (State.DRAFT, *RoleGrant.UNSETTLED, State.MANUAL)
# The second read of what was missed comes within the hour.
SECOND_LOOK = dt.timedelta(minutes=15)

# What another process may have changed of a grant since it was loaded.
MOVING = (
    "asked_role",
    "asked_at",
    "approval",
    "ends_on",
    "state",
    "waits_on",
    "problem",
    "observed_role",
    "observed_native",
    "accepted_at",
    "verified_at",
    "missed_at",
    "last_read",
    "since",
    "due_on",
    "next_check_at",
)

DRIFTED = (
    "{holder} holds {observed}{told}; we asked for {asked}. Ask for the role again, or"
    " for this one instead."
)
NOT_APPROVED = (
    "{holder} holds {observed}{told}, and no access owner has said yes to that. An"
    " access owner approves what is asked, asks for less, or takes it back."
)
DAY_IS_OVER = (
    "{holder} holds {observed}{told} beyond its last day, {ends_on:%-d %B %Y}. An"
    " access owner asks for it with a new day, asks for less, or takes it back."
)
MISSED = "Not listed for {holder} at {first}. The portal reads again."
LOST = (
    "Not listed for {holder} at {first} and at {second}: gone in two reads. Ask {whom}"
    " whether it was taken back; a new request gives it again."
)
ELSEWHERE = (
    "Business Center {giver} lists it now; the books know it from {center}, which does"
    " not. An access owner finds out whose it is."
)
FOUND = (
    "{holder} holds {observed}{told}; nobody asked for it here. Adopt it or take it"
    " back."
)


class News(StrEnum):
    """What a read has brought."""

    NONE = ""
    BACK = "read back"
    DRIFTED = "drifted"
    MISSED = "missed"
    LOST = "lost"
    FOUND = "found"
    GONE = "gone"


def book(grant: RoleGrant, seen: Seen, *, by: Actor) -> News:
    """Book what the read says of a grant that stood, unless it moved meanwhile.

    What the center lists without a role is neither held as anything nor gone: such a
    read changes nothing.
    """
    with transaction.atomic():
        refresh(grant)
        if grant.state not in STOOD or is_older(seen, grant):
            return News.NONE
        if seen.status == "BOUND" and not seen.is_listed:
            return News.NONE
        note(grant, seen)
        if seen.is_listed:
            return book_listed(grant, seen, by=by)
        return book_missing(grant, seen, by=by)


def book_as_asked(grant: RoleGrant, seen: Seen, *, by: Actor) -> News:
    """Book a grant on its way up that a read shows as asked, unless it moved meanwhile.

    A read that shows anything else of it changes nothing here.
    """
    with transaction.atomic():
        refresh(grant)
        if grant.state not in AWAITED or is_older(seen, grant):
            return News.NONE
        if seen.role != grant.asked_role:
            return News.NONE
        note(grant, seen)
        return book_listed(grant, seen, by=by)


def book_elsewhere(grant: RoleGrant, seen: Seen, giver: Asset, *, by: Actor) -> News:
    """Another center lists it than the one the books know it from: that is no proof.

    It is news where that one's own list no longer proves it either.
    """
    with transaction.atomic():
        refresh(grant)
        problem = ELSEWHERE.format(giver=giver.external_id, center=_known_from(grant))
        is_stale = grant.state == State.ACTIVE and not grant.is_fresh
        if is_older(seen, grant) or not (is_stale or grant.state == State.LOST):
            return News.NONE
        if grant.problem == problem:
            return News.NONE
        note(grant, seen)
        state = State.DRIFTED if is_stale else State.LOST
        move(grant, state, by=by, waits_on=WaitsOn.ACCESS_OWNER, problem=problem)
        return News.DRIFTED


def refresh(grant: RoleGrant) -> None:
    """Learn what others have changed; the row stays ours until the transaction ends."""
    rows = RoleGrant.objects.select_for_update()
    grant.refresh_from_db(fields=MOVING, from_queryset=rows)


def is_older(seen: Seen, grant: RoleGrant) -> bool:
    """True for a reading begun before the grant moved: it does not know of that."""
    return seen.read is not None and seen.read.read_at < grant.since


def note(grant: RoleGrant, seen: Seen) -> None:
    """Keep with the evidence what it says of this grant."""
    if seen.read is None:
        return
    GrantRead.objects.get_or_create(
        read=seen.read, grant=grant, defaults={"found": seen.native}
    )
    grant.last_read = seen.read
    RoleGrant.objects.filter(pk=grant.pk).update(last_read=seen.read)


def book_listed(grant: RoleGrant, seen: Seen, *, by: Actor) -> News:
    """It is held: as asked, as something else, or without anybody having asked.

    Admin and finance are as asked only while another's yes covers them.
    """
    before = (grant.state, grant.observed_role, grant.observed_native)
    was_missed = grant.missed_at is not None
    observed: dict[str, Any] = {
        "observed_role": seen.role or Role.UNKNOWN,
        "observed_native": seen.native,
        "accepted_at": grant.accepted_at or timezone.now(),
        "missed_at": None,
    }
    if grant.state == State.FOUND:
        state, news = State.FOUND, News.NONE
        step: dict[str, Any] = {
            "problem": words(FOUND, grant, seen),
            "waits_on": grant.waits_on,
        }
        observed["verified_at"] = timezone.now()
    elif seen.role == grant.asked_role and approvals.is_backed(grant):
        state, news, step = State.ACTIVE, News.BACK, {}
        observed["verified_at"] = timezone.now()
    else:
        state, news = State.DRIFTED, News.DRIFTED
        step = _trouble(grant, seen)
    move(grant, state, by=by, **step, **observed)
    if was_missed:
        _of_people(grant).filter(state=State.UNVERIFIED).update(
            next_check_at=timezone.now()
        )
    after = (grant.state, grant.observed_role, grant.observed_native)
    return news if before != after else News.NONE


def _trouble(grant: RoleGrant, seen: Seen) -> dict[str, Any]:
    """Say what is wrong with a role that is held, and who decides."""
    if seen.role != grant.asked_role:
        told = words(DRIFTED, grant, seen)
        return {"problem": told, "waits_on": _who_settles(grant)}
    is_yes = grant.approval is not None and grant.approval.decision == "approved"
    told = words(DAY_IS_OVER if is_yes else NOT_APPROVED, grant, seen)
    return {"problem": told, "waits_on": WaitsOn.ACCESS_OWNER}


def book_missing(grant: RoleGrant, seen: Seen, *, by: Actor) -> News:
    """A clean read does not show it: the first such read, or the second."""
    if grant.state == State.LOST:
        return News.NONE
    if grant.missed_at is None:
        _miss(grant, seen, by=by)
        return News.MISSED
    read_at = _moment(seen)
    if grant.next_check_at is not None and grant.next_check_at > read_at:
        return News.NONE  # in such haste it would be the same read twice
    return _lose(grant, read_at, by=by)


def words(sentence: str, grant: RoleGrant, seen: Seen) -> str:
    return sentence.format(
        holder=grant.grantee,
        observed=role_label(seen.role if seen.role and seen.role.rank else ""),
        told=f" ({seen.native})" if seen.native else "",
        asked=role_label(grant.asked_role),
        ends_on=grant.ends_on,
    )


def _known_from(grant: RoleGrant) -> str:
    return str(grant.asset.center or "no center")


def _miss(grant: RoleGrant, seen: Seen, *, by: Actor, look_again: bool = True) -> None:
    """Green no longer, nor are our people on it; what nobody asked for stays found."""
    missed_at = _moment(seen)
    is_found = grant.state == State.FOUND
    move(
        grant,
        State.FOUND if is_found else State.UNVERIFIED,
        by=by,
        waits_on=grant.waits_on if is_found else WaitsOn.PLATFORM,
        problem=MISSED.format(holder=grant.grantee, first=house_clock(missed_at)),
        check_at=missed_at + SECOND_LOOK if look_again else None,
        missed_at=missed_at,
    )
    for person in _of_people(grant).filter(state__in=(State.ACTIVE, State.DRIFTED)):
        _miss(person, seen, by=by, look_again=False)  # the center's tells of theirs


def _lose(grant: RoleGrant, read_at: dt.datetime, *, by: Actor) -> News:
    """Gone in two reads, and with it what our people held by it."""
    first = grant.missed_at or read_at
    people = list(_of_people(grant).filter(state__in=(*RoleGrant.HELD, "unverified")))
    if grant.state == State.FOUND:
        move(grant, State.WITHDRAWN, by=by, missed_at=first)
    else:
        move(
            grant,
            State.LOST,
            by=by,
            waits_on=_who_settles(grant),
            problem=LOST.format(
                holder=grant.grantee,
                first=house_clock(first),
                second=house_clock(read_at),
                whom=_whom_to_ask(grant),
            ),
            missed_at=first,
        )
    for person in people:
        _lose(person, read_at, by=by)
    return News.GONE if grant.state == State.WITHDRAWN else News.LOST


def _who_settles(grant: RoleGrant) -> WaitsOn:
    """Return who sees to a role that is not as asked: seats are no client's."""
    owner = grant.is_in_center
    return WaitsOn.ACCESS_OWNER if owner else WaitsOn.ACCOUNT_MANAGER


def _whom_to_ask(grant: RoleGrant) -> str:
    if grant.grantee.kind == Grantee.Kind.PERSON:
        return "our Business Center admin"
    return str(grant.asset.client or "its owner")


def _of_people(grant: RoleGrant) -> QuerySet[RoleGrant]:
    """Return what persons hold by this grant of their center's."""
    rows: QuerySet[RoleGrant] = grant.under.select_related("asset__client", "grantee")
    return rows


def _moment(seen: Seen) -> dt.datetime:
    return seen.read.read_at if seen.read else timezone.now()
