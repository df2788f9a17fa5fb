"""One trip to a platform's consent page and back.

Begin: an attempt row, known by the hash of its state and bound to one browser.
Finish: the attempt is claimed by a conditional UPDATE, so that a callback replayed
fifty times exchanges its code once; any other browser, person, purpose or date is
refused before a single call is made.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.flows.connectors import open_for
from accounts.flows.refresh_answers import ends_after
from accounts.models import Client, Consent, ConsentAttempt, Creator
from accounts.outbound import OutboundError
from accounts.platforms.registry import platform as the_platform
from accounts.trail import Actor, record
from accounts.vault import Secret, VaultError, vault

LIFE = dt.timedelta(minutes=30)
WORDING_VERSION = "2026-11"

Outcome = ConsentAttempt.Outcome
Purpose = Consent.Purpose
RETURNS = {
    Purpose.AGENCY: "agency_return",
    Purpose.CLIENT: "client_return",
    Purpose.CREATOR: "creator_return",
}


class NotThisAttempt(Exception):
    """The callback does not belong to an open attempt of this browser."""


def begin(
    *,
    platform: str,
    purpose: str,
    browser: str,
    by: Actor,
    user: Any = None,
    client: Client | None = None,
    creator: Creator | None = None,
    scopes: Sequence[str] = (),
) -> ConsentAttempt:
    """Book an attempt for the browser whose secret is `browser`.

    It is a colleague's (`user`) for our own side, or made on behalf of a client. A
    creator's asks for `scopes`; once it came back, those that were given stand there.
    """
    attempt = ConsentAttempt(
        platform=platform,
        purpose=purpose,
        user=user,
        client=client,
        creator=creator,
        scopes=list(scopes),
        browser_hash=hash_text(browser),
        expires_at=timezone.now() + LIFE,
    )
    attempt.state_hash = hash_text(state_of(attempt))
    with transaction.atomic():
        attempt.save(force_insert=True)
        record(
            "consent.begun",
            by=by,
            subject=attempt,
            client=client,
            data={"platform": _label(platform), "purpose": purpose},
        )
    return attempt


def state_of(attempt: ConsentAttempt) -> str:
    """Return the state sent to the platform: derived, so that none is stored."""
    return salted_hmac("consent-state", str(attempt.pk), algorithm="sha256").hexdigest()


def consent_url(attempt: ConsentAttempt) -> str:
    connector = open_for(attempt.platform, in_person=True)
    state, back = state_of(attempt), _back(attempt)
    if attempt.purpose == Purpose.CREATOR:
        return str(connector.creator_authorize_url(state, back, attempt.scopes))
    return str(connector.authorize_url(state=state, redirect_uri=back))


def is_on_its_way(attempt: ConsentAttempt | None) -> bool:
    """True for an attempt nobody has come back on and that is good for a while yet."""
    return (
        attempt is not None
        and attempt.claimed_at is None
        and attempt.expires_at > timezone.now() + LIFE / 2
    )


def redirect_uri(platform: str, purpose: str) -> str:
    """Return the one return address per platform and purpose, as registered there."""
    name = RETURNS[Purpose(purpose)]
    return str(settings.SITE_URL + reverse(name, args=[platform]))


def claim(
    *, state: str, platform: str, purpose: str, browser: str, user: Any = None
) -> ConsentAttempt:
    """Return the attempt this callback belongs to, claimed for this call alone.

    Raises NotThisAttempt when it is unknown, stale, of another browser, colleague,
    platform or purpose, or was claimed before.
    """
    now = timezone.now()
    claimed = ConsentAttempt.objects.filter(
        Q(user=user) if user else Q(user__isnull=True),
        state_hash=hash_text(state),
        browser_hash=hash_text(browser),
        platform=platform,
        purpose=purpose,
        expires_at__gt=now,
        claimed_at__isnull=True,
    ).update(claimed_at=now)
    if not claimed:
        raise NotThisAttempt
    return ConsentAttempt.objects.get(state_hash=hash_text(state))


def exchange(attempt: ConsentAttempt, code: str, *, by: Actor) -> None:
    """Swap the code for a token and put it in the vault; the attempt is granted.

    Raises OutboundError; the attempt is then failed, and the person starts again.
    """
    asked_at = timezone.now()
    try:
        token = _swap(attempt, Secret(code))
        _keep(attempt, token, by=by)
    except OutboundError as error:
        fail(attempt, str(error), by=by)
        raise
    attempt.scopes = list(token.scopes)
    if attempt.purpose == Purpose.CREATOR:
        attempt.access_until = ends_after(asked_at, token.expires_in)
        attempt.key_expires_at = ends_after(asked_at, token.refresh_expires_in)
    _close(attempt, Outcome.GRANTED, by=by, data={"scopes": attempt.scopes})


def refuse(attempt: ConsentAttempt, *, by: Actor) -> None:
    """Book that the person said no on the platform's page."""
    _close(attempt, Outcome.REFUSED, by=by, data={})


def fail(attempt: ConsentAttempt, problem: str, *, by: Actor) -> None:
    """Book that the trip came to nothing, and why."""
    _close(attempt, Outcome.FAILED, by=by, data={"problem": problem})


def _swap(attempt: ConsentAttempt, code: Secret) -> Any:
    connector = open_for(attempt.platform, in_person=True)
    if attempt.purpose == Purpose.CREATOR:
        return connector.exchange_creator_code(code, _back(attempt))
    return connector.exchange_code(code)


def _keep(attempt: ConsentAttempt, token: Any, *, by: Actor) -> None:
    """Put what came into the vault, for the minutes until its key is booked.

    Raises OutboundError for one that does not open.
    """
    room = f"attempts/{attempt.pk}"
    try:
        attempt.vault_ref = f"{room}/access-token"
        vault().set(attempt.vault_ref, token.access_token, by=by, short_lived=True)
        if attempt.purpose == Purpose.CREATOR and token.refresh_token is not None:
            attempt.refresh_ref = f"{room}/refresh-token"
            vault().set(
                attempt.refresh_ref, token.refresh_token, by=by, short_lived=True
            )
    except VaultError as error:
        raise OutboundError(str(error), permanent=True, kind="vault") from None


def _back(attempt: ConsentAttempt) -> str:
    return redirect_uri(attempt.platform, attempt.purpose)


def hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _close(
    attempt: ConsentAttempt, outcome: str, *, by: Actor, data: dict[str, Any]
) -> None:
    attempt.outcome = outcome
    with transaction.atomic():
        attempt.save()
        record(
            f"consent.{outcome}",
            by=by,
            subject=attempt,
            client=attempt.client,
            data={
                "platform": _label(attempt.platform),
                "purpose": attempt.purpose,
                **data,
            },
        )


def _label(key: str) -> str:
    return the_platform(key).label
