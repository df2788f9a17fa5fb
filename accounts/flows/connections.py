"""Keys: used with a stated purpose, renewed if need be, marked when they fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NoReturn, TypeVar

from django.db import transaction
from django.utils import timezone

from accounts.flows import refresh
from accounts.flows.connectors import open_for
from accounts.flows.refresh_answers import trouble
from accounts.flows.refresh_results import flag_dead
from accounts.models import Connection
from accounts.outbound import OutboundError
from accounts.trail import Actor, record
from accounts.vault import Secret, VaultError, vault

Answer = TypeVar("Answer")

DEAD_KEY = "The platform no longer accepts this key. {label} must connect again."


@dataclass(frozen=True)
class OpenKey:
    """A key taken from the vault once, for all the calls of one purpose."""

    connection: Connection
    connector: Any
    token: Secret
    by: Actor
    purpose: str
    in_person: bool

    def ask(self, ask: Callable[[Any, Secret], Answer]) -> Answer:
        """Call the platform, and book what became of the key. Raises OutboundError.

        `ask` takes the connector and the token. A key that renews itself is renewed
        and asked with once more before a refusal counts.
        """
        try:
            answer = ask(self.connector, self.token)
        except OutboundError as error:
            if error.kind == "dead_token" and self.connection.refresh_ref:
                return self._renewed().ask_finally(ask)
            return self._refused(error)
        return self._served(answer)

    def ask_finally(self, ask: Callable[[Any, Secret], Answer]) -> Answer:
        """Call as ask() does, with a key that was just renewed."""
        try:
            answer = ask(self.connector, self.token)
        except OutboundError as error:
            return self._refused(error)
        return self._served(answer)

    def _renewed(self) -> OpenKey:
        """Return the key with the token of today: it may have been renewed since."""
        newer = refresh.now(self.connection, by=self.by, in_person=self.in_person)
        return replace(
            self, connection=newer, token=_opened(newer, self.purpose, self.by)
        )

    def _served(self, answer: Answer) -> Answer:
        _note(self.connection, problem="", last_used_at=timezone.now())
        return answer

    def _refused(self, error: OutboundError) -> NoReturn:
        if error.kind == "dead_token":
            mark_dead(self.connection, by=self.by)
        elif error.kind == "malformed":
            _note(self.connection, **trouble(str(error)))
        raise error


def open_key(
    connection: Connection, *, purpose: str, by: Actor, in_person: bool
) -> OpenKey:
    """Take this connection's key from the vault; the read is on the trail.

    One that is over, or nearly, is renewed before. Raises OutboundError for a key that
    the vault does not open; the connection then carries the sentence of what to do.
    """
    connection = refresh.fresh(connection, by=by, in_person=in_person)
    token = _opened(connection, purpose, by)
    connector = open_for(connection.platform, in_person=in_person)
    return OpenKey(connection, connector, token, by, purpose, in_person)


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


def _opened(connection: Connection, purpose: str, by: Actor) -> Secret:
    try:
        return vault().get(connection.vault_ref, purpose=purpose, by=by)
    except VaultError as error:
        _note(connection, **trouble(str(error)))
        raise OutboundError(
            str(error), permanent=error.permanent, kind="vault"
        ) from None


def mark_dead(connection: Connection, *, by: Actor) -> None:
    """Book that the platform refuses this key; access itself is not touched by it."""
    with transaction.atomic():
        if flag_dead(connection, DEAD_KEY.format(label=connection)):
            record(
                "connection.died",
                by=by,
                subject=connection,
                data={"label": connection.label},
            )
