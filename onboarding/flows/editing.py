"""Change an open request: what is out ends, and what was approved is asked anew."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.platforms.roles import Role
from accounts.trail import Actor, record
from onboarding.flows import booking, links, planning, requests, visits, website
from onboarding.flows.requests import Wish
from onboarding.models import AccessRequest, RequestItem

BECAUSE = "The request changed."

FIELDS = {
    "contact": "contact",
    "platform": "platform",
    "receiver": "our Business Center",
    "role": "role",
    "closes_at": "last day",
    "account_ids": "ad accounts",
    "message": "line to the client",
    "keeps_key": "the client's key",
    "reason": "why Admin",
    "ends_on": "Admin until",
    "remind_after": "days of the reminders",
    "method": "way",
}


class RequestIsOver(Exception):
    """The request was closed meanwhile: there is nothing left to change."""


def change(request: AccessRequest, wish: Wish, *, user: User) -> bool:
    """Book what staff changed; False if nothing was, and everything stands.

    Every link that is out ends, every visit under way stops and says why, drafts
    follow. What was sent to the platform stands, and where only the days of the
    reminders are others, so does all else.
    Raises RequestIsOver, requests.AlreadyOpen and booking.AlreadyRecorded; nothing is
    written then.
    """
    by = Actor.staff(user)
    try:
        with transaction.atomic():
            request, item = hold(request)
            before = requests.wish_of(item)
            if before == wish:
                return False
            _save(request, wish)
            requests.fill_in(item, wish)
            requests.put_forward(item, user=user, by=by)
            item.save()
            record(
                "request.changed",
                by=by,
                subject=request,
                client=request.client,
                data=_told(before, wish),
            )
            if dataclasses.replace(before, remind_after=wish.remind_after) == wish:
                planning.plan_anew(request)
                return True
            links.revoke_all(request, by=by, because=BECAUSE)
            visits.end_for_change(request)
            booking.redraft(item, user=user)
            if requests.is_cleared(item):
                website.put_to_hand(item, by=by)
    except IntegrityError as error:
        requests.raise_if_open(request.client, wish, error, but=request)
        raise
    return True


def hold(request: AccessRequest) -> tuple[AccessRequest, RequestItem]:
    """Lock the request: a client who shares meanwhile waits, or was first.

    Call inside a transaction. Raises RequestIsOver.
    """
    locked = AccessRequest.objects.select_for_update().get(pk=request.pk)
    if not locked.is_open:
        raise RequestIsOver
    return locked, locked.items.select_related("receiver", "approval").get()


def _save(request: AccessRequest, wish: Wish) -> None:
    request.contact = wish.contact
    request.message = wish.message
    request.language = wish.contact.language
    request.closes_at = wish.closes_at
    request.remind_after = list(wish.remind_after)
    request.save(
        update_fields=["contact", "message", "language", "closes_at", "remind_after"]
    )


def _told(before: Wish, after: Wish) -> dict[str, Any]:
    """Return what changed, from what to what, as the trail tells it."""
    changed = [
        field.name
        for field in dataclasses.fields(Wish)
        if getattr(before, field.name) != getattr(after, field.name)
    ]
    return {
        "fields": ", ".join(FIELDS[name] for name in changed),
        "before": {name: _word(getattr(before, name)) for name in changed},
        "after": {name: _word(getattr(after, name)) for name in changed},
    }


def _word(value: Any) -> Any:
    if isinstance(value, Role | RequestItem.Method):
        return str(value.label)
    return value if isinstance(value, bool) else str(value or "")
