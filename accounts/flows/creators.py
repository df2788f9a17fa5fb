"""Creators in the books: each stands once, by the handle."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts.models import Creator
from accounts.trail import Actor, record


def known_or_new(told: Mapping[str, str], *, by: Actor) -> Creator:
    """Return whose handle it is, booked if new; what is known of them stays."""
    with transaction.atomic():
        creator, made = Creator.objects.get_or_create(
            handle=told["handle"],
            defaults={name: value for name, value in told.items() if name != "handle"},
        )
        if made:
            data = {"kind": "creator", "fields": ", ".join(told)}
            record("creator.added", by=by, subject=creator, data=data)
    return creator
