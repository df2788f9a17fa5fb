"""Method B under way: look often, and take in what the client shares.

Our center lists what a partner gives it; nothing pushes that. What it gives a client
who was asked for it is what was asked for.
"""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from accounts.flows.apart import in_turn
from accounts.models import CenterSync, RoleGrant
from accounts.models.grants import RoleGrantQuerySet
from accounts.trail import Actor
from onboarding.flows import booking, by_hand, requests
from onboarding.models import RequestItem

LOOK_EVERY = dt.timedelta(minutes=15)
BY = Actor.task("invitations")


def sweep(now: dt.datetime) -> int:
    """Take in what was found for open requests; return how many grants."""
    items = list(_open())
    begun = {one.receiver.center_id for one in items if _is_said(one)}
    later = now + LOOK_EVERY
    CenterSync.objects.filter(center__in=begun, partner_id="", due_at__gt=later).update(
        due_at=later
    )
    found = [(item, grant) for item in items for grant in _found(item)]
    in_turn(partial(take_in, item, grant) for item, grant in found)
    return len(found)


def take_in(item: RequestItem, grant: RoleGrant) -> None:
    """Want what was found, as the item asks for it: a read says whether it is that.

    What a colleague has adopted meanwhile stays as it is, and counts for the request.
    """
    with transaction.atomic():
        booking.draft_grant(item, grant.asset, source=by_hand.source_of(item), by=BY)
        requests.close_if_settled(item.request, by=BY)


def found_since(item: RequestItem) -> RoleGrantQuerySet:
    """Return what our center holds since it was asked, and no request asked for."""
    return RoleGrant.objects.filter(
        state__in=RoleGrant.HELD,
        family=RoleGrant.Family.AD_ACCOUNT,
        source__in=(RoleGrant.Source.FOUND, RoleGrant.Source.METHOD_B),
        grantee=item.receiver,
        item_grants=None,
        accepted_at__gte=item.request.asked_at,
    )


def _open() -> QuerySet[RequestItem]:
    open_items: QuerySet[RequestItem] = RequestItem.objects.filter(
        is_open=True, method=RequestItem.Method.METHOD_B, request__closed_at=None
    )
    return open_items.select_related("request", "client", "receiver", "approval")


def _is_said(item: RequestItem) -> bool:
    return item.request.links.filter(started_at__isnull=False).exists()


def _found(item: RequestItem) -> QuerySet[RoleGrant]:
    """Return what of that is this client's, and of the accounts that were named."""
    if not requests.is_cleared(item):
        return RoleGrant.objects.none()
    found: QuerySet[RoleGrant] = found_since(item).filter(asset__client=item.client)
    if item.account_ids:
        found = found.filter(asset__external_id__in=item.account_ids)
    return found.select_related("asset__client", "asset__center")
