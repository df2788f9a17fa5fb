"""End the keys that nobody stands behind any more."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef

from accounts.flows import revoking
from accounts.models import Connection, Consent
from accounts.trail import Actor


def drop_orphans(before: dt.datetime, *, by: Actor) -> int:
    """End keys given before then that no consent is left for; return how many.

    Somebody signed in, said "that is not me", and never came back with that login.
    """
    standing = Consent.objects.standing()
    orphans = Connection.objects.standing().filter(
        ~Exists(standing.filter(connection=OuterRef("pk"))), key_given_at__lt=before
    )
    return sum(revoking.end_key(connection, by=by) for connection in orphans)
