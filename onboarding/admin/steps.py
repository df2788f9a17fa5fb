"""The cards that say what is to be done on the platform's website (methods A and B)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts import standing
from accounts.models import RoleGrant
from accounts.standing import FOUND
from onboarding.flows import by_hand, inviting, requests
from onboarding.models import AccessRequest, RequestItem

Method = RequestItem.Method
State = RoleGrant.State
# What is done where no call exists, in the words of each platform's own website.
ASKING = "onboarding/steps/{}_asking.html".format
ACCEPTING = "onboarding/steps/{}_accepting.html".format


def to_send(request: HttpRequest, asked: AccessRequest) -> dict[str, Any] | None:
    """Return the steps of Method A, while a colleague has yet to go through them."""
    item = _item(asked, Method.METHOD_A)
    if item is None:
        return None
    waiting = by_hand.grants_of(item).filter(state=State.MANUAL)
    named = [_account(grant) for grant in waiting]
    if not named:
        return None
    return {
        **_who(item, ASKING),
        "accounts": named,
        "sent_url": reverse("admin:onboarding_sent", args=[asked.pk])
        if request.user.has_perm("onboarding.change_accessrequest")
        else "",
    }


def to_accept(request: HttpRequest, asked: AccessRequest) -> dict[str, Any] | None:
    """Return what our Business Center admin does, once the client says we are invited.

    Only what our own list shows proves the invitation, so it stays until then.
    """
    item = _item(asked, Method.METHOD_B)
    if item is None:
        return None
    said = asked.links.filter(started_at__isnull=False).order_by("started_at").first()
    states = set(by_hand.grants_of(item).live().values_list("state", flat=True))
    if said is None or (states and State.PENDING not in states):
        return None
    return {
        **_who(item, ACCEPTING),
        "contact": said.contact or asked.contact,
        "said_at": said.started_at,
        **_nobodys(request, item),
        "client": asked.client,
    }


def _nobodys(request: HttpRequest, item: RequestItem) -> dict[str, Any]:
    """Return what our center was given meanwhile by a center nobody has claimed."""
    found = inviting.found_since(item).filter(asset__client=None)
    count = found.visible_to(request.user).count()
    url = reverse("admin:accounts_rolegrant_changelist") + standing.query(FOUND)
    return {"nobodys": count, "nobodys_url": url if count else ""}


def _item(asked: AccessRequest, method: Method) -> RequestItem | None:
    """Return the item that is asked for this way, while anything is to be done."""
    if not asked.is_open:
        return None
    item = asked.items.filter(method=method).select_related("receiver", "approval")
    found = item.first()
    return found if found is not None and requests.is_cleared(found) else None


def _who(item: RequestItem, template: Any) -> dict[str, Any]:
    return {
        "steps": template(item.platform),
        "receiver": item.receiver,
        "role": item.get_role_display(),
    }


def _account(grant: RoleGrant) -> dict[str, Any]:
    return {
        "name": grant.asset.name,
        "external_id": grant.asset.external_id,
        "field": f"account-{grant.asset.external_id}",
    }
