"""One batch: calls side by side in threads, everything else in the job itself.

Its threads speak to the platform and to nothing else. A key is claimed when a call is
free and its place too, so that nothing claimed waits; what the job leaves when it is
killed are the calls in flight.
"""

from __future__ import annotations

import datetime as dt
import logging
import queue
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.utils import timezone

from accounts.flows.refresh_answers import Answer
from accounts.flows.refresh_claims import Claim, claim_due
from accounts.flows.refresh_pace import AT_ONCE, Pace
from accounts.flows.refresh_results import settle
from accounts.outbound import Door, OutboundError
from accounts.outbound.throttle import Throttle
from accounts.platforms.registry import open_connector, platforms
from accounts.trail import Actor
from accounts.vault import VaultError

log = logging.getLogger(__name__)

# The next batch begins by then; a call that is under way still ends before the job is.
BUDGET_SECONDS = 60.0
# Results are written together when they come within this time of each other.
GATHER_SECONDS = 0.05
LONGEST_NAP_SECONDS = 1.0

STUMBLED = "The portal stumbled over this answer. The operator reads the log."


def connector_for(platform: str) -> Any:
    """Return a connector whose calls were drawn from the allowance before."""
    return open_connector(platform, door=Door(hosts=platforms()[platform].hosts))


def ask(connector: Any, claim: Claim) -> Answer:
    """Send one refresh token; never raises."""
    asked_at, secret = timezone.now(), claim.secret
    if isinstance(secret, VaultError):
        return _failed(claim, asked_at, str(secret), "vault", secret.permanent)
    try:
        return Answer(claim, asked_at, pair=connector.refresh(secret))
    except OutboundError as error:
        return Answer(claim, asked_at, error=error)
    except Exception:
        log.exception("The portal stumbled over a renewal.")
        return _failed(claim, asked_at, STUMBLED, "malformed", True)


def _failed(
    claim: Claim, asked_at: dt.datetime, sentence: str, kind: str, permanent: bool
) -> Answer:
    error = OutboundError(sentence, permanent=permanent, kind=kind)
    return Answer(claim, asked_at, error=error)


class Batch:
    """The keys of one app that are due, renewed until none is or the time is up."""

    def __init__(self, platform: str, app_id: str, by: Actor) -> None:
        self.by = by
        self.pace = Pace(platform, app_id)
        self.throttle = Throttle(platform, app_id, in_person=False)
        self.ends_at = time.monotonic() + BUDGET_SECONDS
        self.in_flight = self.renewed = 0
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def run(self) -> int:
        """Return how many keys came anew."""
        self.pace.begin()
        with ThreadPoolExecutor(max(AT_ONCE.values())) as crew:
            is_over = False
            while self.in_flight or not is_over:
                nap = 0.0
                if not is_over:
                    nap, is_over = self._send(crew)
                self._take_in(nap)
        return self.renewed

    def _send(self, crew: ThreadPoolExecutor) -> tuple[float, bool]:
        """Claim and send what there is room for.

        Returns how long to wait for the next call, and whether nothing more goes out.
        """
        room = self.pace.at_once() - self.in_flight
        if time.monotonic() > self.ends_at:
            return 0.0, True
        if room <= 0:
            return 0.0, self.in_flight == 0
        try:
            drawn = self.throttle.draw(room)
        except OutboundError:
            return 0.0, True
        claims = claim_due(self.pace, drawn.calls, by=self.by) if drawn.calls else []
        if len(claims) < drawn.calls:
            self.throttle.give_back(drawn.calls - len(claims))
        for claim in claims:
            crew.submit(self._ask, claim)
        self.in_flight += len(claims)
        return drawn.wait, drawn.calls > 0 and not claims and not self.in_flight

    def _ask(self, claim: Claim) -> None:
        """In a thread: no database here."""
        try:
            connector = self._idle.get_nowait()
        except queue.Empty:
            connector = connector_for(self.pace.platform)
        self._answers.put(ask(connector, claim))
        self._idle.put(connector)

    def _take_in(self, nap: float) -> None:
        """Write down what has come; wait for it, but no longer than `nap` if that
        lets a call go out."""
        answers = list(self._came(nap))
        settle(answers, by=self.by)
        self.in_flight -= len(answers)
        for one in answers:
            if one.error is None:
                self.renewed += 1
            elif one.error.pause:
                self.throttle.rest(one.error.pause, str(one.error))
        if any(one.error is None for one in answers):
            self.throttle.ease()

    def _came(self, nap: float) -> Iterator[Answer]:
        if not self.in_flight:
            time.sleep(min(nap, LONGEST_NAP_SECONDS))
            return
        try:
            yield self._answers.get(timeout=nap or None)
        except queue.Empty:
            return
        until = time.monotonic() + GATHER_SECONDS
        for _ in range(self.in_flight - 1):
            try:
                yield self._answers.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return
