"""What came of renewing keys: a new pair, an end, or another try later.

Only the platform's own word that it renews this key no more ends one; no outage, no
error of ours, no lost answer does. Whoever writes about an older pair writes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import DatabaseError, close_old_connections, transaction
from django.db import connection as database

from accounts.flows.refresh_answers import DIED, OUTAGES, Answer, dead, later, renew
from accounts.flows.refresh_pace import Heard, Pace
from accounts.models import Connection
from accounts.trail import Actor, record_all
from accounts.vault import Secret, vault

log = logging.getLogger(__name__)

# The columns of a key that a renewal changes.
WRITTEN = [
    *("version", "state", "scopes", "access_until", "expires_at", "refreshed_at"),
    *("refresh_due_at", "lease_until", "tries"),
    *("problem", "last_problem", "problem_at", "told_at", "end_told"),
]


def settle(answers: Sequence[Answer], *, by: Actor) -> None:
    """Write down what came, all of it in one transaction.

    A key that got another pair meanwhile, or was ended, is left alone; so is one that
    somebody else has claimed since, unless a pair came. If the database fails it is
    tried once more: a pair that came is nowhere else yet.
    """
    if not answers:
        return
    try:
        _settle(answers, by=by)
    except DatabaseError:
        log.exception("The database failed; what came is written once more.")
        close_old_connections()
        _settle(answers, by=by)


def _settle(answers: Sequence[Answer], *, by: Actor) -> None:
    with transaction.atomic():
        rows = _unchanged(answers)
        mine = [one for one in answers if one.connection.pk in rows]
        failed = [one for one in mine if one.error and _is_held(rows, one)]
        _take_in(rows, [one for one in mine if one.error is None], by=by)
        _bury(rows, [one for one in failed if one.is_dead], by=by)
        passing = [one for one in failed if not (one.is_dead or one.is_lost)]
        _put_off(rows, passing, by=by)
        _write(list(rows.values()))
        _tell_pace(answers)


def flag_dead(connection: Connection, problem: str) -> bool:
    """Mark this key as one that a person must mend; False if it changed meanwhile."""
    mine = Connection.objects.live().filter(
        pk=connection.pk, version=connection.version
    )
    return bool(mine.update(**dead(problem)))


def _unchanged(answers: Sequence[Answer]) -> dict[Any, Connection]:
    """Lock the keys that still are as they were when they were claimed."""
    claimed = {one.connection.pk: one.connection.version for one in answers}
    rows = Connection.objects.live().filter(pk__in=list(claimed))
    locked = rows.select_for_update().order_by("pk")
    return {row.pk: row for row in locked if row.version == claimed[row.pk]}


def _is_held(rows: Mapping[Any, Connection], one: Answer) -> bool:
    """True while nobody else has claimed the key: their call may go well."""
    return rows[one.connection.pk].lease_until == one.connection.lease_until


def _take_in(
    rows: Mapping[Any, Connection], answers: Sequence[Answer], *, by: Actor
) -> None:
    """Save each new pair, and that it came, before anybody can use it."""
    brief: dict[str, Secret] = {}
    lasting: dict[str, Secret] = {}
    for one in answers:
        row = rows[one.connection.pk]
        brief[row.vault_ref] = one.pair.access_token
        if one.rotated is not None:
            lasting[row.refresh_ref] = one.rotated
        renew(row, one)
    if brief:
        vault().set_many(brief, by=by, short_lived=True)
    if lasting:
        vault().set_many(lasting, by=by)
    _tell("connection.refreshed", answers, by=by)


def _bury(
    rows: Mapping[Any, Connection], answers: Sequence[Answer], *, by: Actor
) -> None:
    """Flag keys that the platform ended."""
    for one in answers:
        row = rows[one.connection.pk]
        _set(row, tries=0, **dead(DIED.format(label=row)))
    _tell("connection.died", answers, by=by)


def _put_off(
    rows: Mapping[Any, Connection], answers: Sequence[Answer], *, by: Actor
) -> None:
    for one in answers:
        _set(rows[one.connection.pk], **later(one))
    _tell("connection.not_refreshed", answers, by=by)


def _tell(action: str, answers: Sequence[Answer], *, by: Actor) -> None:
    """Tell what came: of a colleague's own renewal, to the clients the key serves.

    The portal's are no client's story: there is one a day of every key.
    """
    told = []
    for one in answers:
        said = {"problem": str(one.error)} if one.error else {}
        told.append((one.connection, {"label": str(one.connection), **said}))
    if told and by.kind == "staff":
        for subject, said in told:
            clients = list(subject.clients_served()) or (None,)
            record_all(action, [(subject, said)], by=by, clients=clients)
    elif told:
        record_all(action, told, by=by)


def _write(rows: Sequence[Connection]) -> None:
    """Write one UPDATE a key, all of them sent together.

    bulk_update() writes a CASE a column and a key, an upsert prepares every column:
    either costs a batch a good part of its speed.
    """
    meta, quote = Connection._meta, database.ops.quote_name
    columns = {one.attname: one for one in meta.concrete_fields}
    fields = [columns[name] for name in (*WRITTEN, "id")]
    sets = ", ".join(f"{quote(name)} = %s" for name in WRITTEN)
    values = [
        [one.get_db_prep_save(getattr(row, one.attname), database) for one in fields]
        for row in rows
    ]
    with database.cursor() as cursor:
        update = f"UPDATE {quote(meta.db_table)} SET {sets} WHERE id = %s"  # noqa: S608
        cursor.executemany(update, values)


def _set(row: Connection, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _tell_pace(answers: Sequence[Answer]) -> None:
    """Let the app's pace learn. What the vault does not open tells nothing of it."""
    first = answers[0].connection
    heard = [
        Heard(is_outage=not one.is_word, is_probe=one.claim.is_probe)
        for one in answers
        if one.is_word or (one.error and one.error.kind in OUTAGES)
    ]
    pairs = [one for one in answers if one.error is None]
    rotates = any(one.rotated for one in pairs) if pairs else None
    Pace(first.platform, first.app_id).heed(heard, rotates=rotates)
