"""End permissions that came to nothing, and the keys nobody stands behind any more."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.flows import revoking
from accounts.flows.apart import in_turn
from accounts.models import Client, Connection, Consent
from accounts.trail import Actor, record


def give_up(connection: Connection, client: Client, *, by: Actor) -> bool:
    """End a permission that never served this client; False if it did, or is over.

    Its key is an orphan then, unless it serves somebody else. Call inside the
    transaction of what gives it up.
    """
    if connection.reaches.filter(asset__client=client).exists():
        return False
    ended = (
        connection.consents.standing()
        .filter(client=client)
        .update(state=Consent.State.WITHDRAWN, withdrawn_at=timezone.now())
    )
    if ended:
        record(
            "consent.withdrawn",
            by=by,
            subject=connection,
            client=client,
            data={"label": str(connection)},
        )
    return bool(ended)


def drop_orphan(connection_id: Any, *, version: int, by: Actor) -> bool:
    """End one key at once; False if it is wanted, or came anew since `version`."""
    connection = Connection.objects.get(pk=connection_id)
    if connection.version != version or connection.consents.standing().exists():
        return False
    return revoking.end_key(connection, by=by)


def drop_orphans(before: dt.datetime, *, by: Actor) -> int:
    """End keys given before then that no consent is left for; return how many.

    Somebody signed in, said "that is not me", and never came back with that login.
    """
    standing = Consent.objects.standing()
    orphans = Connection.objects.standing().filter(
        ~Exists(standing.filter(connection=OuterRef("pk"))), key_given_at__lt=before
    )
    ends = (partial(revoking.end_key, connection, by=by) for connection in orphans)
    return sum(in_turn(ends))
