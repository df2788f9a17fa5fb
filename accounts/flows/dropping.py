"""Give keys back: those promised back, and those nobody stands behind any more.

A promised one waits while a grant that needs it is under way. The last consent ends
the token: revoked at the platform first, then forgotten here. Access stays; from then
on only the client can take the share back.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.flows import connections
from accounts.models import Connection, Consent, GrantAttempt, RoleGrant
from accounts.outbound import OutboundError
from accounts.trail import Actor, record
from accounts.vault import vault

UNDER_WAY = (
    RoleGrant.State.DRAFT,
    *RoleGrant.UNSETTLED,
    RoleGrant.State.WITHDRAWING,
)


def drop_done(*, by: Actor) -> int:
    """Drop every key whose work is done; return how many consents ended."""
    promised = Consent.objects.filter(
        purpose=Consent.Purpose.CLIENT, state=Consent.State.GIVEN, keeps_key=False
    ).select_related("connection", "client")
    return sum(_drop(consent, by=by) for consent in promised if _is_done(consent))


def drop_orphans(before: dt.datetime, *, by: Actor) -> int:
    """End keys given before then that no consent is left for; return how many.

    Somebody signed in, said "that is not me", and never came back with that login.
    """
    standing = Consent.objects.standing()
    orphans = Connection.objects.standing().filter(
        ~Exists(standing.filter(connection=OuterRef("pk"))), key_given_at__lt=before
    )
    return sum(_end_key(connection, by=by) for connection in orphans)


def _is_done(consent: Consent) -> bool:
    """True when the key has shared something and no grant of the client needs it."""
    has_worked = GrantAttempt.objects.filter(
        connection=consent.connection, grant__asset__client=consent.client
    ).exists()
    is_needed = RoleGrant.objects.filter(
        asset__reaches__connection=consent.connection,
        asset__client=consent.client,
        state__in=UNDER_WAY,
    ).exists()
    return has_worked and not is_needed


def _drop(consent: Consent, *, by: Actor) -> bool:
    """End one consent, and the key with the last; False to try again later."""
    connection = consent.connection
    others = connection.consents.standing().exclude(pk=consent.pk)
    if not others.exists() and not _end_key(connection, by=by):
        return False
    with transaction.atomic():
        consent.state = Consent.State.WITHDRAWN
        consent.withdrawn_at = timezone.now()
        consent.save(update_fields=["state", "withdrawn_at"])
        record(
            "consent.withdrawn",
            by=by,
            subject=connection,
            client=consent.client,
            data={"label": str(connection)},
        )
    return True


def _end_key(connection: Connection, *, by: Actor) -> bool:
    """Revoke the key at the platform, then forget it; False to try again later."""
    if connection.state in Connection.ENDED:
        return True
    if not _revoke(connection, by=by):
        return False
    reference = connection.vault_ref
    with transaction.atomic():
        connection.state = Connection.State.DROPPED
        connection.vault_ref = ""
        connection.problem = ""
        connection.save(update_fields=["state", "vault_ref", "problem"])
        record(
            "connection.dropped",
            by=by,
            subject=connection,
            data={"label": str(connection)},
        )
    if reference:
        vault().delete(reference, by=by)
    return True


def _revoke(connection: Connection, *, by: Actor) -> bool:
    """Ask the platform to end the key; a key that is dead already is ended, too."""
    try:
        connections.call(
            connection,
            lambda connector, token: connector.revoke(token),
            purpose="give the key back as promised",
            by=by,
            in_person=False,
        )
    except OutboundError as error:
        return error.kind == "dead_token"
    return True
