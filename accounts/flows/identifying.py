"""Whose key a trip to the consent page brought: booked once per login, and kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction

from accounts.flows.apart import in_turn
from accounts.flows.connectors import open_for
from accounts.flows.refresh_answers import due_after
from accounts.models import Connection, Consent, ConsentAttempt
from accounts.outbound import OutboundError
from accounts.platforms.registry import platforms
from accounts.trail import Actor, record
from accounts.vault import Secret, VaultError, vault


class Person(NamedTuple):
    """Whose key it is, as the platform names them, or as we do where it tells none."""

    external_id: str
    told: str
    known_as: str = ""


def identify(attempt: ConsentAttempt, *, by: Actor) -> Connection:
    """Ask the platform whose token the attempt brought, and book the connection.

    Safe to repeat: a task killed half-way finds the token still with the attempt.
    Raises OutboundError.
    """
    if attempt.connection is not None and not attempt.vault_ref:
        return attempt.connection
    brought = _brought(attempt, by=by)
    person = _who(attempt, brought[attempt.vault_ref])
    connection = _book(attempt, person, by=by)
    _keep_newest_key(connection, attempt, brought, by=by)
    attempt.connection = connection
    _forget(attempt, by=by)
    return connection


def forget_unused_keys(before: dt.datetime, *, by: Actor) -> int:
    """Delete tokens of trips that never led to a connection; return how many."""
    left = ConsentAttempt.objects.exclude(vault_ref="").filter(started_at__lt=before)
    return len(in_turn(partial(_forget, attempt, by=by) for attempt in left))


def _brought(attempt: ConsentAttempt, *, by: Actor) -> dict[str, Secret]:
    """Return what the trip brought, by reference: a token, and what renews it."""
    references = list(filter(None, (attempt.vault_ref, attempt.refresh_ref)))
    found = vault().get_many(references, purpose="see who signed in", by=by)
    for secret in found.values():
        if isinstance(secret, VaultError):
            raise OutboundError(str(secret), permanent=secret.permanent, kind="vault")
    return {name: one for name, one in found.items() if isinstance(one, Secret)}


@transaction.atomic
def _forget(attempt: ConsentAttempt, *, by: Actor) -> None:
    """Delete what the trip brought; it is booked elsewhere by now, or never will be."""
    for reference in filter(None, (attempt.vault_ref, attempt.refresh_ref)):
        vault().delete(reference, by=by)
    attempt.vault_ref = attempt.refresh_ref = ""
    attempt.save(update_fields=["connection", "vault_ref", "refresh_ref"])


def _who(attempt: ConsentAttempt, token: Secret) -> Person:
    """Ask whose token it is: a login's, or a creator's, who may keep the names.

    Only a handle that was told comes with its sign. Names that somebody chose, there
    or here, lose theirs: they prove nothing.
    """
    connector = open_for(attempt.platform, in_person=True)
    if attempt.purpose != Consent.Purpose.CREATOR:
        person = connector.who(token)
        return Person(person.external_id, person.display_name)
    info = connector.creator_token_info(token)
    told = _name_told(connector, token, info.creator_id)
    known_as = _unsigned(attempt.creator.name) if attempt.creator else ""
    return Person(info.creator_id, told, known_as)


def _name_told(connector: Any, token: Secret, creator_id: str) -> str:
    """Return how a creator is called there; "" where they keep it to themselves."""
    try:
        profile = connector.creator_profile(token, creator_id)
    except OutboundError as error:
        if error.kind != "no_permission":
            raise
        return ""
    if profile.username:
        return f"@{profile.username}"
    return _unsigned(profile.display_name)


def _unsigned(name: str) -> str:
    return name.lstrip("@ ")


def _book(attempt: ConsentAttempt, person: Person, *, by: Actor) -> Connection:
    """Return the one live connection of this login, called as it was told last."""
    is_creators = attempt.purpose == Consent.Purpose.CREATOR
    kinds = Connection.Kind
    identity = {
        "platform": attempt.platform,
        "app_id": platforms()[attempt.platform].app_id,
        "external_user_id": person.external_id,
        "kind": kinds.CREATOR if is_creators else kinds.LOGIN,
    }
    living = Connection.objects.standing()
    label = person.told or person.known_as
    try:
        with transaction.atomic():
            connection, made = living.get_or_create(
                **identity, defaults={"label": label, "scopes": attempt.scopes}
            )
            if person.told and connection.label != label:
                connection.label = label
                connection.save(update_fields=["label"])
            if made:
                record(
                    "connection.booked",
                    by=by,
                    subject=connection,
                    client=attempt.client,
                    data={
                        "label": label,
                        "platform": platforms()[attempt.platform].label,
                    },
                )
            return connection
    except IntegrityError:  # another visit of the same login booked it first
        return living.get(**identity)


def _keep_newest_key(
    connection: Connection,
    attempt: ConsentAttempt,
    brought: Mapping[str, Secret],
    *,
    by: Actor,
) -> None:
    """Store what it brought unless a later consent has already brought a newer one.

    Re-authorizing may kill the older token (TikTok facts 2.2: unconfirmed), so the
    key of the latest consent is the one to keep.
    """
    with transaction.atomic():
        fresh = Connection.objects.select_for_update().get(pk=connection.pk)
        given_at = attempt.claimed_at or attempt.started_at
        is_older = fresh.key_given_at is not None and fresh.key_given_at > given_at
        if not is_older and not _must_stay(fresh, attempt):
            _put_in(fresh, attempt, brought, by=by)
            fresh.key_given_at = given_at
            fresh.scopes = attempt.scopes
            fresh.state = Connection.State.LIVE
            fresh.problem = ""
            fresh.told_at = fresh.end_told = None
            fresh.version += 1
            fresh.save()
    connection.refresh_from_db()  # the key may be one that another visit brought


def _put_in(
    connection: Connection,
    attempt: ConsentAttempt,
    brought: Mapping[str, Secret],
    *,
    by: Actor,
) -> None:
    """Put the token into the vault, and what renews it in the place of what did."""
    room, renewing = f"connections/{connection.pk}", brought.get(attempt.refresh_ref)
    connection.vault_ref = connection.vault_ref or f"{room}/access-token"
    token = brought[attempt.vault_ref]
    vault().set(connection.vault_ref, token, by=by, short_lived=renewing is not None)
    connection.access_until = attempt.access_until
    connection.expires_at = attempt.key_expires_at
    connection.lease_until, connection.tries = None, 0
    if renewing is None:
        if connection.refresh_ref:
            vault().delete(connection.refresh_ref, by=by)
        connection.refresh_ref, connection.refresh_due_at = "", None
        return
    connection.refresh_ref = connection.refresh_ref or f"{room}/refresh-token"
    vault().set(connection.refresh_ref, renewing, by=by)
    begun, ends = attempt.claimed_at or attempt.started_at, attempt.access_until
    told = None if ends is None else int((ends - begun).total_seconds())
    connection.refresh_due_at = due_after(begun, told)


def _must_stay(connection: Connection, attempt: ConsentAttempt) -> bool:
    """True when what came must not replace the key, which serves somebody else.

    Another creator's stays whatever came. A login's stays where less came: a colleague
    who opens a client's link by mistake must not cost us our own side, nor a login that
    comes for one client the key of another.
    """
    standing = connection.consents.standing()
    if attempt.purpose == Consent.Purpose.CREATOR:
        return standing.exclude(creator=attempt.creator).exists()
    others = standing.exclude(purpose=attempt.purpose, client=attempt.client)
    return others.exists() and not set(connection.scopes) <= set(attempt.scopes)
