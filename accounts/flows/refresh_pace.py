"""How fast an app's keys may be renewed: how many at once, how many again.

A platform that does not answer is given a rest: after some outages in a row nobody
calls until one probe has come through. Repeats are paid from a credit that first calls
earn, so that a storm of errors never becomes a storm of calls.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Connection
from accounts.outbound import OutboundError
from accounts.outbound.models import PlatformApp
from accounts.platforms.registry import platforms

# A platform that gives another refresh token each time may forget the old one at once:
# whatever is in flight when a worker dies is lost, so little is. None: not seen yet.
AT_ONCE: dict[bool | None, int] = {True: 4, None: 8, False: 64}
EARNED, MOST_CREDIT = 0.2, 20.0
OUTAGES_IN_A_ROW = 5
FIRST_REST, LONGEST_REST = dt.timedelta(seconds=30), dt.timedelta(minutes=10)
PROBE_LASTS = dt.timedelta(minutes=2)
RESTS = (
    "{platform} has trouble, so the portal gives it a rest. It asks again at"
    " {when:%H:%M}; nothing is lost."
)


class Allowed(NamedTuple):
    """How many calls may go out now, and how many of them may be repeats.

    `app`: the row this rests on, locked until the calls are spent.
    """

    app: PlatformApp
    calls: int
    repeats: int

    @property
    def is_probe(self) -> bool:
        return self.app.broken_until is not None


class Heard(NamedTuple):
    """What one call tells of the platform: whether it failed there."""

    is_outage: bool
    is_probe: bool


@dataclass(frozen=True)
class Pace:
    """The pace of one developer app, kept beside its allowance of calls."""

    platform: str
    app_id: str

    def begin(self) -> None:
        """Let one repeat go out a minute even if no first call earns it."""
        self._rows().filter(retry_credit__lt=1).update(retry_credit=1)

    def at_once(self) -> int:
        """Return how many calls a batch keeps in flight; 0 while nobody calls."""
        app = self._rows().first()
        if app is None or app.broken_until is None:
            return AT_ONCE[app.rotates if app else None]
        return int(app.broken_until <= timezone.now())

    def allow(self, most: int) -> Allowed:
        """Say what may be claimed; inside the transaction that claims it."""
        app = self._locked()
        if app.broken_until is None:
            return Allowed(app, most, min(most, int(app.retry_credit)))
        probes = int(app.broken_until <= timezone.now())
        return Allowed(app, probes, probes)

    def allow_one(self) -> Allowed:
        """Allow a call that somebody needs now, paid for or not.

        Raises OutboundError (not permanent) while nobody calls.
        """
        app = self._locked()
        if app.broken_until is not None and app.broken_until > timezone.now():
            raise self._resting(app.broken_until)
        return Allowed(app, 1, 1)

    def spend(self, allowed: Allowed, *, firsts: int, repeats: int) -> None:
        """Book what was claimed; a probe lets the others wait for its answer."""
        if not firsts + repeats:
            return
        app = allowed.app
        credit = app.retry_credit + EARNED * firsts - repeats
        app.retry_credit = min(MOST_CREDIT, max(0.0, credit))
        if allowed.is_probe:
            app.broken_until = timezone.now() + PROBE_LASTS
        app.save(update_fields=["retry_credit", "broken_until"])

    def heed(self, heard: Iterable[Heard], *, rotates: bool | None) -> None:
        """Learn from calls in the order they ended.

        `rotates`: whether another refresh token came with a pair; None: no pair came.
        """
        app = self._locked()
        for one in heard:
            if not one.is_outage:
                self._recover(app)
            elif app.broken_until is None or one.is_probe:
                _suffer(app)
        if rotates is not None:
            app.rotates = bool(app.rotates) or rotates
        app.save(update_fields=["outages", "broken_until", "rotates"])

    def _recover(self, app: PlatformApp) -> None:
        """End the outage: what waited for that is asked as if for the first time."""
        if app.broken_until is not None:
            waiting: QuerySet[Connection] = Connection.objects.live().filter(
                platform=self.platform, app_id=self.app_id, tries__gt=0
            )
            # Whoever holds one of them waits for this row: never the other way round.
            free = waiting.select_for_update(skip_locked=True)
            waiting.filter(pk__in=list(free.values_list("pk", flat=True))).update(
                tries=0
            )
        app.outages, app.broken_until = 0, None

    def _resting(self, until: dt.datetime) -> OutboundError:
        label = platforms()[self.platform].label
        return OutboundError(
            RESTS.format(platform=label, when=timezone.localtime(until)),
            permanent=False,
            kind="outage",
            until=until,
        )

    def _locked(self) -> PlatformApp:
        app, _ = PlatformApp.objects.select_for_update().get_or_create(
            platform=self.platform, app_id=self.app_id
        )
        return app

    def _rows(self) -> QuerySet[PlatformApp]:
        return PlatformApp.objects.filter(platform=self.platform, app_id=self.app_id)


def _suffer(app: PlatformApp) -> None:
    """Count an outage: enough in a row begin a rest, a failed probe a longer one.

    Calls that were under way when the rest began tell nothing new.
    """
    app.outages += 1
    over = app.outages - OUTAGES_IN_A_ROW
    if over >= 0:
        rest = min(FIRST_REST * 2 ** min(over, 10), LONGEST_REST)
        rest *= random.uniform(0.5, 1)  # noqa: S311
        app.broken_until = timezone.now() + rest
