"""What an answer means for its key: renewed, at its end, or asked again later."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.flows.refresh_claims import Claim
from accounts.models import Connection
from accounts.outbound import OutboundError
from accounts.vault import Secret

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


def renew(row: Connection, one: Answer) -> None:
    """Put what came with the pair on its row; a pair told without an end has none."""
    pair, now = one.pair, timezone.now()
    row.version += 1
    row.access_until = ends_after(one.asked_at, pair.expires_in)
    ends_at = ends_after(one.asked_at, pair.refresh_expires_in)
    if ends_at is not None:  # not told: as it was told before
        if row.expires_at is None or ends_at > row.expires_at + A_DAY:
            row.end_told = None  # it ends later than colleagues were told
        row.expires_at = ends_at
    row.scopes = list(pair.scopes) or row.scopes
    row.refresh_due_at = due_after(one.asked_at, pair.expires_in)
    row.refreshed_at, row.lease_until, row.tries = now, None, 0
    row.problem, row.told_at = "", None


def dead(problem: str) -> dict[str, Any]:
    """Return what is written on a key that a person must mend."""
    return {
        "state": Connection.State.NEEDS_REAUTHORIZATION,
        "refresh_due_at": None,
        "lease_until": None,
        **trouble(problem),
    }


def later(one: Answer) -> dict[str, Any]:
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
    return values | (trouble(str(error)) if error.permanent or is_felt else {})


def trouble(problem: str) -> dict[str, Any]:
    """Return what a trouble leaves on its key: the last one stays when it is over."""
    said = problem[:300]
    return {"problem": said, "last_problem": said, "problem_at": timezone.now()}


def ends_after(moment: dt.datetime, seconds: int | None) -> dt.datetime | None:
    """Return when what the platform gave ends, None where it did not tell."""
    return None if seconds is None else moment + dt.timedelta(seconds=seconds)
