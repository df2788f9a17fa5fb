"""Give a client's key back when that is what they were promised.

It waits while a grant that needs the key is under way. The last consent ends the
token: revoked at the platform first, then forgotten here. Access stays; from then on
only the client can take the share back.
"""

from __future__ import annotations

from django.db import transaction
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
    others = connection.consents.exclude(pk=consent.pk).exclude(
        state=Consent.State.WITHDRAWN
    )
    is_last = not others.exists()
    if is_last and not _revoke(connection, by=by):
        return False
    reference = connection.vault_ref
    with transaction.atomic():
        consent.state = Consent.State.WITHDRAWN
        consent.withdrawn_at = timezone.now()
        consent.save(update_fields=["state", "withdrawn_at"])
        if is_last:
            connection.state = Connection.State.DROPPED
            connection.vault_ref = ""
            connection.problem = ""
            connection.save(update_fields=["state", "vault_ref", "problem"])
        record(
            "consent.withdrawn",
            by=by,
            subject=connection,
            client=consent.client,
            data={"label": str(connection), "key_ended": is_last},
        )
    if is_last and reference:
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
