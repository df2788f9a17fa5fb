"""Compare what one list says with what the books say; book what is new of it.

Most of a list says what the last one said. Such grants are marked as read, all in one
update: evidence for each would drown the books. Only news gets evidence of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.flows import approvals, drift
from accounts.flows.drift import News
from accounts.flows.lists import Reading, listed_as
from accounts.flows.reads import Seen
from accounts.models import RoleGrant
from accounts.trail import Actor

State = RoleGrant.State
Item = TypeVar("Item")
Tally = Counter[str]

# What a worker dies of costs one batch, and nobody waits long for the books.
BATCH = 50

READ_BACK = "as listed"


def compare(
    grants: Sequence[RoleGrant],
    seen: Mapping[str, Seen],
    reading: Reading,
    *,
    elsewhere: Callable[[], Mapping[str, Seen]],
    by: Actor,
    is_dry: bool = False,
) -> Tally:
    """Book what a list says of these grants; `seen` is that list, by id.

    `elsewhere` gives what another list says of those that this one does not show; it
    is called only if there are any.
    """
    tally = Tally()
    told = {grant.pk: seen.get(listed_as(grant)) for grant in grants}
    if any(told[one.pk] is None and one.state in RoleGrant.HELD for one in grants):
        others = elsewhere()
        for one in grants:
            told[one.pk] = told[one.pk] or others.get(listed_as(one))
    missing = Seen(read=reading.read)
    quiet = [one for one in grants if _is_quiet(one, told[one.pk])]
    news = [one for one in grants if _is_news(one, told[one.pk])]
    tally[READ_BACK] = sum(_is_listed(told[one.pk]) for one in (*quiet, *news))
    if not is_dry:
        _mark(quiet, reading)
    tally += in_batches(
        news, lambda one: _book(one, told[one.pk] or missing, by=by), is_dry=is_dry
    )
    return tally


def in_batches(
    items: Iterable[Item], book: Callable[[Item], News], *, is_dry: bool
) -> Tally:
    """Book items, each batch whole or not at all; a dry run leaves nothing behind."""
    rows, tally = list(items), Tally()
    for start in range(0, len(rows), BATCH):
        with transaction.atomic():
            tally.update(book(one) for one in rows[start : start + BATCH])
            if is_dry:
                transaction.set_rollback(True)
    del tally[News.NONE]
    return tally


def _is_listed(told: Seen | None) -> bool:
    return told is not None and told.is_listed


def _is_quiet(grant: RoleGrant, told: Seen | None) -> bool:
    """True when the books say already what the list says."""
    if told is None:
        return grant.state == State.LOST
    said = (grant.observed_role, grant.observed_native, grant.missed_at)
    if grant.state not in RoleGrant.HELD or said != (told.role, told.native, None):
        return False
    if grant.state == State.FOUND:
        return True
    is_as_asked = grant.observed_role == grant.asked_role
    return (grant.state == State.ACTIVE) == (is_as_asked and approvals.is_backed(grant))


def _is_news(grant: RoleGrant, told: Seen | None) -> bool:
    if grant.state in drift.STOOD:
        return not _is_quiet(grant, told)
    is_as_asked = told is not None and told.role == grant.asked_role
    return grant.state in drift.AWAITED and is_as_asked


def _mark(quiet: Sequence[RoleGrant], reading: Reading) -> None:
    """Mark as read what stands as it stood, unless it moved while we read."""
    still = RoleGrant.objects.filter(
        pk__in=[one.pk for one in quiet], since__lte=reading.read.read_at
    )
    if not quiet:
        return
    now = timezone.now()
    with transaction.atomic():
        still.filter(state__in=drift.STOOD).update(last_read=reading.read)
        still.filter(state=State.ACTIVE, observed_role=F("asked_role")).update(
            verified_at=now
        )
        still.filter(state=State.FOUND).update(verified_at=now)


def _book(grant: RoleGrant, seen: Seen, *, by: Actor) -> News:
    if grant.state in drift.STOOD:
        return drift.book(grant, seen, by=by)
    if grant.lease_until and grant.lease_until > timezone.now():
        return News.NONE  # what a worker holds this minute is left to it
    return drift.book_as_asked(grant, seen, by=by)
