"""Doors the job queue knocks on; ids only in their arguments."""

from __future__ import annotations

import json
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.flows.apart import in_turn
from accounts.letters import LetterRefused
from accounts.models import Event, SparkAuthorization
from accounts.trail import Actor
from accounts.trail.context import request_scope
from onboarding.flows import (
    connect,
    inviting,
    links,
    reading,
    reminding,
    requests,
    spark,
    spark_login,
)
from onboarding.flows.minting import TooManyLetters
from onboarding.models import AccessRequest


def read_accounts(session_id: str) -> bool:
    """See who signed in and what they may share."""
    with request_scope():
        return reading.read_accounts(session_id)


def grant_settled(event_id: int) -> None:
    """A grant came to rest: close the requests that waited for it alone."""
    grant_key = UUID(Event.objects.get(pk=event_id).subject_key)
    waiting = AccessRequest.objects.filter(
        items__item_grants__grant_id=grant_key, closed_at__isnull=True
    ).distinct()
    by = Actor.task("settle")
    with request_scope():
        in_turn(partial(requests.close_if_settled, one, by=by) for one in waiting)


def creator_changed(event_id: int) -> None:
    """A creator was edited: links in letters to an address that was, end."""
    event: Any = Event.objects.with_payloads().get(pk=event_id)
    if "email" in json.loads(event.body or "{}").get("after", {}):
        with request_scope():
            spark.revoke_mailed(
                UUID(event.subject_key),
                before=event.occurred_at,
                by=Actor.task("links"),
            )


def mail_fresh_link(request_id: str) -> bool:
    """Mail the request's contact a fresh link; False if there is nothing to send."""
    request = AccessRequest.objects.select_related("contact", "client").get(
        pk=request_id
    )
    with request_scope():
        try:
            links.mail(request, request.contact, by=Actor.system("neutral page"))
        except (links.NotCleared, TooManyLetters, LetterRefused):
            return False
    return True


def mail_spark_link(authorization_id: str) -> bool:
    """Mail a creator a fresh link; False if there is nothing to send."""
    rows = SparkAuthorization.objects.select_related(*spark.ALONG)
    with request_scope():
        try:
            spark.mail(rows.get(pk=authorization_id), by=Actor.system("neutral page"))
        except (spark.NotAsked, spark.NoAddress, TooManyLetters, LetterRefused):
            return False
    return True


def read_login(visit_id: str) -> bool:
    """See which creator signed in, and book their yes."""
    with request_scope():
        return spark_login.read_login(visit_id)


def remind(reminder_id: str) -> bool:
    """Carry out one due step of a request's plan."""
    with request_scope():
        return reminding.remind(reminder_id)


def sweep() -> None:
    """Take up visits a worker left, close requests past their date, queue reminders
    that are due, take in what was invited; every minute."""
    now = timezone.now()
    with request_scope():
        in_turn(
            (
                lambda: requests.close_overdue(now),
                lambda: connect.sweep(now),
                lambda: spark_login.sweep(now),
                lambda: reminding.sweep(now),
                lambda: inviting.sweep(now),
            )
        )
