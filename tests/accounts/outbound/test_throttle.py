from __future__ import annotations

import datetime as dt
import threading
import time
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.outbound import InsideTransactionError, OutboundError, Pause, throttle
from accounts.outbound.models import PlatformApp
from accounts.outbound.throttle import Throttle

UTC = dt.UTC


@pytest.fixture
def app(db: None) -> PlatformApp:
    return PlatformApp.objects.create(platform="tiktok", app_id="7001")


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits that pass at once: the bucket's clock is moved back instead."""
    taken: list[float] = []

    def nap(seconds: float) -> None:
        taken.append(seconds)
        for row in PlatformApp.objects.all():
            row.refilled_at -= dt.timedelta(seconds=seconds)
            if row.paused_until:
                row.paused_until -= dt.timedelta(seconds=seconds)
            row.save()

    monkeypatch.setattr(throttle.time, "sleep", nap)
    return taken


def background() -> Throttle:
    return Throttle("tiktok", "7001", in_person=False)


def in_person() -> Throttle:
    return Throttle("tiktok", "7001", in_person=True)


def fill(app: PlatformApp, tokens: float, **fields: Any) -> None:
    PlatformApp.objects.filter(pk=app.pk).update(
        tokens=tokens, refilled_at=timezone.now(), **fields
    )


def pause(app: PlatformApp, **ends_in: float) -> dt.datetime:
    until = timezone.now() + dt.timedelta(**ends_in)
    fill(app, 10, paused_until=until)
    return until


# Pauses -----------------------------------------------------------------------------


@pytest.mark.parametrize("brake", [background(), in_person()])
def test_it_lets_nobody_call_during_a_pause(
    app: PlatformApp, naps: list[float], brake: Throttle
) -> None:
    until = pause(app, minutes=5)
    with pytest.raises(OutboundError) as caught:
        brake.take()
    assert not caught.value.permanent
    assert caught.value.until == until
    assert f"{until:%H:%M:%S}" in str(caught.value)
    assert naps == []


def test_it_sits_out_a_pause_of_a_second(app: PlatformApp, naps: list[float]) -> None:
    pause(app, seconds=0.9)
    in_person().take()
    assert 0.8 < sum(naps) < 1.2


def test_it_goes_on_after_a_pause(app: PlatformApp, naps: list[float]) -> None:
    pause(app, seconds=-1)
    background().take()
    assert naps == []


def test_it_keeps_the_longer_of_two_pauses(app: PlatformApp) -> None:
    until = pause(app, hours=9)
    background().rest(Pause.MINUTE, "again")
    app.refresh_from_db()
    assert app.paused_until == until


def test_it_counts_refusals_until_the_platform_answers(app: PlatformApp) -> None:
    brake = background()
    brake.rest(Pause.SECOND, "TikTok asks us to slow down.")
    brake.rest(Pause.SECOND, "TikTok asks us to slow down.")
    app.refresh_from_db()
    assert (app.probes, app.tokens) == (2, 0)
    fill(app, 10, paused_until=None)
    brake.take()
    brake.ease()
    app.refresh_from_db()
    assert (app.probes, app.pause_reason) == (0, "")


@pytest.mark.parametrize(
    ("pause", "until"),
    [
        (Pause.SECOND, dt.datetime(2026, 11, 22, 23, 30, 6, tzinfo=UTC)),
        (Pause.MINUTE, dt.datetime(2026, 11, 22, 23, 35, 5, 400_000, tzinfo=UTC)),
        (Pause.DAY, dt.datetime(2026, 11, 23, 0, 0, tzinfo=UTC)),
    ],
)
def test_it_rests_for_the_window_that_is_used_up(
    pause: Pause, until: dt.datetime
) -> None:
    assert pause.until(dt.datetime(2026, 11, 22, 23, 30, 5, 400_000, UTC)) == until


def test_it_ends_the_day_in_utc_wherever_the_clock_hangs() -> None:
    berlin = dt.timezone(dt.timedelta(hours=1))
    now = dt.datetime(2026, 11, 23, 0, 30, tzinfo=berlin)
    assert Pause.DAY.until(now) == dt.datetime(2026, 11, 23, tzinfo=UTC)


# The bucket -------------------------------------------------------------------------


def test_it_gives_up_when_no_call_comes_free(
    app: PlatformApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "IN_PERSON_SECONDS", 0.05)
    fill(app, 0, rate_per_second=1)
    with pytest.raises(OutboundError, match="wait before this one") as caught:
        in_person().take()
    assert not caught.value.permanent


def test_it_keeps_a_third_for_people(app: PlatformApp, naps: list[float]) -> None:
    fill(app, 4.2)
    in_person().take()
    assert naps == []
    background().take()
    assert naps != []


def test_it_lets_people_empty_the_bucket(app: PlatformApp, naps: list[float]) -> None:
    fill(app, 3)
    for _ in range(3):
        in_person().take()
    assert naps == []


@pytest.mark.parametrize("rate", [0.5, 1, 1.4])
@pytest.mark.parametrize("brake", [background(), in_person()])
def test_it_lets_calls_through_at_the_slowest_rates(
    app: PlatformApp,
    naps: list[float],
    monkeypatch: pytest.MonkeyPatch,
    brake: Throttle,
    rate: float,
) -> None:
    fill(app, 0, rate_per_second=rate)
    brake.take()
    assert sum(naps) < 2 / rate + 1


def test_it_never_holds_more_than_a_second_of_calls(app: PlatformApp) -> None:
    fill(app, 0)
    app.refresh_from_db()
    app.refilled_at -= dt.timedelta(hours=1)
    app.save()
    in_person().take()
    app.refresh_from_db()
    assert app.tokens == pytest.approx(9)


def test_it_survives_a_clock_that_goes_back(app: PlatformApp) -> None:
    fill(app, 5)
    app.refresh_from_db()
    app.refilled_at += dt.timedelta(hours=1)
    app.save()
    in_person().take()
    app.refresh_from_db()
    assert app.tokens == pytest.approx(4)


@pytest.mark.django_db
def test_it_makes_the_bucket_of_an_app_it_has_not_met() -> None:
    background().take()
    assert PlatformApp.objects.get().app_id == "7001"


@pytest.mark.django_db
def test_it_keeps_apps_apart(app: PlatformApp) -> None:
    pause(app, hours=1)
    Throttle("tiktok", "7002", in_person=False).take()


# Many calls at once -----------------------------------------------------------------


def test_it_draws_what_came_free_and_says_when_the_next_does(app: PlatformApp) -> None:
    fill(app, 7)
    drawn = background().draw(20)
    assert drawn.calls == 3  # a third of ten stays for people
    assert 0 < drawn.wait < 0.11


def test_it_takes_back_what_was_not_used(app: PlatformApp) -> None:
    fill(app, 9)
    in_person().draw(4)
    in_person().give_back(3)
    app.refresh_from_db()
    assert app.tokens == pytest.approx(8, abs=0.2)


# Many processes ---------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_draw_inside_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(InsideTransactionError, match="Commit"):
        in_person().take()


@pytest.mark.django_db(transaction=True)
def test_it_never_hands_out_more_than_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = time.monotonic()
    PlatformApp.objects.create(
        platform="tiktok", app_id="7001", rate_per_second=20, tokens=10
    )
    taken: list[float] = []

    def draw() -> None:
        try:
            for _ in range(5):
                in_person().take()
                taken.append(time.monotonic())
        finally:
            connection.close()

    threads = [threading.Thread(target=draw) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 30
    for count, moment in enumerate(sorted(taken), start=1):
        assert count <= 10 + 20 * (moment - started) + 0.5
