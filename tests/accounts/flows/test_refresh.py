"""Keys that renew themselves: what ends one, what only puts it off, what is saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.flows import refresh, refresh_batch, refresh_claims, refresh_results
from accounts.models import Connection, Event, SparkAuthorization
from accounts.outbound import OutboundError
from accounts.tasks import refresh_due
from accounts.trail import Actor
from accounts.trail.models import EventPayload
from accounts.vault import vault
from tests.factory import Factory
from tests.provider import Provider, envelope, says
from tests.renewing import BY, age_leases, make_due, make_keys, provided, the_app

pytestmark = pytest.mark.django_db
State = Connection.State
CUT_OFF = says(200, b"{}")[:-1]
DAY = dt.timedelta(days=1)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with provided() as running:
        yield running


@pytest.fixture
def key(provider: Provider) -> Connection:
    return make_keys(provider)[0]


def fails_with(answer: bytes) -> Any:
    return lambda token: answer


def told(action: str) -> int:
    return Event.objects.filter(action=f"connection.{action}").count()


def kept(key: Connection, reference: str) -> str:
    return vault().get(reference, purpose="look", by=BY).reveal()


PASSING = {
    "a fault of the platform": says(503),
    "a fault in its envelope": envelope(50000, "Internal error"),
    "a limit": envelope(40100, "Too many requests: the QPM limit is reached."),
    "too many requests": says(429),
    "an answer without sense": says(200, b"<html>"),
    "our app refused": envelope(40101, "Wrong secret"),
    "a code nobody knows": envelope(49999, "?"),
    "a pair without a key": envelope(0, "OK", {"refresh_token": "rft"}),
}


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_it_ends_no_key_for(provider: Provider, key: Connection, answer: bytes) -> None:
    provider.fault = fails_with(answer)
    assert refresh_due() == 0
    key.refresh_from_db()
    assert (key.state, key.tries, key.version) == (State.LIVE, 1, 1)
    assert key.refresh_due_at > timezone.now() - dt.timedelta(seconds=1)
    assert key.lease_until is None
    assert told("not_refreshed") == 1
    assert kept(key, key.refresh_ref) == "rft.creator-0.0"


def test_it_sends_nothing_again_while_nobody_knows_what_became_of_it(
    provider: Provider, key: Connection
) -> None:
    provider.fault = fails_with(CUT_OFF)
    refresh_due()
    make_due()
    refresh_due()
    assert provider.counts["calls"] == 1
    key.refresh_from_db()
    assert (key.state, key.tries) == (State.LIVE, 0)
    assert key.lease_until > timezone.now() + dt.timedelta(seconds=80)


def test_it_asks_again_when_that_claim_has_run_out_and_says_so(
    provider: Provider, key: Connection
) -> None:
    provider.fault = fails_with(CUT_OFF)
    refresh_due()
    provider.fault = fails_with(None)
    age_leases()
    assert refresh_due() == 1
    key.refresh_from_db()
    assert (key.resends, told("asked_again"), told("refreshed")) == (1, 1, 1)


def test_it_flags_a_key_the_platform_ended(provider: Provider, key: Connection) -> None:
    provider.families["rft.creator-0.0"].is_dead = True
    refresh_due()
    key.refresh_from_db()
    assert key.state == State.NEEDS_REAUTHORIZATION
    assert "@creator0 opens a fresh link" in key.problem
    assert key.refresh_due_at is key.lease_until is None
    assert key.problem_at is not None
    assert told("died") == 1


def test_a_refusal_of_an_older_token_does_not_touch_the_newer(
    provider: Provider, key: Connection
) -> None:
    """Somebody consented anew while the old token was on its way."""
    claim = refresh.claim_one(key, by=BY)
    provider.families["rft.creator-0.0"].is_dead = True
    answer = refresh_batch.ask(refresh_batch.connector_for("tiktok"), claim)
    Connection.objects.update(version=7, lease_until=None)
    refresh_results.settle([answer], by=BY)
    key.refresh_from_db()
    assert (key.state, key.version, key.problem) == (State.LIVE, 7, "")
    assert told("died") == 0


def test_a_pair_of_an_older_token_replaces_no_newer(
    provider: Provider, key: Connection
) -> None:
    claim = refresh.claim_one(key, by=BY)
    answer = refresh_batch.ask(refresh_batch.connector_for("tiktok"), claim)
    Connection.objects.update(version=7)
    refresh_results.settle([answer], by=BY)
    assert kept(key, key.vault_ref) == "act.old"
    assert told("refreshed") == 0


def test_it_calls_nobody_with_a_key_the_vault_does_not_open(
    provider: Provider, key: Connection
) -> None:
    vault().delete(key.refresh_ref, by=BY)
    refresh_due()
    key.refresh_from_db()
    assert provider.counts["calls"] == 0
    assert (key.state, key.tries) == (State.LIVE, 0)
    assert "The vault holds nothing" in key.problem


def test_it_leaves_alone_what_is_not_due(provider: Provider, key: Connection) -> None:
    Connection.objects.update(refresh_due_at=timezone.now() + DAY)
    assert refresh_due() == 0
    assert provider.counts["calls"] == 0


def test_it_does_not_renew_a_login(factory: Factory, provider: Provider) -> None:
    with pytest.raises(OutboundError, match="cannot be renewed") as caught:
        refresh.now(factory.make_connection(), by=BY)
    assert caught.value.permanent


def test_it_sends_nothing_when_the_vault_took_too_long(
    provider: Provider, key: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease might end while the call is under way."""
    monkeypatch.setattr(refresh_claims, "TOTAL_SECONDS", -1)
    refresh_due()
    assert provider.counts["calls"] == 0
    key.refresh_from_db()
    assert key.lease_until > timezone.now()


