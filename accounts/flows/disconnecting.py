"""Give keys back: on a colleague's wish, or because the client was promised so.

Both wait while a grant that needs the key is under way. The last consent ends the
token; otherwise only this one permission ends. Access stays: from then on only the
client can take a share back.
"""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.flows import revoking
from accounts.flows.apart import in_turn
from accounts.models import Asset, Connection, Consent, GrantAttempt, RoleGrant
from accounts.models.grants import RoleGrantQuerySet
from accounts.trail import Actor, record

UNDER_WAY = (RoleGrant.State.DRAFT, *RoleGrant.WORKED)


def ask(consent: Consent, *, by: Actor) -> bool:
    """Wish this permission ended; False if it is over or somebody wished so before."""
    given = Consent.objects.filter(state=Consent.State.GIVEN, end_asked_at=None)
    with transaction.atomic():
        asked = given.filter(pk=consent.pk).update(end_asked_at=timezone.now())
        if asked:
            _tell(consent, "consent.end_asked", by=by)
    return bool(asked)


def call_back(consent: Consent, *, by: Actor) -> bool:
    """Let the permission stand after all; False if nobody wished its end, or too late.

    It is too late from when its key is being ended: only the platform knows by then.
    """
    ending = Consent.objects.standing().filter(
        end_asked_at__isnull=False, withdrawn_at=None
    )
    with transaction.atomic():
        called_back = ending.filter(pk=consent.pk).update(end_asked_at=None)
        if called_back:
            _tell(consent, "consent.end_called_back", by=by)
    return bool(called_back)


def waits_for(consent: Consent) -> RoleGrantQuerySet:
    """Return the grants under way that this key has to serve first."""
    grants = RoleGrant.objects.filter(state__in=UNDER_WAY)
    if consent.purpose == Consent.Purpose.CLIENT:
        return grants.filter(
            asset__reaches__connection=consent.connection,
            asset__client=consent.client,
        ).distinct()
    centers = left_unread(consent)
    return grants.filter(
        Q(grantee__center__in=centers) | Q(via__grantee__center__in=centers)
    )


def held_through(consent: Consent) -> RoleGrantQuerySet:
    """Return what the client shares with us and this key could still take back."""
    return RoleGrant.objects.filter(
        state__in=RoleGrant.HELD,
        via__isnull=True,
        asset__reaches__connection=consent.connection,
        asset__client=consent.client,
    ).distinct()


def left_unread(consent: Consent) -> list[Asset]:
    """Return our centers that no other key of ours would read."""
    if consent.purpose != Consent.Purpose.AGENCY:
        return []
    others = (
        Connection.objects.live()
        .filter(
            consents__purpose=Consent.Purpose.AGENCY,
            consents__state=Consent.State.GIVEN,
            consents__end_asked_at__isnull=True,
            reaches__asset=OuterRef("pk"),
            reaches__can_grant=True,
        )
        .exclude(pk=consent.connection_id)
    )
    read_by_it = consent.connection.reaches.filter(can_grant=True).values("asset")
    return list(Asset.objects.filter(~Exists(others), pk__in=read_by_it))


def is_last(consent: Consent) -> bool:
    """True when the token itself ends with this permission."""
    others = consent.connection.consents.standing().exclude(pk=consent.pk)
    return not others.exists()


def carry_out(*, by: Actor) -> int:
    """End what is wished or promised and nothing needs; return how many ended."""
    return sum(in_turn(partial(_carry_out, one, by=by) for one in _wished()))


def end_now(consent: Consent, *, by: Actor) -> bool:
    """End a permission nothing needs any more, at once; False to try again later."""
    ask(consent, by=by)
    consent.refresh_from_db()
    return _carry_out(consent, by=by)


def _wished() -> list[Consent]:
    """A promise counts from when the key has worked: before, it is still needed."""
    worked = GrantAttempt.objects.filter(
        connection=OuterRef("connection"), grant__asset__client=OuterRef("client")
    )
    promised = Q(
        Exists(worked),
        purpose=Consent.Purpose.CLIENT,
        state=Consent.State.GIVEN,
        keeps_key=False,
    )
    standing = Consent.objects.standing().select_related("connection", "client")
    return list(standing.filter(promised | Q(end_asked_at__isnull=False)))


def _carry_out(consent: Consent, *, by: Actor) -> bool:
    """A key given anew since the wish is wanted again."""
    given_at, asked_at = consent.connection.key_given_at, consent.end_asked_at
    if asked_at and given_at and given_at > asked_at:
        Consent.objects.standing().filter(pk=consent.pk).update(withdrawn_at=None)
        call_back(consent, by=by)
        return False
    return not waits_for(consent).exists() and _end(consent, by=by)


def _end(consent: Consent, *, by: Actor) -> bool:
    """End one consent, and the key with the last; False to try again later."""
    key, client = consent.connection, consent.client
    standing = Consent.objects.standing().filter(pk=consent.pk)
    as_wished = standing.filter(end_asked_at=consent.end_asked_at)
    if not as_wished.update(withdrawn_at=timezone.now()):
        return False  # called back since the sweep looked
    if is_last(consent) and not revoking.end_key(key, by=by, client=client):
        standing.update(withdrawn_at=None)
        return False
    with transaction.atomic():
        ended = standing.update(state=Consent.State.WITHDRAWN)
        if ended:
            _tell(consent, "consent.withdrawn", by=by)
    return bool(ended)


def _tell(consent: Consent, action: str, *, by: Actor) -> None:
    record(
        action,
        by=by,
        subject=consent.connection,
        client=consent.client,
        data={"label": str(consent.connection)},
    )
