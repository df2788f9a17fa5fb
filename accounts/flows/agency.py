"""The agency's own side: which of our centers we can read, and with whose key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.flows import connections, identifying
from accounts.flows.consent import WORDING_VERSION
from accounts.models import (
    Asset,
    CenterSync,
    Connection,
    Consent,
    ConsentAttempt,
    Grantee,
    Reach,
    User,
)
from accounts.outbound import OutboundError
from accounts.trail import Actor, record

STANDINGS = {
    Asset.Owner.AGENCY: Grantee.Standing.OURS,
    Asset.Owner.CLIENT: Grantee.Standing.CLIENT,
    Asset.Owner.THIRD_PARTY: Grantee.Standing.KNOWN_PARTNER,
}
# What a login may be told that another one of ours is not. It proves nothing.
ONE_LOGINS = {"gone", "lost_access", "no_permission"}
NOT_ADMIN = "{label} is not an admin of this Business Center."


class AlreadyAClientsKey(Exception):
    """This login already serves a client; it cannot also be ours."""


def connect(attempt: ConsentAttempt, *, user: User) -> Connection:
    """Book the agency's key and the centers it reaches.

    Raises OutboundError, and AlreadyAClientsKey for a login that serves a client.
    """
    by = Actor.staff(user)
    connection = identifying.identify(attempt, by=by)
    live = connection.consents.standing()
    if live.filter(purpose=Consent.Purpose.CLIENT).exists():
        raise AlreadyAClientsKey
    read_centers(connection, by=by, user=user)
    return connection


def read_centers(connection: Connection, *, by: Actor, user: User) -> list[Asset]:
    """Read the login's centers and book each as ours."""
    centers = connections.call(
        connection,
        lambda connector, token: connector.centers(token),
        purpose="list our Business Centers",
        by=by,
        in_person=True,
    )
    with transaction.atomic():
        _book_consent(connection, user, by=by)
        booked = [
            _book_center(connection, center, by=by)
            for center in centers
            if not _is_a_clients(connection.platform, center.external_id)
        ]
        _read_again_what_failed(booked)
        return booked


def _read_again_what_failed(centers: list[Asset]) -> None:
    """What no key could read until now is due to be read at once."""
    CenterSync.objects.filter(center__in=centers).exclude(problem="").update(
        due_at=timezone.now()
    )


def keys_for(receiver: Grantee) -> list[Connection]:
    """Return our live keys that administer the receiving center, newest first.

    One that is about to be given back comes last: it serves only if no other does.
    """
    keys = (
        Connection.objects.of_agency(receiver.platform)
        .filter(reaches__asset=receiver.center, reaches__can_grant=True)
        .distinct()
        .order_by("-key_given_at")
    )
    staying = without_ending(keys)
    return sorted(keys, key=lambda key: key not in staying)


def ask_each(keys: Sequence[Connection], ask: Callable[[Connection], None]) -> None:
    """Ask with one of our keys; another's turn comes where a login alone is refused.

    Raises OutboundError.
    """
    for key in keys:
        try:
            ask(key)
        except OutboundError as error:
            if error.kind not in ONE_LOGINS or key == keys[-1]:
                raise
        else:
            return


def without_ending(keys: Iterable[Connection]) -> list[Connection]:
    """Return those of these keys that nobody has asked to give back."""
    keys = list(keys)
    ending = Consent.objects.standing().filter(
        connection__in=keys, end_asked_at__isnull=False
    )
    gone = set(ending.values_list("connection_id", flat=True))
    return [key for key in keys if key.pk not in gone]


def follow_owner(center: Asset) -> None:
    """Let the holder of roles stand where its Business Center's owner stands."""
    Grantee.objects.update_or_create(
        platform=center.platform,
        kind=Grantee.Kind.CENTER,
        external_id=center.external_id,
        defaults={
            "label": str(center),
            "standing": STANDINGS.get(
                Asset.Owner(center.owner), Grantee.Standing.UNKNOWN
            ),
            "center_id": center.pk,
        },
    )


def _book_consent(connection: Connection, user: User, *, by: Actor) -> None:
    _, made = Consent.objects.standing().get_or_create(
        connection=connection,
        purpose=Consent.Purpose.AGENCY,
        defaults={"user": user, "wording_version": WORDING_VERSION},
    )
    if made:
        record(
            "agency.connected",
            by=by,
            subject=connection,
            data={"label": connection.label},
        )


def _is_a_clients(platform: str, external_id: str) -> bool:
    """A colleague may also sit in a client's center; that never makes it ours."""
    return Asset.objects.filter(
        platform=platform,
        kind=Asset.Kind.CENTER,
        external_id=external_id,
        owner=Asset.Owner.CLIENT,
    ).exists()


def _book_center(connection: Connection, center: Any, *, by: Actor) -> Asset:
    """Book a center this login belongs to; ours at first sight if it is its admin.

    Whose it is stays as staff have said since: a colleague may be admin elsewhere.
    """
    asset, made = Asset.objects.get_or_create(
        platform=connection.platform,
        kind=Asset.Kind.CENTER,
        external_id=center.external_id,
        defaults={
            "owner": Asset.Owner.AGENCY if center.is_admin else Asset.Owner.UNKNOWN
        },
    )
    asset.name = center.name
    asset.currency = center.currency
    asset.time_zone = center.time_zone
    asset.native_status = center.status
    asset.save()
    follow_owner(asset)
    Reach.objects.update_or_create(
        connection=connection,
        asset=asset,
        defaults={
            "native_role": center.user_role,
            "can_grant": center.is_admin,
            "why_not": "" if center.is_admin else NOT_ADMIN.format(label=connection),
            "seen_at": timezone.now(),
        },
    )
    if made:
        record("agency.center_found", by=by, subject=asset, data={"name": asset.name})
    return asset
