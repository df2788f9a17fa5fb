"""Storms: all calls rest during an outage, repeats stay few, and no key is lost."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone

from accounts.flows import connections
from accounts.models import Connection, Event
from accounts.outbound import OutboundError
from accounts.outbound.models import PlatformApp
from accounts.tasks import refresh_due
from tests.provider import Provider, no_fault, says
from tests.renewing import APP, BY, make_due, make_keys, provided, the_app

State = Connection.State
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def provider(db: None) -> Iterator[Provider]:
    with provided() as running:
        yield running


def is_down(token: str) -> bytes:
    return says(503)


def let_rest_pass() -> None:
    PlatformApp.objects.filter(broken_until__isnull=False).update(
        broken_until=timezone.now()
    )


# Rests ------------------------------------------------------------------------------


def test_after_some_outages_in_a_row_nobody_calls(provider: Provider) -> None:
    make_keys(provider, 40)
    provider.fault = is_down
    refresh_due()
    made = provider.counts["calls"]
    assert made < 40
    rest = the_app().broken_until - timezone.now()
    assert dt.timedelta(seconds=10) < rest < dt.timedelta(seconds=30)
    make_due()
    assert refresh_due() == 0
    assert provider.counts["calls"] == made


def test_then_one_probe_goes_out_and_a_failed_one_lengthens_the_rest(
    provider: Provider,
) -> None:
    make_keys(provider, 40)
    provider.fault = is_down
    refresh_due()
    provider.counts.clear()
    for _ in range(6):
        let_rest_pass()
        make_due()
        refresh_due()
    assert provider.counts["calls"] == 6
    assert the_app().broken_until - timezone.now() > 4 * MINUTE


def test_a_probe_that_comes_through_lets_all_go_on(provider: Provider) -> None:
    make_keys(provider, 40)
    provider.fault = is_down
    refresh_due()
    let_rest_pass()
    make_due()
    provider.fault = no_fault
    assert refresh_due() == 40
    assert the_app().broken_until is None
    assert not Connection.objects.filter(tries__gt=0).exists()


def test_whoever_needs_a_key_meanwhile_reads_when_it_goes_on(
    provider: Provider,
) -> None:
    keys = make_keys(provider, 20)
    provider.fault = is_down
    refresh_due()
    waiting = Connection.objects.filter(pk__in=[key.pk for key in keys], tries=0)[0]
    with pytest.raises(OutboundError, match="gives it a rest") as caught:
        connections.open_key(waiting, purpose="post", by=BY, in_person=False)
    assert not caught.value.permanent
    assert caught.value.until == the_app().broken_until


@pytest.mark.long
def test_a_day_of_outage_ends_no_key(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_keys(provider, 10)
    provider.fault = is_down
    now = timezone.now()
    for minute in range(0, 24 * 60, 30):
        monkeypatch.setattr(timezone, "now", lambda at=now + minute * MINUTE: at)
        refresh_due()
    assert Connection.objects.live().count() == 10
    assert provider.counts["calls"] < 60  # probes, and little else
    monkeypatch.setattr(timezone, "now", lambda: now + 25 * 60 * MINUTE)
    provider.fault = no_fault
    refresh_due()
    assert Connection.objects.filter(version=2, problem="").count() == 10


# Repeats ----------------------------------------------------------------------------


@pytest.mark.long
def test_repeats_stay_a_fifth_of_all_calls(provider: Provider) -> None:
    """Every other call fails; with few in flight never five in a row, as an outage."""
    make_keys(provider, 200)
    PlatformApp.objects.update_or_create(**APP, defaults={"rotates": True})
    seen: list[str] = []
    one_by_one = threading.Lock()

    def every_other(token: str) -> bytes | None:
        with one_by_one:
            seen.append(token)
            return says(503) if len(seen) % 2 else None

    provider.fault = every_other
    for _ in range(6):
        refresh_due()
        Connection.objects.filter(tries__gt=0).update(refresh_due_at=timezone.now())
    repeats = len(seen) - len(set(seen))
    assert 0 < repeats <= len(seen) / 5


def test_a_repeat_a_minute_goes_out_even_if_nothing_earns_it(
    provider: Provider,
) -> None:
    make_keys(provider, 2)
    provider.fault = is_down
    refresh_due()
    provider.fault = no_fault
    for left in (1, 0):
        make_due()
        Connection.objects.filter(version=2).update(
            refresh_due_at=timezone.now() + MINUTE
        )
        refresh_due()
        assert Connection.objects.filter(version=1).count() == left


# Ends -------------------------------------------------------------------------------


@pytest.mark.parametrize("how_many", [60, pytest.param(1_000, marks=pytest.mark.long)])
def test_every_true_end_is_flagged_in_one_cycle(
    provider: Provider, how_many: int
) -> None:
    keys = make_keys(provider, how_many)
    PlatformApp.objects.update(rotates=False)
    for family in provider.families.values():
        family.is_dead = True
    refresh_due()
    assert Connection.objects.filter(
        state=State.NEEDS_REAUTHORIZATION, problem_at__isnull=False
    ).count() == len(keys)
    assert Event.objects.filter(action="connection.died").count() == len(keys)


def test_a_task_delivered_three_times_ends_where_one_would_have(
    provider: Provider,
) -> None:
    make_keys(provider, 5)
    for _ in range(3):
        refresh_due()
    assert provider.counts["calls"] == 5
    assert set(Connection.objects.values_list("version", "tries")) == {(2, 0)}


# A key in use -----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("how_many", "stall"),
    [
        (40, 1.0),
        # Each has a connection of its own, of which PostgreSQL has a hundred; the
        # door gives up after 20 s.
        pytest.param(
            *(200, 19.0), marks=[pytest.mark.long, pytest.mark.only_on("sqlite")]
        ),
    ],
)
def test_many_who_need_one_key_at_once_cost_one_call(
    how_many: int, stall: float
) -> None:
    with provided(latency=stall) as provider:
        key = make_keys(provider)[0]
        tokens: list[str] = []

        def need() -> None:
            mine = Connection.objects.get(pk=key.pk)
            try:
                opened = connections.open_key(
                    mine, purpose="post", by=BY, in_person=False
                )
                tokens.append(opened.token.reveal())
            finally:
                database.close()

        callers = [threading.Thread(target=need) for _ in range(how_many)]
        for one in callers:
            one.start()
        for one in callers:
            one.join()
        assert provider.counts["calls"] == 1
        assert tokens == ["act.rft.creator-0.0.1"] * how_many


def test_a_refused_key_is_renewed_and_asked_with_again(provider: Provider) -> None:
    key = make_keys(provider, access_until=timezone.now() + 60 * MINUTE)[0]
    asked: list[str] = []

    def ask(connector: Any, token: Any) -> str:
        asked.append(token.reveal())
        if len(asked) == 1:
            raise OutboundError("over", permanent=True, kind="dead_token")
        return "yes"

    opened = connections.open_key(key, purpose="post", by=BY, in_person=True)
    assert opened.ask(ask) == "yes"
    assert asked == ["act.old", "act.rft.creator-0.0.1"]
    key.refresh_from_db()
    assert key.state == State.LIVE


def test_a_key_refused_anew_is_dead(provider: Provider) -> None:
    key = make_keys(provider, access_until=timezone.now() + 60 * MINUTE)[0]

    def refuse(connector: Any, token: Any) -> str:
        raise OutboundError("over", permanent=True, kind="dead_token")

    opened = connections.open_key(key, purpose="post", by=BY, in_person=True)
    with pytest.raises(OutboundError):
        opened.ask(refuse)
    key.refresh_from_db()
    assert key.state == State.NEEDS_REAUTHORIZATION
    assert provider.counts["calls"] == 1
