"""Which fix card an open request needs: a visit that stopped, or nothing arrived."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.fixes import CARDS, Card
from accounts.models import RoleGrant
from accounts.platforms.registry import platform
from accounts.platforms.roles import Role
from onboarding.flows import by_hand
from onboarding.flows.candidates import COMPANY, PERSON
from onboarding.models import LinkSession, RequestItem

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


def of(asked: Any) -> tuple[Card, dt.datetime] | None:
    """Return the card and since when it is so; None while nothing is in the way.

    Of a request fetched `rows.for_rows`. What the client met last counts: who has
    shared since met nothing.
    """
    item = next(iter(asked.items.all()), None)
    if item is None or not asked.is_open:
        return None
    if asked.has_started:
        last = item.sessions.order_by("-started_at").first()
        key = _of_visit(last) if last else ""
        return (CARDS[key], last.started_at) if key else None
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


def _silent_since(asked: Any, item: RequestItem) -> dt.datetime | None:
    """Return when the client last got something to answer, None if they need not."""
    if item.method != RequestItem.Method.METHOD_A:
        handed_out_at: dt.datetime | None = asked.handed_out_at
        return handed_out_at
    waiting = by_hand.grants_of(item).filter(
        state=RoleGrant.State.PENDING, waits_on=RoleGrant.WaitsOn.CLIENT
    )
    return item.sent_at if item.sent_at and waiting.exists() else None


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
