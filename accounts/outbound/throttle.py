"""The shared allowance of a platform app: a token bucket all processes draw from."""

from __future__ import annotations

import datetime as dt
import math
import random
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.outbound.errors import InsideTransactionError, OutboundError, Pause
from accounts.outbound.models import PlatformApp

IN_PERSON_SECONDS = 10.0
BACKGROUND_SECONDS = 60.0
SHORT_PAUSE_SECONDS = 2.0
SHORTEST_WAIT_SECONDS = 0.02
SMALLEST_BUCKET = 2.0


class Draw(NamedTuple):
    """How many calls may go out now, and in how many seconds the next may."""

    calls: int
    wait: float


@dataclass
class Throttle:
    """Draw calls from the bucket of one app.

    Somebody who waits in front of a page (`in_person`) may empty the bucket;
    background work stops at a third of it. TikTok facts 8.2.
    """

    platform: str
    app_id: str
    in_person: bool
    _was_refused: bool = field(default=False, init=False, repr=False)

    def take(self) -> None:
        """Return when one call may go out.

        Raises OutboundError (not permanent) when the app is paused, with `until`, or
        when no call came free in 10 s (in person) or 60 s (background). Sleeps
        outside the transaction; refuses to run inside one.
        """
        bound = IN_PERSON_SECONDS if self.in_person else BACKGROUND_SECONDS
        ends_at = time.monotonic() + bound
        while wait := self.draw(1).wait:
            # A little extra, or all who wait would come back at the same instant.
            wait += random.uniform(0, SHORTEST_WAIT_SECONDS)  # noqa: S311
            if time.monotonic() + wait > ends_at:
                raise OutboundError(
                    "Too many calls to the platform wait before this one. Nothing was"
                    " sent; try again in a minute.",
                    permanent=False,
                    kind="rate",
                )
            time.sleep(wait)

    def draw(self, most: int) -> Draw:
        """Take up to `most` calls at once; never waits.

        The wait is 0 when all of them came free. Raises OutboundError (not permanent)
        when the app is paused, with `until`.
        """
        with _Alone():
            app = self._app()
            now = timezone.now()
            paused = _seconds_between(now, app.paused_until)
            if paused > SHORT_PAUSE_SECONDS:
                raise self._paused(app)
            if paused:
                return Draw(0, paused)
            self._was_refused = app.probes > 0
            size = max(app.rate_per_second, SMALLEST_BUCKET)
            refill = _seconds_between(app.refilled_at, now) * app.rate_per_second
            app.tokens = min(size, app.tokens + refill)
            app.refilled_at = now
            # Background work leaves a third for people who wait.
            free = app.tokens - (0 if self.in_person else size / 3)
            calls = max(0, min(most, math.floor(free)))
            app.tokens -= calls
            app.save(update_fields=["tokens", "refilled_at"])
        missing = 0 if calls == most else calls + 1 - free
        return Draw(calls, missing / app.rate_per_second)

    def give_back(self, calls: int) -> None:
        """Put back calls that were drawn and not made."""
        PlatformApp.objects.filter(platform=self.platform, app_id=self.app_id).update(
            tokens=F("tokens") + calls
        )

    def rest(self, pause: Pause, reason: str) -> None:
        """Pause the app for all processes; a longer pause already set stays."""
        with _Alone():
            app = self._app()
            until = pause.until(timezone.now())
            if app.paused_until is None or app.paused_until < until:
                app.paused_until, app.pause_reason = until, reason[:300]
            app.tokens, app.probes = 0.0, app.probes + 1
            app.refilled_at = timezone.now()
            app.save()

    def ease(self) -> None:
        """End the count of refused calls, once the platform answers again."""
        if self._was_refused:
            PlatformApp.objects.filter(
                platform=self.platform, app_id=self.app_id, probes__gt=0
            ).update(probes=0, pause_reason="")

    def _app(self) -> PlatformApp:
        app, _ = PlatformApp.objects.select_for_update().get_or_create(
            platform=self.platform, app_id=self.app_id
        )
        return app

    def _paused(self, app: PlatformApp) -> OutboundError:
        until = timezone.localtime(app.paused_until)
        when = f"{until:%H:%M:%S} ({until:%Z}, {until:%-d %B})"
        return OutboundError(
            f"The platform has asked us to slow down. Calls go on at {when}; nothing"
            " is lost.",
            permanent=False,
            kind="rate",
            until=app.paused_until,
        )


class _Alone:
    """A short transaction of its own; a clear error when one is already open."""

    def __enter__(self) -> None:
        self._block = transaction.atomic(durable=True)
        try:
            self._block.__enter__()
        except RuntimeError:
            raise InsideTransactionError(
                "The allowance of a platform app was drawn on inside a transaction."
                " Commit the intent first, call, then commit the result."
            ) from None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._block.__exit__(kind, error, trace)


def _seconds_between(earlier: dt.datetime, later: dt.datetime | None) -> float:
    """Return the seconds from one time to the other, 0 when they are the other way."""
    return max(0.0, (later - earlier).total_seconds()) if later else 0.0
