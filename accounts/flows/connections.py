"""Keys: booked once per login, used with a stated purpose, marked when they fail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.flows.apart import in_turn
from accounts.flows.connectors import open_for
from accounts.models import Connection, ConsentAttempt
from accounts.outbound import OutboundError
from accounts.platforms.registry import platforms
from accounts.trail import Actor, record
from accounts.vault import Secret, VaultError, vault

Answer = TypeVar("Answer")

DEAD_KEY = "The platform no longer accepts this key. {label} must connect again."


def identify(attempt: ConsentAttempt, *, by: Actor) -> Connection:
    """Ask the platform whose token the attempt brought, and book the connection.

    Safe to repeat: a task killed half-way finds the token still with the attempt.
    Raises OutboundError.
    """
    if attempt.connection is not None and not attempt.vault_ref:
        return attempt.connection
    try:
        token = vault().get(attempt.vault_ref, purpose="see who signed in", by=by)
    except VaultError as error:
        raise OutboundError(str(error), permanent=True, kind="vault") from None
    person = open_for(attempt.platform, in_person=True).who(token)
    connection = _book(attempt, person, by=by)
    _keep_newest_key(connection, attempt, token, by=by)
    reference = attempt.vault_ref
    attempt.connection = connection
    attempt.vault_ref = ""
    with transaction.atomic():
        attempt.save(update_fields=["connection", "vault_ref"])
        vault().delete(reference, by=by)
    return connection


def token_of(connection: Connection, *, purpose: str, by: Actor) -> Secret:
    """Return the key for one stated purpose; the read is on the trail."""
    return vault().get(connection.vault_ref, purpose=purpose, by=by)


@dataclass(frozen=True)
class OpenKey:
    """A key taken from the vault once, for all the calls of one purpose."""

    connection: Connection
    connector: Any
    token: Secret
    by: Actor

    def ask(self, ask: Callable[[Any, Secret], Answer]) -> Answer:
        """Call the platform, and book what became of the key. Raises OutboundError.

        `ask` takes the connector and the token.
        """
        try:
            answer = ask(self.connector, self.token)
        except OutboundError as error:
            if error.kind == "dead_token":
                mark_dead(self.connection, by=self.by)
            elif error.kind == "malformed":
                _note(self.connection, problem=str(error)[:300])
            raise
        _note(self.connection, problem="", last_used_at=timezone.now())
        return answer


def open_key(
    connection: Connection, *, purpose: str, by: Actor, in_person: bool
) -> OpenKey:
    """Take this connection's key from the vault.

    Raises OutboundError for a key that the vault does not open; the connection then
    carries the sentence of what to do.
    """
    try:
        token = token_of(connection, purpose=purpose, by=by)
    except VaultError as error:
        _note(connection, problem=str(error)[:300])
        raise OutboundError(str(error), permanent=True, kind="vault") from None
    connector = open_for(connection.platform, in_person=in_person)
    return OpenKey(connection, connector, token, by)


def call(
    connection: Connection,
    ask: Callable[[Any, Secret], Answer],
    *,
    purpose: str,
    by: Actor,
    in_person: bool,
) -> Answer:
    """Make one call with this connection's key. Raises OutboundError."""
    key = open_key(connection, purpose=purpose, by=by, in_person=in_person)
    return key.ask(ask)


def _note(connection: Connection, **values: Any) -> None:
    """Write on the connection unless its key died or changed meanwhile."""
    Connection.objects.filter(
        pk=connection.pk, version=connection.version, state=Connection.State.LIVE
    ).update(**values)


def mark_dead(connection: Connection, *, by: Actor) -> None:
    """Book that the platform refuses this key; access itself is not touched by it."""
    with transaction.atomic():
        changed = Connection.objects.filter(
            pk=connection.pk,
            version=connection.version,
            state=Connection.State.LIVE,
        ).update(
            state=Connection.State.NEEDS_REAUTHORIZATION,
            problem=DEAD_KEY.format(label=connection),
        )
        if changed:
            record(
                "connection.died",
                by=by,
                subject=connection,
                data={"label": connection.label},
            )


def _book(attempt: ConsentAttempt, person: Any, *, by: Actor) -> Connection:
    """Return the one live connection of this login, made if need be."""
    identity = {
        "platform": attempt.platform,
        "app_id": platforms()[attempt.platform].app_id,
        "external_user_id": person.external_id,
    }
    living = Connection.objects.standing()
    try:
        with transaction.atomic():
            connection, made = living.get_or_create(
                **identity,
                defaults={"label": person.display_name, "scopes": attempt.scopes},
            )
            if made:
                record(
                    "connection.booked",
                    by=by,
                    subject=connection,
                    client=attempt.client,
                    data={
                        "label": person.display_name,
                        "platform": platforms()[attempt.platform].label,
                    },
                )
            return connection
    except IntegrityError:  # another visit of the same login booked it first
        return living.get(**identity)


def _keep_newest_key(
    connection: Connection, attempt: ConsentAttempt, token: Secret, *, by: Actor
) -> None:
    """Store the token unless a later consent has already brought a newer one.

    Re-authorizing may kill the older token (TikTok facts 2.2: unconfirmed), so the
    key of the latest consent is the one to keep.
    """
    reference = connection.vault_ref or f"connections/{connection.pk}/access-token"
    with transaction.atomic():
        fresh = Connection.objects.select_for_update().get(pk=connection.pk)
        given_at = attempt.claimed_at or attempt.started_at
        is_older = fresh.key_given_at is not None and fresh.key_given_at > given_at
        if not is_older and not _would_weaken(fresh, attempt):
            vault().set(reference, token, by=by)
            fresh.vault_ref = reference
            fresh.key_given_at = given_at
            fresh.scopes = attempt.scopes
            fresh.state = Connection.State.LIVE
            fresh.problem = ""
            fresh.version += 1
            fresh.save()
    connection.refresh_from_db()  # the key may be one that another visit brought


def _would_weaken(connection: Connection, attempt: ConsentAttempt) -> bool:
    """True when somebody else's consent would be served with fewer permissions.

    A colleague who opens a client's link by mistake must not cost us our own side,
    nor a login that comes for one client the key of another.
    """
    serves_others = (
        connection.consents.standing()
        .exclude(purpose=attempt.purpose, client=attempt.client)
        .exists()
    )
    return serves_others and not set(connection.scopes) <= set(attempt.scopes)


def forget_unused_keys(before: dt.datetime, *, by: Actor) -> int:
    """Delete tokens of trips that never led to a connection; return how many."""
    left = ConsentAttempt.objects.exclude(vault_ref="").filter(started_at__lt=before)
    return len(in_turn(partial(_forget, attempt, by=by) for attempt in left))


@transaction.atomic
def _forget(attempt: ConsentAttempt, *, by: Actor) -> None:
    vault().delete(attempt.vault_ref, by=by)
    attempt.vault_ref = ""
    attempt.save(update_fields=["vault_ref"])
