"""What we recommend a client to set itself, and their word that it is set."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import Client, User
from accounts.trail import Actor, record
from onboarding.models import AttributionAdvice

WINDOWS = "{click} days after a click, {view} after a view, {counting}"


def advise(client: Client, said: dict[str, Any], *, user: User) -> AttributionAdvice:
    """Write it down, with an event for what is new of it; nothing reads it back.

    `said` are the fields of the advice. What is recommended otherwise than before has
    not been set yet, whatever was said of the earlier.
    """
    by = Actor.staff(user)
    with transaction.atomic():
        advice, made = AttributionAdvice.objects.select_for_update().get_or_create(
            client=client
        )
        was_set, before = advice.applied_on, _windows(advice)
        for name, value in said.items():
            setattr(advice, name, value)
        is_other = made or _windows(advice) != before
        if is_other and advice.applied_on == was_set:
            advice.applied_on = None
        advice.save()
        told = {"client": str(client), "windows": _windows(advice)}
        if is_other:
            record("advice.written", by=by, subject=client, client=client, data=told)
        if advice.applied_on and advice.applied_on != was_set:
            record("advice.applied", by=by, subject=client, client=client, data=told)
    return advice


def _windows(advice: AttributionAdvice) -> str:
    return WINDOWS.format(
        click=advice.click_days,
        view=advice.view_days,
        counting=advice.get_counting_display().lower(),
    )
