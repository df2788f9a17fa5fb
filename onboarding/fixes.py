"""Which fix card an open request needs: a visit that stopped, or nothing arrived."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import (
    OuterRef,
    Prefetch,
    Subquery,
    prefetch_related_objects,
)
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.fixes import CARDS, Card
from accounts.platforms.registry import platform
from accounts.platforms.roles import Role
from onboarding.flows.candidates import COMPANY, PERSON
from onboarding.models import LinkSession

# So long the client has to begin before somebody asks whether it ever arrived.
PATIENCE = dt.timedelta(days=2)

BY_PROBLEM = {
    "agency_login": "wrong_login",
    "missing_scopes": "missing_scopes",
    "not_admin": "not_admin",
    "no_center": "no_center",
    "other_client": "wrong_login",
    "wrong_person": "wrong_login",
}
BY_OWNER = {PERSON: "owned_by_person", COMPANY: "only_shared"}


def fetch_visits(asked: Iterable[Any]) -> None:
    """Fetch along what each client met last, in one query, where any has begun."""
    begun = [item for one in asked if one.has_started for item in one.items.all()]
    newest = LinkSession.objects.filter(item=OuterRef("item")).order_by("-started_at")
    last = LinkSession.objects.filter(pk=Subquery(newest.values("pk")[:1]))
    prefetch_related_objects(begun, Prefetch("sessions", last, "last_visits"))


def of(asked: Any) -> tuple[Card, dt.datetime] | None:
    """Return the card and since when it is so; None while nothing is in the way.

    Of a request fetched `rows.for_rows`; of many, `fetch_visits` first. What the client
    met last counts: who has shared since met nothing.
    """
    item: Any = next(iter(asked.items.all()), None)
    if item is None or not asked.is_open:
        return None
    if asked.has_started:
        fetch_visits([asked])
        last = next(iter(item.last_visits), None)
        key = _of_visit(last) if last else ""
        return (CARDS[key], last.started_at) if last and key else None
    since = _silent_since(asked, item)
    if since is None or timezone.now() - since < PATIENCE:
        return None
    return CARDS["not_received"], since


def _of_visit(visit: LinkSession) -> str:
    if visit.stage != LinkSession.Stage.STOPPED:
        return ""
    if visit.problem == "none_shareable":
        owners = [
            row.get("owned_by") for center in visit.candidates for row in center["rows"]
        ]
        return next((BY_OWNER[one] for one in owners if one in BY_OWNER), "")
    return BY_PROBLEM.get(visit.problem, "")


def _silent_since(asked: Any, item: Any) -> dt.datetime | None:
    """Return when the client last got something to answer, None if they need not."""
    if item.is_by_link:
        handed_out_at: dt.datetime | None = asked.handed_out_at
        return handed_out_at
    sent_at: dt.datetime | None = item.sent_at
    return sent_at if item.waits_on_owner else None


def words_of(asked: Any) -> dict[str, Any]:
    """Return what a card's templates speak of: no account has been named yet."""
    (item,) = asked.items.all()
    named = ", ".join(item.account_ids)
    return {
        "platform": platform(item.platform).label,
        "client": asked.client.name,
        "contact_name": asked.contact.name,
        "giver": _("the client's Business Center"),
        "giver_id": _("id not read yet"),
        "receiver": str(item.receiver),
        "receiver_id": item.receiver.external_id,
        "account": named or _("the account"),
        "account_id": named or _("the account's number"),
        "role": Role(item.role).label,
    }
