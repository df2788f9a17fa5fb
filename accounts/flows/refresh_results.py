"""What came of renewing keys: a new pair, an end, or another try later.

Only the platform's own word that it renews this key no more ends one; no outage, no
error of ours, no lost answer does. Whoever writes about an older pair writes nothing.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, close_old_connections, transaction
from django.utils import timezone

from accounts.flows.refresh_claims import Claim
from accounts.flows.refresh_pace import Heard, Pace
from accounts.models import Connection
from accounts.outbound import OutboundError
from accounts.trail import Actor, record_all
from accounts.vault import Secret, vault

log = logging.getLogger(__name__)

# Renewed at a random point of the life that the platform told.
EARLIEST, LATEST = 0.60, 0.75
# A platform that told none: facts 3.2 has a day; an hour is safe and asks little more.
UNTOLD = dt.timedelta(hours=1)
A_DAY = dt.timedelta(days=1)
SHORTEST = dt.timedelta(minutes=5)
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(seconds=30), dt.timedelta(minutes=30)
TERMINAL = ("dead_refresh", "dead_token")
# What is wrong with the platform or our app, whichever key is asked about.
OUTAGES = ("outage", "configuration")
# The columns of a key that a renewal changes.
WRITTEN = [
    *("version", "state", "scopes", "access_until", "expires_at", "refreshed_at"),
    *("refresh_due_at", "lease_until", "tries"),
    *("problem", "last_problem", "problem_at", "told_at", "end_told"),
]
DIED = "The platform renews this key no more. {label} opens a fresh link and consents."


@dataclass(frozen=True)
class Answer:
    """What one call brought: a pair or an error. `asked_at`: just before it left."""

    claim: Claim
    asked_at: dt.datetime
    pair: Any = None
    error: OutboundError | None = None

    @property
    def connection(self) -> Connection:
        return self.claim.connection

    @property
    def rotated(self) -> Secret | None:
        """The refresh token that replaces ours, if another came."""
        came: Secret | None = self.pair.refresh_token
        return None if came is None or came == self.claim.secret else came

    @property
    def is_dead(self) -> bool:
        return self.error is not None and self.error.kind in TERMINAL

    @property
    def is_word(self) -> bool:
        """True when the platform said yes or no: it works."""
        return self.error is None or self.is_dead

    @property
    def is_lost(self) -> bool:
        """True when it left and no answer came: nobody knows what it did.

        An answer that says "fault" is one: asked again it does no more harm.
        """
        error = self.error
        if error is None or error.kind != "outage":
            return False
        return error.outcome_unknown and not error.code


def due_after(asked_at: dt.datetime, seconds: int | None) -> dt.datetime:
    """Return when to renew what lives so long; no two keys in step."""
    life = dt.timedelta(seconds=seconds) if seconds else UNTOLD
    share = random.uniform(EARLIEST, LATEST)  # noqa: S311
    return asked_at + max(life * share, SHORTEST)


def settle(answers: Sequence[Answer], *, by: Actor) -> None:
    """Write down what came, all of it in one transaction.

    A key that got another pair meanwhile, or was ended, is left alone. If the database
    fails it is tried once more: a pair that came is nowhere else yet.
    """
    if not answers:
        return
    try:
        _settle(answers, by=by)
    except DatabaseError:
        log.exception("The database failed; what came is written once more.")
        close_old_connections()
        _settle(answers, by=by)


def _settle(answers: Sequence[Answer], *, by: Actor) -> None:
    with transaction.atomic():
        rows = _unchanged(answers)
        mine = [one for one in answers if one.connection.pk in rows]
        _take_in(rows, [one for one in mine if one.error is None], by=by)
        _bury(rows, [one for one in mine if one.is_dead], by=by)
        failed = [one for one in mine if one.error and not one.is_dead]
        _put_off(rows, [one for one in failed if not one.is_lost], by=by)
        Connection.objects.bulk_create(
            rows.values(),
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=WRITTEN,
        )
        _tell_pace(answers)


def flag_dead(connection: Connection, problem: str) -> bool:
    """Mark this key as one that a person must mend; False if it changed meanwhile."""
    mine = Connection.objects.live().filter(
        pk=connection.pk, version=connection.version
    )
    return bool(mine.update(**_dead(problem)))


def _unchanged(answers: Sequence[Answer]) -> dict[Any, Connection]:
    """Lock the keys that still are as they were when they were claimed."""
    claimed = {one.connection.pk: one.connection.version for one in answers}
    rows = Connection.objects.live().filter(pk__in=list(claimed))
    locked = rows.select_for_update().order_by("pk")
    return {row.pk: row for row in locked if row.version == claimed[row.pk]}


def _take_in(
    rows: Mapping[Any, Connection], answers: Sequence[Answer], *, by: Actor
) -> None:
    """Save each new pair, and that it came, before anybody can use it."""
    brief: dict[str, Secret] = {}
    lasting: dict[str, Secret] = {}
    for one in answers:
        row = rows[one.connection.pk]
        brief[row.vault_ref] = one.pair.access_token
        if one.rotated is not None:
            lasting[row.refresh_ref] = one.rotated
        _renew(row, one)
    if brief:
        vault().set_many(brief, by=by, short_lived=True)
    if lasting:
        vault().set_many(lasting, by=by)
    _tell("connection.refreshed", answers, by=by)


def _renew(row: Connection, one: Answer) -> None:
    pair, now = one.pair, timezone.now()
    row.version += 1
    row.access_until = _after(one.asked_at, pair.expires_in)
    ends_at = _after(one.asked_at, pair.refresh_expires_in)
    if ends_at is not None:  # not told: as it was told before
        if row.expires_at is None or ends_at > row.expires_at + A_DAY:
            row.end_told = None  # it ends later than colleagues were told
        row.expires_at = ends_at
    row.scopes = list(pair.scopes) or row.scopes
    row.refresh_due_at = due_after(one.asked_at, pair.expires_in)
    row.refreshed_at, row.lease_until, row.tries = now, None, 0
    row.problem, row.told_at = "", None


def _bury(
    rows: Mapping[Any, Connection], answers: Sequence[Answer], *, by: Actor
) -> None:
    """Flag keys that the platform ended."""
    for one in answers:
        row = rows[one.connection.pk]
        _set(row, tries=0, **_dead(DIED.format(label=row)))
    _tell("connection.died", answers, by=by)


def _dead(problem: str) -> dict[str, Any]:
    return {
        "state": Connection.State.NEEDS_REAUTHORIZATION,
        "refresh_due_at": None,
        "lease_until": None,
        **_trouble(problem),
    }


def _put_off(
    rows: Mapping[Any, Connection], answers: Sequence[Answer], *, by: Actor
) -> None:
    for one in answers:
        _set(rows[one.connection.pk], **_later(one))
    _tell("connection.not_refreshed", answers, by=by)


def _later(one: Answer) -> dict[str, Any]:
    """Full jitter up to a growing bound, and never before the platform allows it.

    What the vault did not open was never sent: the next call is no repeat.
    """
    error, now, tries = one.error, timezone.now(), one.connection.tries
    assert error is not None
    was_sent = error.kind != "vault"
    bound = min(FIRST_WAIT * 2 ** min(tries, 10), LONGEST_WAIT)
    wait = random.uniform(0, 1) * (bound if was_sent else LONGEST_WAIT)  # noqa: S311
    allowed = error.pause.until(now) if error.pause else error.until
    values: dict[str, Any] = {
        "refresh_due_at": max(now + wait, allowed or now),
        "lease_until": None,
        "tries": tries + was_sent,
    }
    access_until = one.connection.access_until
    is_felt = access_until is not None and access_until < now
    return values | (_trouble(str(error)) if error.permanent or is_felt else {})


def _trouble(problem: str) -> dict[str, Any]:
    said = problem[:300]
    return {"problem": said, "last_problem": said, "problem_at": timezone.now()}


def _tell(action: str, answers: Sequence[Answer], *, by: Actor) -> None:
    told = []
    for one in answers:
        said = {"problem": str(one.error)} if one.error else {}
        told.append((one.connection, {"label": str(one.connection), **said}))
    if told:
        record_all(action, told, by=by)


def _set(row: Connection, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _tell_pace(answers: Sequence[Answer]) -> None:
    """Let the app's pace learn. What the vault does not open tells nothing of it."""
    first = answers[0].connection
    heard = [
        Heard(is_outage=not one.is_word, is_probe=one.claim.is_probe)
        for one in answers
        if one.is_word or (one.error and one.error.kind in OUTAGES)
    ]
    pairs = [one for one in answers if one.error is None]
    rotates = any(one.rotated for one in pairs) if pairs else None
    Pace(first.platform, first.app_id).heed(heard, rotates=rotates)


def _after(moment: dt.datetime, seconds: int | None) -> dt.datetime | None:
    return None if seconds is None else moment + dt.timedelta(seconds=seconds)
