"""A round of sync: the calls it makes, its share of the bucket, and who waits for it.

The simulated TikTok answers after a quarter of a second, as the real one does on a
good day. Beside the sync a colleague opens a page that makes three calls, again and
again: people come first.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import override_settings

from accounts.flows import sync
from accounts.models import PlatformApp
from accounts.outbound.throttle import Throttle
from accounts.roles import ACCESS_OWNERS
from agencyportal.simulator import server
from agencyportal.simulator.server import Simulator
from tests.bench.shelves import shelves
from tests.bench.table import Row
from tests.factory import Factory
from tests.simulated import PREFIX, Simulated, connect_our_side
from tests.website import Website

RATE = 10.0
LATENCY_SECONDS = 0.25
PARTNERS, ACCOUNTS_EACH = 40, 10
LEAST_SHARE = 0.95
LONGEST_WAIT_SECONDS = 2.0
PAGE_EVERY_SECONDS, CALLS_A_PAGE = 4.0, 3


@dataclass
class Colleague:
    """Somebody who opens a page now and then, and waits for the calls it makes."""

    waits: list[float] = field(default_factory=list)
    is_done: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        throttle = Throttle("tiktok", settings.TIKTOK["app_id"], in_person=True)
        try:
            while not self.is_done.wait(PAGE_EVERY_SECONDS):
                for _ in range(CALLS_A_PAGE):
                    began = time.monotonic()
                    throttle.take()
                    self.waits.append(time.monotonic() - began)
        finally:
            connection.close()


def measure() -> Iterator[Row]:
    with shelves(()), Simulator() as running:
        tiktok = Simulated(running)
        tiktok.reset()
        with override_settings(TIKTOK=tiktok.settings()):
            _fill(tiktok)
            yield from _round(tiktok)
        connection.close()


def _fill(tiktok: Simulated) -> None:
    _set_bucket(1000.0)
    connect_our_side(tiktok, Factory().make_user(role=ACCESS_OWNERS))
    site = Website(tiktok)
    for number in range(PARTNERS):
        site.add_partner(f"Partner {number}", ACCOUNTS_EACH)
    sync.everything()  # what is found is booked before anything is timed
    tiktok.control("counters/reset")


def _set_bucket(rate: float) -> None:
    """Let no burst flatter the share: the bucket holds what is kept for people."""
    PlatformApp.objects.update_or_create(
        platform="tiktok",
        app_id=settings.TIKTOK["app_id"],
        defaults={"rate_per_second": rate, "tokens": rate / 3},
    )


def _round(tiktok: Simulated) -> Iterator[Row]:
    colleague = Colleague()
    beside = threading.Thread(target=colleague.work)
    with _latency():
        _set_bucket(RATE)
        beside.start()
        began = time.monotonic()
        sync.everything()
        spent = time.monotonic() - began
        colleague.is_done.set()
        beside.join()
    made, least = tiktok.all_calls(), _least()
    share = (made + len(colleague.waits)) / (RATE * spent)
    longest = max(colleague.waits)
    yield Row(
        "Sync: calls of one round",
        f"{made}",
        f"{PARTNERS} partners, {PARTNERS * ACCOUNTS_EACH} accounts, nothing new",
        bound=f"{least}, one a page",
        is_met=made == least,
    )
    yield Row(
        "Sync: share of the bucket",
        f"{share:.3f}",
        f"{made} calls beside {len(colleague.waits)} of a colleague in {spent:.0f} s,"
        f" {LATENCY_SECONDS:.2f} s each, {sync.PAIRS_AT_ONCE} lists at once",
        bound=f"at least {LEAST_SHARE} of {RATE:.0f}/s",
        is_met=share >= LEAST_SHARE,
    )
    yield Row(
        "A colleague's wait meanwhile",
        f"{longest:.2f} s at most",
        f"{CALLS_A_PAGE} calls every {PAGE_EVERY_SECONDS:.0f} s",
        bound=f"{LONGEST_WAIT_SECONDS:.0f} s",
        is_met=longest <= LONGEST_WAIT_SECONDS,
    )


def _least() -> int:
    """Return the sum of pages: two centers' own lists and members, each partner's,
    each account's people."""
    accounts = PARTNERS * ACCOUNTS_EACH
    ours = math.ceil(accounts / 50) + math.ceil(PARTNERS / 50) + 1
    other_center = 3
    return ours + other_center + PARTNERS * math.ceil(ACCOUNTS_EACH / 50) + accounts


@contextmanager
def _latency() -> Iterator[None]:
    usual = server.route

    def route(context: Any, request: Any) -> Any:
        if request.path.startswith(PREFIX):
            time.sleep(LATENCY_SECONDS)
        return usual(context, request)

    server.route = route
    try:
        yield
    finally:
        server.route = usual
