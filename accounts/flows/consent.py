"""One trip to a platform's consent page and back.

Begin: an attempt row, known by the hash of its state and bound to one browser.
Finish: the attempt is claimed by a conditional UPDATE, so that a callback replayed
fifty times exchanges its code once; any other browser, person, purpose or date is
refused before a single call is made.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.flows.connectors import open_for
from accounts.models import Client, Consent, ConsentAttempt
from accounts.outbound import OutboundError
from accounts.platforms.registry import platform as the_platform
from accounts.trail import Actor, record
from accounts.vault import Secret, vault

LIFE = dt.timedelta(minutes=30)
WORDING_VERSION = "2026-11"


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
) -> ConsentAttempt:
    """Book an attempt for the browser whose secret is `browser`.

    It is a colleague's (`user`) for our own side, or made on behalf of a client.
    """
    attempt = ConsentAttempt(
        platform=platform,
        purpose=purpose,
        user=user,
        client=client,
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
    url: str = connector.authorize_url(
        state=state_of(attempt),
        redirect_uri=redirect_uri(attempt.platform, attempt.purpose),
    )
    return url


def redirect_uri(platform: str, purpose: str) -> str:
    """Return the one return address per platform and purpose, as registered there."""
    name = {
        Consent.Purpose.AGENCY: "agency_return",
        Consent.Purpose.CLIENT: "client_return",
    }[Consent.Purpose(purpose)]
    return settings.SITE_URL + reverse(name, args=[platform])


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
    connector = open_for(attempt.platform, in_person=True)
    try:
        token = connector.exchange_code(Secret(code))
    except OutboundError as error:
        _close(
            attempt, ConsentAttempt.Outcome.FAILED, by=by, data={"problem": str(error)}
        )
        raise
    reference = f"attempts/{attempt.pk}/access-token"
    vault().set(reference, token.access_token, by=by)
    attempt.vault_ref = reference
    attempt.scopes = list(token.scopes)
    _close(
        attempt,
        ConsentAttempt.Outcome.GRANTED,
        by=by,
        data={"scopes": list(token.scopes)},
    )


def refuse(attempt: ConsentAttempt, *, by: Actor) -> None:
    """Book that the person said no on the platform's page."""
    _close(attempt, ConsentAttempt.Outcome.REFUSED, by=by, data={})


def hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _close(
    attempt: ConsentAttempt, outcome: str, *, by: Actor, data: dict[str, Any]
) -> None:
    attempt.outcome = outcome
    with transaction.atomic():
        attempt.save(update_fields=["outcome", "scopes", "vault_ref"])
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
