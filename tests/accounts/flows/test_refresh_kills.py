"""Workers that renew keys are killed at any moment: what is lost is seen, never silent.

Real processes, killed for real. They are forked from a warm one, so that a new worker
costs milliseconds, and what a dead one held is aged instead of waited for.
"""

from __future__ import annotations

import random
import time
from functools import partial

import pytest
from django.db.models import Sum

from accounts.flows import refresh, refresh_answers
from accounts.flows.refresh_pace import AT_ONCE, MOST_CREDIT
from accounts.models import Connection, Event
from accounts.outbound.models import PlatformApp
from accounts.vault import vault
from tests.provider import Provider
from tests.renewing import BY, age_leases, fork, kill, make_keys, provided, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
State = Connection.State
on_sqlite = pytest.mark.only_on("sqlite")
on_postgresql = pytest.mark.only_on("postgresql")
# Keys, kills, renewals: the longest of three providers are 102 kills, 10,200 renewals.
MEASURES = [
    pytest.param(30, 2, 60, marks=on_postgresql),
    pytest.param(80, 4, 160, marks=[pytest.mark.long, on_sqlite]),
    pytest.param(80, 34, 3_400, marks=[pytest.mark.long, on_postgresql]),
]


@pytest.fixture(autouse=True)
def always_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every new pair is due at once, so that no worker is ever idle."""
    monkeypatch.setattr(refresh_answers, "due_after", lambda at, seconds: at)


def work() -> None:
    while True:
        refresh.sweep()


def kill_workers(provider: Provider, kills: int, renewals: int) -> None:
    """Let one worker after another renew keys, and kill each at some moment."""
    each = renewals // kills
    for _ in range(kills):
        child = fork(work)
        goal = provider.counts["renewed"] + random.randint(each // 2, each * 3 // 2)
        try:
            wait_until(partial(has_come_to, provider, goal), seconds=120)
            time.sleep(random.uniform(0, 0.02))
        finally:
            kill(child)
        wait_until(lambda: provider.is_idle)
        age_leases()


def has_come_to(provider: Provider, goal: int) -> bool:
    return provider.counts["renewed"] >= goal


def finish(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a last worker renew each key once, however many of them are repeats."""
    monkeypatch.undo()
    while Connection.objects.filter(lease_until__isnull=False).exists():
        PlatformApp.objects.update(retry_credit=MOST_CREDIT)
        refresh.sweep()


def lost() -> int:
    return Connection.objects.exclude(state=State.LIVE).count()


def assert_nothing_was_sent_twice(provider: Provider) -> None:
    assert provider.counts["in parallel"] == 0
    assert provider.counts["replaced"] == 0
    resends = Connection.objects.aggregate(all=Sum("resends"))["all"]
    assert provider.counts["reused"] <= resends
    assert Event.objects.filter(action="connection.asked_again").count() == resends


def assert_what_lives_works(provider: Provider) -> None:
    """The books hold the newest pair of each key that they call live."""
    for key in Connection.objects.live():
        renewing = vault().get(key.refresh_ref, purpose="look", by=BY).reveal()
        family = provider.families[renewing]
        assert renewing == family.newest
        assert not family.is_dead
        opening = vault().get(key.vault_ref, purpose="look", by=BY).reveal()
        assert opening.startswith(f"act.{renewing}.")


@pytest.mark.parametrize("rotation", ["none", "grace"])
@pytest.mark.parametrize(("keys", "kills", "renewals"), MEASURES)
def test_it_loses_no_key(
    monkeypatch: pytest.MonkeyPatch, rotation: str, keys: int, kills: int, renewals: int
) -> None:
    with provided(rotation=rotation, latency=0.01) as provider:
        make_keys(provider, keys)
        kill_workers(provider, kills, renewals)
        finish(provider, monkeypatch)
        assert lost() == 0
        assert_nothing_was_sent_twice(provider)
        assert_what_lives_works(provider)


@pytest.mark.parametrize(("keys", "kills", "renewals"), MEASURES)
def test_it_loses_what_was_in_flight_at_a_strict_provider_and_says_so(
    monkeypatch: pytest.MonkeyPatch, keys: int, kills: int, renewals: int
) -> None:
    with provided(rotation="strict", latency=0.01) as provider:
        make_keys(provider, keys + kills * AT_ONCE[True])
        kill_workers(provider, kills, renewals)
        finish(provider, monkeypatch)
        in_flight = AT_ONCE[None] + (kills - 1) * AT_ONCE[True]
        assert lost() <= in_flight
        flagged = Connection.objects.filter(state=State.NEEDS_REAUTHORIZATION)
        assert flagged.count() == lost()
        assert not flagged.filter(problem="").exists()
        assert Event.objects.filter(action="connection.died").count() == lost()
        assert_nothing_was_sent_twice(provider)
        assert_what_lives_works(provider)
