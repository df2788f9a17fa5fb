"""What came of renewing keys: a new pair, an end, or another try later.

Only the platform's own word that it renews this key no more ends one; no outage, no
error of ours, no lost answer does. Whoever writes about an older pair writes nothing.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.flows.refresh_claims import Claim
from accounts.flows.refresh_pace import Heard, Pace
from accounts.models import Connection
from accounts.outbound import OutboundError
from accounts.trail import Actor, record_all
from accounts.vault import Secret, vault

# Renewed at a random point of the life that the platform told.
EARLIEST, LATEST = 0.60, 0.75
# A platform that told none: facts 3.2 has a day; an hour is safe and asks little more.
UNTOLD = dt.timedelta(hours=1)
SHORTEST = dt.timedelta(minutes=5)
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(seconds=30), dt.timedelta(minutes=30)
TERMINAL = ("dead_refresh", "dead_token")
# What is wrong with the platform or our app, whichever key is asked about.
OUTAGES = ("outage", "configuration")
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
    """Write down what came, all of it in one transaction."""
    if not answers:
        return
    with transaction.atomic():
        _take_in([one for one in answers if one.error is None], by=by)
        _bury([one for one in answers if one.is_dead], by=by)
        failed = [one for one in answers if one.error and not one.is_dead]
        _put_off([one for one in failed if not one.is_lost], by=by)
        _tell_pace(answers)


def flag_dead(connection: Connection, problem: str, **values: Any) -> bool:
    """Mark this key as one that a person must mend; False if it changed meanwhile."""
    return _write(
        connection,
        state=Connection.State.NEEDS_REAUTHORIZATION,
        problem=problem[:300],
        last_problem=problem[:300],
        problem_at=timezone.now(),
        refresh_due_at=None,
        lease_until=None,
        **values,
    )


def _take_in(answers: Sequence[Answer], *, by: Actor) -> None:
    """Save each new pair, and that it came, before anybody can use it."""
    brief: dict[str, Secret] = {}
    lasting: dict[str, Secret] = {}
    renewed = []
    for one in answers:
        if not _write(one.connection, **_renewed(one)):
            continue  # somebody consented anew meanwhile: theirs is the newer pair
        renewed.append((one.connection, {"label": str(one.connection)}))
        brief[one.connection.vault_ref] = one.pair.access_token
        if one.rotated is not None:
            lasting[one.connection.refresh_ref] = one.rotated
    if brief:
        vault().set_many(brief, by=by, short_lived=True)
    if lasting:
        vault().set_many(lasting, by=by)
    record_all("connection.refreshed", renewed, by=by)


def _renewed(one: Answer) -> dict[str, Any]:
    pair, told = one.pair, {}
    if pair.refresh_expires_in is not None:
        told["expires_at"] = _after(one.asked_at, pair.refresh_expires_in)
    if pair.scopes:
        told["scopes"] = list(pair.scopes)
    return {
        "version": F("version") + 1,
        "access_until": _after(one.asked_at, pair.expires_in),
        "refresh_due_at": due_after(one.asked_at, pair.expires_in),
        "refreshed_at": timezone.now(),
        "lease_until": None,
        "tries": 0,
        "problem": "",
        "told_at": None,
        **told,
    }


def _bury(answers: Sequence[Answer], *, by: Actor) -> None:
    """Flag keys the platform ended, unless a newer pair has come meanwhile."""
    died = [
        (one.connection, {"label": str(one.connection), "problem": str(one.error)})
        for one in answers
        if flag_dead(one.connection, DIED.format(label=one.connection), tries=0)
    ]
    record_all("connection.died", died, by=by)


def _put_off(answers: Sequence[Answer], *, by: Actor) -> None:
    told = []
    for one in answers:
        if _write(one.connection, **_later(one)):
            said = {"label": str(one.connection), "problem": str(one.error)}
            told.append((one.connection, said))
    record_all("connection.not_refreshed", told, by=by)


def _later(one: Answer) -> dict[str, Any]:
    """Full jitter up to a growing bound, and never before the platform allows it."""
    error, now, tries = one.error, timezone.now(), one.connection.tries
    assert error is not None
    bound = min(FIRST_WAIT * 2 ** min(tries, 10), LONGEST_WAIT)
    again_at = now + bound * random.uniform(0, 1)  # noqa: S311
    allowed = error.pause.until(now) if error.pause else error.until
    values = {
        "refresh_due_at": max(again_at, allowed or again_at),
        "lease_until": None,
        "tries": tries + 1,
    }
    access_until = one.connection.access_until
    if error.permanent or (access_until is not None and access_until < now):
        said = str(error)[:300]
        values |= {"problem": said, "last_problem": said, "problem_at": now}
    return values


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


def _write(connection: Connection, **values: Any) -> bool:
    """Write on the key we claimed unless another pair has come, or its end."""
    mine = Connection.objects.live().filter(
        pk=connection.pk, version=connection.version
    )
    return bool(mine.update(**values))


def _after(moment: dt.datetime, seconds: int | None) -> dt.datetime | None:
    return None if seconds is None else moment + dt.timedelta(seconds=seconds)
