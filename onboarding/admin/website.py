"""The cards that say what is to be done on the platform's website (methods A and B)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.adopting import MOST_AT_ONCE as MOST_ADOPTED
from accounts.models import CenterSync, RoleGrant
from accounts.platforms.registry import platform, platforms
from accounts.platforms.told import Told
from accounts.roles import is_access_owner
from onboarding.admin.forms import GiverForm
from onboarding.flows import inviting, requests, website
from onboarding.models import AccessRequest, RequestItem

Method = RequestItem.Method
State = RoleGrant.State
# What is done where no call exists, in the words of each platform's own website.
ASKING = "onboarding/steps/{}_asking.html".format
ACCEPTING = "onboarding/steps/{}_accepting.html".format


def no_call() -> list[Told]:
    """Return what sources tell of asking on the website, where no call does it."""
    told = (spec.on_the_website["no_call"] for spec in platforms().values())
    return [one for of_platform in told for one in of_platform]


def to_send(request: HttpRequest, asked: AccessRequest) -> dict[str, Any] | None:
    """Return the steps of Method A, while a colleague has yet to go through them."""
    item = _item(asked, Method.METHOD_A)
    if item is None:
        return None
    waiting = website.grants_of(item).filter(state=State.MANUAL)
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

    Only what our own list shows proves the invitation, so it stays until then. Whoever
    has heard of it otherwise may have the list read before.
    """
    item = _item(asked, Method.METHOD_B)
    if item is None:
        return None
    said = asked.links.filter(started_at__isnull=False).order_by("started_at").first()
    states = set(website.grants_of(item).live().values_list("state", flat=True))
    if states - {State.DRAFT, State.PENDING}:
        return None
    may = request.user.has_perm("onboarding.change_accessrequest")
    own = CenterSync.objects.filter(center=item.receiver.center_id, partner_id="")
    return {
        **_who(item, ACCEPTING),
        "title": "Accept us in" if said else "Their invitation",
        "contact": (said and said.contact) or asked.contact,
        "said_at": said and said.started_at,
        "read_at": own.values_list("last_read_at", flat=True).first(),
        "givers": _givers(request, item),
        "giver_id": item.giver_id,
        "client": asked.client,
        "form": GiverForm(initial={"giver_id": item.giver_id}) if may else None,
        "look_url": reverse("admin:onboarding_look", args=[asked.pk]),
    }


def _givers(request: HttpRequest, item: RequestItem) -> list[dict[str, Any]]:
    """Return the centers nobody owns that gave us something since it was asked.

    Of one that the client has named everybody here reads that it is listed; what others
    gave is for those who may see what is nobody's.
    """
    found = inviting.nobodys(item)
    if not item.giver_id:
        found = found.visible_to(request.user)
    of_center: defaultdict[Any, list[RoleGrant]] = defaultdict(list)
    for grant in found.order_by("asset__center", "asset__external_id")[:MOST_ADOPTED]:
        of_center[grant.asset.center].append(grant)
    may_adopt = is_access_owner(request.user)
    return [
        {
            "center": center,
            "count": len(theirs),
            "url": _adoption(theirs, item) if may_adopt else "",
        }
        for center, theirs in of_center.items()
    ]


def _adoption(theirs: Iterable[RoleGrant], item: RequestItem) -> str:
    asked = {
        "grants": ",".join(str(grant.pk) for grant in theirs),
        "whose": item.client_id,
    }
    return f"{reverse('admin:accounts_adopt')}?{urlencode(asked)}"


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
        "website": platform(item.platform).on_the_website,
        "receiver": item.receiver,
        "role": item.get_role_display(),
    }


def _account(grant: RoleGrant) -> dict[str, Any]:
    return {
        "name": grant.asset.name,
        "external_id": grant.asset.external_id,
        "field": f"account-{grant.asset.external_id}",
    }
