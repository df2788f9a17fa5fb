"""The trail is append-only, whatever statement comes."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from accounts.models import Event, EventPayload
from accounts.trail import Actor, record
from accounts.trail.guards import REFUSAL, TABLES, prove_guards

pytestmark = pytest.mark.django_db

EVERYWHERE = [
    "UPDATE accounts_event SET action = 'x'",
    "UPDATE accounts_event SET id = id + 1000",
    "DELETE FROM accounts_event",
    "UPDATE accounts_eventpayload SET body = '{}'",
    "UPDATE accounts_eventpayload SET event_id = event_id + 1000",
    "DELETE FROM accounts_eventpayload",
]
ON_SQLITE = [
    "REPLACE INTO accounts_event SELECT * FROM accounts_event",
    "REPLACE INTO accounts_eventpayload SELECT * FROM accounts_eventpayload",
    "INSERT OR REPLACE INTO accounts_eventpayload SELECT * FROM accounts_eventpayload",
    "UPDATE OR REPLACE accounts_event SET action = 'x'",
    "INSERT INTO accounts_eventpayload SELECT * FROM accounts_eventpayload WHERE true"
    " ON CONFLICT(event_id) DO UPDATE SET body = 'x'",
]
ON_POSTGRESQL = [
    "TRUNCATE accounts_event",
    "TRUNCATE accounts_eventpayload",
    "TRUNCATE accounts_event, accounts_eventpayload CASCADE",
    "INSERT INTO accounts_eventpayload SELECT * FROM accounts_eventpayload"
    " ON CONFLICT (event_id) DO UPDATE SET body = 'x'",
    "MERGE INTO accounts_event e USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
]
BY_VENDOR = {"sqlite": ON_SQLITE, "postgresql": ON_POSTGRESQL}
STATEMENTS = EVERYWHERE + BY_VENDOR[connection.vendor]


@pytest.fixture
def event(db: None) -> Event:
    return record("trail.probed", by=Actor.system())


def refused(statement: str) -> bool:
    with (
        pytest.raises(DatabaseError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    return REFUSAL in str(caught.value)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_it_refuses_the_statement(event: Event, statement: str) -> None:
    assert refused(statement)
    assert Event.objects.get(pk=event.pk).action == "trail.probed"
    assert EventPayload.objects.filter(event_id=event.pk).exists()


def test_it_refuses_the_orm_too(event: Event) -> None:
    event.action = "x"
    for act in (event.save, event.delete, Event.objects.all().delete):
        with pytest.raises(DatabaseError, match=REFUSAL), transaction.atomic():
            act()


@pytest.mark.only_on("postgresql")
def test_it_refuses_a_session_that_plays_a_replica(event: Event) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    assert refused("DELETE FROM accounts_event")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def triggers() -> list[tuple[str, str]]:
    names = (
        ("update", "delete") if connection.vendor == "sqlite" else ("rows", "truncate")
    )
    return [(table, f"{table}_no_{name}") for table in TABLES for name in names]


@pytest.mark.parametrize(("table", "trigger"), triggers())
def test_it_does_not_start_without_a_trigger(table: str, trigger: str) -> None:
    suffix = "" if connection.vendor == "sqlite" else f" ON {table}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {trigger}{suffix}")
    with pytest.raises(ImproperlyConfigured, match="its triggers are missing"):
        prove_guards()


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize(("table", "trigger"), triggers())
def test_it_does_not_start_with_a_trigger_switched_off(
    table: str, trigger: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    with pytest.raises(ImproperlyConfigured):
        prove_guards()


@pytest.mark.only_on("sqlite")
@pytest.mark.django_db(transaction=True)
def test_it_does_not_start_without_recursive_triggers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers = OFF")
    try:
        with pytest.raises(ImproperlyConfigured, match="recursive_triggers"):
            prove_guards()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers = ON")


def test_it_proves_the_guards_without_a_trace(event: Event) -> None:
    before = Event.objects.count()
    prove_guards()
    assert Event.objects.count() == before
