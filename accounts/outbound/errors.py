"""The one error of the one door."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum


class Pause(StrEnum):
    """Which of a platform's windows is used up, and so for how long all must rest.

    TikTok facts 8.2: per second, wait for the next; per minute, stop for five; per
    day, stop until 00:00 UTC.
    """

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"

    def until(self, now: dt.datetime) -> dt.datetime:
        """Return when calls may go on, for an answer that arrived at `now`."""
        if self is Pause.SECOND:
            return now.replace(microsecond=0) + dt.timedelta(seconds=1)
        if self is Pause.MINUTE:
            return now + dt.timedelta(minutes=5)
        midnight = now.astimezone(dt.UTC).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        return midnight + dt.timedelta(days=1)


class OutboundError(Exception):
    """A call did not give what was asked for; `str()` is a sentence for staff.

    `permanent`: trying again changes nothing, a person must act. `kind`: a neutral
    word for what went wrong ("dead_token", "rate", …). `code` and `trace_id`: the
    platform's own. `outcome_unknown`: this was a write and nobody can say whether it
    was done; read before deciding. `pause`: the app's allowance is used up.
    `until`: calls may go on from then.
    """

    def __init__(
        self,
        sentence: str,
        *,
        permanent: bool,
        kind: str = "",
        code: str = "",
        trace_id: str = "",
        outcome_unknown: bool = False,
        pause: Pause | None = None,
        until: dt.datetime | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.permanent = permanent
        self.kind = kind
        self.code = code
        self.trace_id = trace_id
        self.outcome_unknown = outcome_unknown
        self.pause = pause
        self.until = until


class InsideTransactionError(RuntimeError):
    """Somebody called a platform while a transaction was open: a fault of ours."""
