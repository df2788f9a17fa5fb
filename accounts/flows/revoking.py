"""End a key for good: revoked, used once more, seen refused, then forgotten here."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.flows import connections
from accounts.flows.connections import OpenKey
from accounts.flows.refresh_answers import TERMINAL, trouble
from accounts.flows.refresh_claims import held
from accounts.models import Client, Connection
from accounts.outbound import OutboundError
from accounts.platforms.registry import platform
from accounts.trail import Actor, record
from accounts.vault import Secret, vault

State = Connection.State

PURPOSE = "give the key back"
STILL_ANSWERS = (
    "{platform} said this key is ended, yet it still answers. The portal tries again;"
    " {label} can remove our app in {platform}'s own settings."
)


def end_key(connection: Connection, *, by: Actor, client: Client | None = None) -> bool:
    """End a key and forget its secret; False to try again later, the key says why.

    `client` is whose last permission ends with it: they may read that it did.
    """
    connection.refresh_from_db()
    if connection.state in Connection.ENDED:
        return True
    if not connection.vault_ref:  # nothing of it is left that could be used
        return _forget(connection, State.DROPPED, by=by, client=client)
    try:
        key = _opened(connection, by=by)
        with held(connection):
            is_refused = _revoke(key)
    except OutboundError as error:
        _note(connection, str(error))
        return False
    if not is_refused:
        label = platform(connection.platform).label
        _note(connection, STILL_ANSWERS.format(platform=label, label=connection))
        return False
    return _forget(connection, State.REVOKED, by=by, client=client)


def _opened(connection: Connection, *, by: Actor) -> OpenKey:
    """Take the key from the vault; one that renews itself is seen to work first.

    A token that is over is refused as a revoked one is, while what renews it lives on.
    Raises OutboundError.
    """
    open_key = partial(connections.open_key, by=by, in_person=False, purpose=PURPOSE)
    if connection.refresh_ref and connection.state == State.LIVE:
        try:
            open_key(connection).ask(_whose)
        except OutboundError as error:
            if error.kind not in TERMINAL:
                raise
        connection.refresh_from_db()
    return open_key(connection)


def _whose(connector: Any, token: Secret) -> Any:
    return connector.creator_token_info(token)


def _revoke(key: OpenKey) -> bool:
    """Ask the platform to end the key; True once it refuses it. Raises OutboundError.

    Not by `key.ask`: a refusal is what we want here, no news of a key that died.
    """
    connector = key.connector
    uses = (connector.revoke, connector.who)
    if key.connection.kind == Connection.Kind.CREATOR:
        uses = (connector.revoke_creator, connector.creator_token_info)
    for use in uses:
        try:
            use(key.token)
            is_refused = False
        except OutboundError as error:
            if error.kind != "dead_token":
                raise
            is_refused = True
    return is_refused


def _forget(
    connection: Connection, state: State, *, by: Actor, client: Client | None
) -> bool:
    """Book the end and delete the secret; False if a new key has come meanwhile."""
    references = filter(None, (connection.vault_ref, connection.refresh_ref))
    with transaction.atomic():
        ended = Connection.objects.filter(
            pk=connection.pk, version=connection.version, state=connection.state
        ).update(
            state=state,
            vault_ref="",
            refresh_ref="",
            refresh_due_at=None,
            lease_until=None,
            problem="",
            last_used_at=timezone.now(),
        )
        if ended:
            record(
                f"connection.{state}",
                by=by,
                subject=connection,
                client=client,
                data={"label": str(connection)},
            )
            for reference in references:
                vault().delete(reference, by=by)
    connection.refresh_from_db()
    return bool(ended)


def _note(connection: Connection, problem: str) -> None:
    standing = Connection.objects.standing()
    standing.filter(pk=connection.pk, version=connection.version).update(
        **trouble(problem)
    )