# A new pair -------------------------------------------------------------------------


def test_it_saves_a_pair_and_when_it_ends(provider: Provider, key: Connection) -> None:
    Connection.objects.update(problem="It failed.", tries=3, told_at=timezone.now())
    now = timezone.now()
    assert refresh_due() == 1
    key.refresh_from_db()
    assert kept(key, key.vault_ref) == "act.rft.creator-0.0.1"
    assert (key.version, key.tries, key.problem, key.told_at) == (2, 0, "", None)
    assert key.lease_until is None
    assert abs(key.access_until - now - DAY) < dt.timedelta(minutes=1)
    assert abs(key.expires_at - now - 365 * DAY) < dt.timedelta(minutes=1)
    assert DAY * 0.59 < key.refresh_due_at - now < DAY * 0.76
    assert key.scopes == ["user.info.basic", "biz.spark.auth"]


def test_it_claims_to_know_no_end_that_nobody_told(
    provider: Provider, key: Connection
) -> None:
    provider.expires_in = None
    refresh_due()
    key.refresh_from_db()
    assert key.access_until is None
    assert key.refresh_due_at < timezone.now() + dt.timedelta(hours=1)


@pytest.mark.django_db(transaction=True)
def test_a_pair_outlives_a_fault_of_the_database(
    provider: Provider, key: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = [OperationalError("deadlock detected")]
    usual = refresh_results._tell_pace

    def fail_once(answers: Any) -> None:
        if faults:
            raise faults.pop()
        usual(answers)

    monkeypatch.setattr(refresh_results, "_tell_pace", fail_once)
    assert refresh_due() == 1
    assert kept(key, key.vault_ref) == "act.rft.creator-0.0.1"


def test_it_keeps_another_refresh_token_and_from_then_on_few_in_flight(
    provider: Provider,
) -> None:
    provider.rotation, provider.latency = "strict", 0.02
    keys = make_keys(provider, 12)
    assert refresh_due() == 12
    assert kept(keys[0], keys[0].refresh_ref) == "rft.creator-0.1"
    assert the_app().rotates
    provider.counts.clear()
    make_due()
    assert refresh_due() == 12
    assert provider.counts["most in flight"] <= 4


def test_no_event_and_no_page_of_it_holds_a_token(
    provider: Provider, key: Connection
) -> None:
    refresh_due()
    bodies = " ".join(EventPayload.objects.values_list("body", flat=True))
    assert "act." not in bodies
    assert "rft." not in bodies


# Whoever needs one ------------------------------------------------------------------


def test_whoever_presses_the_button_is_named(
    provider: Provider, key: Connection, factory: Factory
) -> None:
    Connection.objects.update(refresh_due_at=timezone.now() + DAY)
    colleague = factory.make_user()
    newer = refresh.now(key, by=Actor.staff(colleague))
    assert newer.version == 2
    event = Event.objects.get(action="connection.refreshed")
    assert event.actor_key == str(colleague.pk)


def test_a_renewal_by_hand_is_told_to_every_client_the_key_serves(
    provider: Provider, key: Connection, factory: Factory
) -> None:
    over = SparkAuthorization.State.WITHDRAWN
    factory.make_authorization(connection=key, state=over)
    serving = [factory.make_authorization(connection=key).client for _ in range(2)]
    refresh_due()
    refresh.now(Connection.objects.get(), by=Actor.staff(factory.make_user()))
    events = Event.objects.filter(action="connection.refreshed")
    told = {kind: set() for kind in ("task", "staff")}
    for event in events:
        told[event.actor_kind].add(event.client_key)
    assert told == {"task": {""}, "staff": {str(one.pk) for one in serving}}


def test_a_limit_met_by_one_holds_for_all(provider: Provider, key: Connection) -> None:
    provider.fault = fails_with(PASSING["a limit"])
    with pytest.raises(OutboundError):
        refresh.now(key, by=BY)
    assert the_app().paused_until > timezone.now()


def test_it_waits_for_whoever_is_at_it(
    provider: Provider, key: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = refresh.claim_one(key, by=BY)

    def nap(seconds: float) -> None:
        connector = refresh_batch.connector_for("tiktok")
        refresh_results.settle([refresh_batch.ask(connector, claim)], by=BY)

    monkeypatch.setattr(refresh.time, "sleep", nap)
    assert refresh.fresh(key, by=BY, in_person=True).version == 2
    assert provider.counts["calls"] == 1


def test_it_does_not_wait_for_ever(
    provider: Provider, key: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh.claim_one(key, by=BY)
    monkeypatch.setattr(refresh, "IN_PERSON_SECONDS", 0)
    with pytest.raises(OutboundError, match="being renewed") as caught:
        refresh.now(key, by=BY)
    assert not caught.value.permanent


def test_a_use_of_a_key_that_was_put_off_asks_nobody(
    provider: Provider, key: Connection
) -> None:
    provider.fault = fails_with(says(503))
    refresh_due()
    Connection.objects.update(refresh_due_at=timezone.now() + DAY)
    with pytest.raises(OutboundError, match="tries again at"):
        refresh.fresh(key, by=BY, in_person=True)
    assert provider.counts["calls"] == 1


def test_a_dead_key_says_what_to_do(provider: Provider, key: Connection) -> None:
    Connection.objects.update(state=State.NEEDS_REAUTHORIZATION)
    with pytest.raises(OutboundError, match="opens a fresh link") as caught:
        refresh.now(key, by=BY)
    assert caught.value.permanent
