"""Keys that renew themselves: how much of what is allowed is used, and what it costs.

A provider answers after 150 ms. Workers are processes, as the queue's are; the books
they write in are complete: claims, fences, encryption and the trail.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection
from django.utils import timezone

from accounts.flows import refresh, refresh_answers
from accounts.flows.refresh_pace import AT_ONCE
from accounts.models import Connection
from accounts.outbound.models import PlatformApp
from accounts.outbound.throttle import Throttle
from tests.bench.shelves import shelves
from tests.bench.table import Row
from tests.provider import Provider
from tests.renewing import APP, BY, fork, kill, make_due, make_keys, provided

KEYS, LATENCY_SECONDS = 9_000, 0.15
WORKERS, RATE, WINDOW_SECONDS = 4, 10.0, 60.0
LEAST_OF_BUCKET, MOST_LIMITED, LONGEST_WAIT_SECONDS = 0.95, 0.005, 2.0
FAST_KEYS, LEAST_SHARE = 3_000, 0.35
ONE_BY_ONE, LEAST_TIMES = 200, 8.0
MANY, WARM, MOST_MEGABYTES = 100_000, 4_000, 10.0
PAGE_EVERY_SECONDS, CALLS_A_PAGE = 4.0, 3


@dataclass
class Colleague:
    """Somebody who opens a page now and then, and waits for the calls it makes."""

    provider: Provider
    waits: list[float] = field(default_factory=list)
    limited: int = 0
    is_done: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        throttle = Throttle(**APP, in_person=True)
        try:
            while not self.is_done.wait(PAGE_EVERY_SECONDS):
                for _ in range(CALLS_A_PAGE):
                    began = time.monotonic()
                    throttle.take()
                    self.waits.append(time.monotonic() - began)
                    self.limited += self.provider.is_over_its_rate()
        finally:
            connection.close()


def measure() -> Iterator[Row]:
    with shelves(()):
        with provided(latency=LATENCY_SECONDS) as provider:
            make_keys(provider, KEYS)
            PlatformApp.objects.filter(**APP).update(rotates=False)
            yield from _fast(provider)
            yield from _in_the_bucket(provider)
        with provided() as provider:
            yield from _memory(provider)
        connection.close()


def _fast(provider: Provider) -> Iterator[Row]:
    """One batch against one task per token, both without a bucket."""
    batch = _rate(provider, [refresh.sweep], FAST_KEYS)
    keys = list(Connection.objects.order_by("-pk")[:ONE_BY_ONE])
    shares = [keys[n::WORKERS] for n in range(WORKERS)]
    singly = _rate(
        provider, [lambda mine=mine: _one_by_one(mine) for mine in shares], ONE_BY_ONE
    )
    ideal = AT_ONCE[False] / LATENCY_SECONDS
    yield Row(
        "Renewals: share of 64 in flight",
        f"{batch / ideal:.3f}",
        f"one batch, {batch:.0f}/s of {ideal:.0f}/s on {connection.vendor}, {FAST_KEYS}"
        f" of {KEYS} keys at {LATENCY_SECONDS * 1000:.0f} ms",
        bound=f"at least {LEAST_SHARE}",
        is_met=batch / ideal >= LEAST_SHARE,
    )
    yield Row(
        "Renewals: a batch beside a task a key",
        f"{batch / singly:.1f} x",
        f"{singly:.1f}/s on {WORKERS} workers, {ONE_BY_ONE} keys, the queue left out",
        bound=f"at least {LEAST_TIMES:.0f} x",
        is_met=batch / singly >= LEAST_TIMES,
    )


def _one_by_one(keys: list[Connection]) -> None:
    for key in keys:
        refresh.now(key, by=BY, in_person=False)


def _rate(
    provider: Provider, works: list[Callable[[], object]], how_many: int
) -> float:
    """Return the renewals a second until so many came, each work in a process."""
    make_due()
    before = provider.counts["renewed"]
    began = time.monotonic()
    children = [fork(work) for work in works]
    while provider.counts["renewed"] < before + how_many:
        time.sleep(0.01)
    spent = time.monotonic() - began
    _end(provider, children)
    return how_many / spent


def _end(provider: Provider, children: list[int]) -> None:
    """A killed worker leaves its claims: they are given back for what follows."""
    for child in children:
        kill(child)
    while not provider.is_idle:
        time.sleep(0.01)
    Connection.objects.update(lease_until=None)


def _in_the_bucket(provider: Provider) -> Iterator[Row]:
    make_due()
    provider.counts.clear()
    provider.rate = RATE
    PlatformApp.objects.filter(**APP).update(
        rate_per_second=RATE, tokens=RATE / 3, refilled_at=timezone.now()
    )
    colleague = Colleague(provider)
    began = time.monotonic()
    children = [fork(_sweep_on) for _ in range(WORKERS)]
    beside = threading.Thread(target=colleague.work)
    beside.start()
    time.sleep(WINDOW_SECONDS)
    made = provider.counts["calls"] + len(colleague.waits)
    spent = time.monotonic() - began
    colleague.is_done.set()
    beside.join()
    _end(provider, children)
    limited = (provider.counts["limited"] + colleague.limited) / made
    provider.rate = 0.0
    yield Row(
        "Renewals: share of the bucket",
        f"{made / spent / RATE:.3f}",
        f"{WORKERS} workers, {made} calls in {spent:.0f} s, {KEYS} keys due,"
        f" {len(colleague.waits)} calls of a colleague's",
        bound=f"at least {LEAST_OF_BUCKET} of {RATE:.0f}/s",
        is_met=made / spent / RATE >= LEAST_OF_BUCKET,
    )
    yield Row(
        "Calls refused as too many meanwhile",
        f"{limited:.2%}",
        f"the provider allows {RATE:.0f}/s, too, and {2 * RATE:.0f} at once",
        bound=f"{MOST_LIMITED:.1%}",
        is_met=limited <= MOST_LIMITED,
    )
    yield Row(
        "A colleague's wait while keys renew",
        f"{max(colleague.waits):.2f} s at most",
        f"{CALLS_A_PAGE} calls every {PAGE_EVERY_SECONDS:.0f} s",
        bound=f"{LONGEST_WAIT_SECONDS:.0f} s",
        is_met=max(colleague.waits) <= LONGEST_WAIT_SECONDS,
    )


def _sweep_on() -> None:
    while True:
        refresh.sweep()


def _memory(provider: Provider) -> Iterator[Row]:
    """One worker renews the same keys again and again, each due at once."""
    Connection.objects.all().delete()
    make_keys(provider, 1_000)
    read_end, write_end = os.pipe()
    child = fork(lambda: _grow(write_end))
    os.close(write_end)
    with os.fdopen(read_end) as report:
        before, after = (float(line) for line in report)
    os.waitpid(child, 0)
    grown = after - before
    yield Row(
        "Memory grown by renewals",
        f"{grown:.1f} MB",
        f"{MANY} renewals after the first {WARM}, from {before:.0f} MB",
        bound=f"{MOST_MEGABYTES:.0f} MB",
        is_met=grown <= MOST_MEGABYTES,
    )


def _grow(write_end: int) -> None:
    refresh_answers.due_after = lambda asked_at, seconds: asked_at  # type: ignore[assignment]
    with os.fdopen(write_end, "w") as report:
        for goal in (WARM, MANY):
            done = 0
            while done < goal:
                done += refresh.sweep()
            gc.collect()
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            print(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, file=report, flush=True)
