"""Method B under way: look often, and take in what the client shares.

Our center lists what a partner gives it; nothing pushes that. What it gives a client
who was asked for it is what was asked for.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.flows import sync
from accounts.flows.apart import in_turn
from accounts.flows.rounds import Round
from accounts.models import Asset, CenterSync, RoleGrant, User
from accounts.models.grants import RoleGrantQuerySet
from accounts.trail import Actor, record
from onboarding.flows import booking, requests, website
from onboarding.models import RequestItem

LOOK_EVERY = dt.timedelta(minutes=15)
BY = Actor.task("invitations")


def sweep(now: dt.datetime) -> int:
    """Take in what was found for open requests; return how many grants."""
    said = _open().filter(request__links__started_at__isnull=False)
    later = now + LOOK_EVERY
    CenterSync.objects.filter(
        center__in=said.values("receiver__center"), partner_id="", due_at__gt=later
    ).update(due_at=later)
    return _take_in_all(_open())


def read_now(item: RequestItem, giver_id: str, *, user: User) -> list[Round]:
    """Read our center's lists at somebody's wish; `look_in` takes in what they tell.

    `giver_id` is the client's Business Center as the client named it, or "".
    """
    by = Actor.staff(user)
    if giver_id and giver_id != item.giver_id:
        with transaction.atomic():
            item.giver_id = giver_id
            item.save(update_fields=["giver_id"])
            record(
                "request.giver_named",
                by=by,
                subject=item.request,
                client=item.client,
                data={"giver_id": giver_id, "client": str(item.client)},
            )
    center = item.receiver.center
    return sync.read_now(center, _givers(item), by=by) if center else []


def look_in(item: RequestItem) -> int:
    """Take in what was found of one request; return how many grants."""
    return _take_in_all(_open().filter(pk=item.pk))


def take_in(item: RequestItem, grant: RoleGrant) -> None:
    """Want what was found, as the item asks for it: a read says whether it is that.

    What a colleague has adopted meanwhile stays as it is, and counts for the request.
    """
    with transaction.atomic():
        booking.draft_grant(item, grant.asset, source=website.source_of(item), by=BY)
        requests.close_if_settled(item.request, by=BY)


def nobodys(item: RequestItem) -> RoleGrantQuerySet:
    """Return what our center was given meanwhile by a center nobody has claimed.

    Where the client has named its center, only what is of that one.
    """
    found = RoleGrant.objects.filter(
        _since(), grantee=item.receiver, accepted_at__gte=item.request.asked_at
    ).filter(asset__client=None)
    if item.giver_id:
        found = found.filter(asset__center__external_id=item.giver_id)
    return found.select_related("asset__center")


def _since() -> Q:
    """What our center holds of ad accounts, and no request asked for."""
    return Q(
        state__in=RoleGrant.HELD,
        family=RoleGrant.Family.AD_ACCOUNT,
        source__in=(RoleGrant.Source.FOUND, RoleGrant.Source.METHOD_B),
        item_grants=None,
    )


def _open() -> QuerySet[RequestItem]:
    open_items: QuerySet[RequestItem] = RequestItem.objects.filter(
        is_open=True, method=RequestItem.Method.METHOD_B, request__closed_at=None
    )
    return open_items.select_related("request", "client", "receiver", "approval")


def _givers(item: RequestItem) -> Q:
    """Find the partners that may be the client's: named, known, or never read yet."""
    theirs = item.client.assets.filter(kind=Asset.Kind.CENTER).values("external_id")
    named = Q(partner_id=item.giver_id) if item.giver_id else Q()
    return named | Q(partner_id__in=theirs) | Q(last_read_at=None)


def _take_in_all(items: QuerySet[RequestItem]) -> int:
    """Of one client and one center of ours there is one open item: see `item_one_open`.

    However many are open, two queries find what is theirs.
    """
    asked: dict[Any, RequestItem] = {
        (item.client_id, item.receiver_id): item
        for item in items
        if requests.is_cleared(item)
    }
    found = RoleGrant.objects.filter(
        _since(),
        grantee__in=items.values("receiver"),
        asset__client__in=items.values("client"),
    ).select_related("asset__client", "asset__center", "grantee")
    pairs = ((asked.get((one.asset.client_id, one.grantee_id)), one) for one in found)
    theirs = [(item, one) for item, one in pairs if item and _is_of(item, one)]
    in_turn(partial(take_in, item, grant) for item, grant in theirs)
    return len(theirs)


def _is_of(item: RequestItem, grant: RoleGrant) -> bool:
    """True for what came since it was asked for, of the accounts that were named."""
    is_named = not item.account_ids or grant.asset.external_id in item.account_ids
    since = grant.accepted_at
    return is_named and since is not None and since >= item.request.asked_at
