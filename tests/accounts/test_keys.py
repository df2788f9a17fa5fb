"""What a key says of itself: its end, its state, who acts. Green only when proved."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts import keys
from accounts.models import Connection
from accounts.zones import day_word
from tests.factory import Factory

CREATOR = Connection.Kind.CREATOR
State = Connection.State
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def word_of(key: Connection) -> str:
    return str(keys.pill_of(key)["word"])


def tone_of(key: Connection) -> str:
    return str(keys.pill_of(key)["tone"])


def test_a_key_nobody_used_today_is_not_green(factory: Factory) -> None:
    now = timezone.now()
    assert tone_of(factory.make_connection()) == "off"
    assert tone_of(factory.make_connection(last_used_at=now - 25 * HOUR)) == "off"
    assert tone_of(factory.make_connection(last_used_at=now - HOUR)) == "ok"


@pytest.mark.parametrize("state", [State.NEEDS_REAUTHORIZATION, State.REVOKED])
def test_a_dead_key_is_not_green_however_lately_it_worked(
    factory: Factory, state: str
) -> None:
    key = factory.make_connection(state=state, last_used_at=timezone.now())
    assert tone_of(key) != "ok"


def test_a_login_key_never_ends_and_nothing_is_promised(factory: Factory) -> None:
    key = factory.make_connection(label="Sofia Marin")
    assert keys.at_its_end(key) == (
        "Never ends",
        "Unless Sofia Marin or we withdraw it",
    )
    assert keys.who_acts(key) == ("", "")
    assert not keys.renews_itself(key)


def test_a_creators_key_says_when_it_renews_and_when_it_ends(factory: Factory) -> None:
    due = timezone.now().replace(hour=14, minute=20)
    end = timezone.now() + 300 * DAY
    key = factory.make_connection(
        label="Aino Virta", kind=CREATOR, refresh_due_at=due, expires_at=end
    )
    last = day_word(timezone.localdate(end))
    assert keys.at_its_end(key) == (
        "Renews itself",
        f"Next at 14:20. Aino Virta signs in again before {last}",
    )
    assert keys.who_acts(key) == ("The portal", "Renews at 14:20")


def test_a_creators_key_that_died_waits_for_its_creator(factory: Factory) -> None:
    dead = State.NEEDS_REAUTHORIZATION
    key = factory.make_connection(label="Aino Virta", kind=CREATOR, state=dead)
    assert keys.at_its_end(key) == ("Renews no more", "Aino Virta signs in again")


def test_a_renewal_that_is_late_says_so(factory: Factory) -> None:
    past = timezone.now() - HOUR
    key = factory.make_connection(
        kind=CREATOR, access_until=past, refresh_due_at=past, refreshed_at=past
    )
    assert (word_of(key), tone_of(key)) == ("Renews late", "wait")


def test_the_days_before_its_end_are_counted(factory: Factory) -> None:
    key = factory.make_connection(
        label="Aino Virta", kind=CREATOR, expires_at=timezone.now() + 8 * DAY + HOUR
    )
    assert word_of(key) == "8 days left"
    who, does = keys.who_acts(key)
    assert who == "Aino Virta"
    assert does.startswith("Opens a fresh link before ")


def test_a_renewal_of_tomorrow_says_so(factory: Factory) -> None:
    due = timezone.now().replace(hour=2, minute=1) + DAY
    key = factory.make_connection(kind=CREATOR, refresh_due_at=due)
    assert keys.who_acts(key) == ("The portal", "Renews tomorrow 02:01")
