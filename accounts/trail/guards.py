"""Triggers that refuse to change or delete what the trail holds, and their proof.

PostgreSQL: one function, row triggers for UPDATE and DELETE, a statement trigger for
TRUNCATE, all ENABLE ALWAYS so that replication roles cannot walk past. SQLite: row
triggers; with recursive_triggers ON they also catch INSERT OR REPLACE.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from accounts.trail.actors import Actor
from accounts.trail.recording import record

TABLES = ("accounts_event", "accounts_eventpayload")
REFUSAL = "the trail is append-only"

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
"""
_POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION trail_refuses() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
"""


def install_guards(connection: Any) -> None:
    """Create the triggers; they must not exist yet."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for table in TABLES:
                for verb in ("update", "delete"):
                    cursor.execute(
                        _SQLITE.format(table=table, verb=verb, refusal=REFUSAL)
                    )
            return
        cursor.execute(_POSTGRES_FUNCTION)
        for table in TABLES:
            for name, event, level in (
                ("rows", "UPDATE OR DELETE", "ROW"),
                ("truncate", "TRUNCATE", "STATEMENT"),
            ):
                trigger = f"{table}_no_{name}"
                cursor.execute(
                    f"CREATE TRIGGER {trigger} BEFORE {event} ON {table}"
                    f" FOR EACH {level} EXECUTE FUNCTION trail_refuses()"
                )
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def remove_guards(connection: Any) -> None:
    """Drop the triggers: for the migration's reverse and the test base only."""
    names = (
        ("update", "delete") if connection.vendor == "sqlite" else ("rows", "truncate")
    )
    with connection.cursor() as cursor:
        for table in TABLES:
            for name in names:
                suffix = "" if connection.vendor == "sqlite" else f" ON {table}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{name}{suffix}")


def prove_guards() -> None:
    """Try to change, delete and replace a fresh event, then roll everything back.

    Raises ImproperlyConfigured when one of these is let through: the processes that
    serve people call this before their first work. A database that is not migrated
    yet has no trail to guard and passes.
    """
    if TABLES[0] not in connection.introspection.table_names():
        return
    for name, statement in _attempts().items():
        if not _is_refused(statement):
            raise ImproperlyConfigured(
                f"The trail can be changed by {name}: its triggers are missing or"
                " switched off. Run `manage.py migrate`; on SQLite the setting"
                " recursive_triggers must be ON."
            )


def _attempts() -> dict[str, str]:
    """Statements the guards must refuse; each takes the probe's id at most once."""
    attempts = {
        "UPDATE": "UPDATE accounts_event SET action = 'x' WHERE id = %s",
        "DELETE": "DELETE FROM accounts_event WHERE id = %s",
        "UPDATE of a payload": (
            "UPDATE accounts_eventpayload SET body = 'x' WHERE event_id = %s"
        ),
        "DELETE of a payload": "DELETE FROM accounts_eventpayload WHERE event_id = %s",
    }
    if connection.vendor == "sqlite":
        attempts["REPLACE"] = (
            "REPLACE INTO accounts_eventpayload"
            " SELECT * FROM accounts_eventpayload WHERE event_id = %s"
        )
    else:
        attempts["TRUNCATE"] = "TRUNCATE accounts_event"
        attempts["TRUNCATE of the payloads"] = "TRUNCATE accounts_eventpayload"
    return attempts


def _is_refused(statement: str) -> bool:
    """Run `statement` on one probe event inside a transaction that is rolled back."""
    with transaction.atomic():
        probe = record("trail.probed", by=Actor.system())
        parameters = [probe.pk] if "%s" in statement else []
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, parameters)
        except DatabaseError as error:
            refused = REFUSAL in str(error)
        else:
            refused = False
        transaction.set_rollback(True)
    return refused
