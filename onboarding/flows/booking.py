"""Take the accounts of a request into the books, and draft what is wanted on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.flows import grants
from accounts.models import Asset, RoleGrant
from accounts.platforms.roles import Role
from accounts.trail import Actor
from onboarding.models import ItemGrant, RequestItem


class AlreadyRecorded(Exception):
    """A named account is booked for somebody else."""

    def __init__(self, asset: Asset) -> None:
        lead = asset.client.lead if asset.client else None
        super().__init__(
            f"{asset.external_id} is already recorded; ask {lead or 'an access owner'}."
        )
        self.asset = asset


def book_accounts(
    item: RequestItem, account_ids: Iterable[str], *, is_proved: bool = True
) -> dict[str, Asset]:
    """Return the accounts' rows by their ids, locked, and this client's from now on.

    A row that is nobody's yet may be claimed by staff, or by a login the platform
    shows to own it; never by an id that somebody typed (`is_proved` False).

    Call inside the transaction that acts on them: whoever books the same account
    waits for its end. Raises AlreadyRecorded for an account of anybody else, us too.
    """
    ids = sorted(set(account_ids))  # in one order for everybody: no deadlock
    identity = {"platform": item.platform, "kind": Asset.Kind.AD_ACCOUNT}
    whose = {"client": item.client, "owner": Asset.Owner.CLIENT}
    Asset.objects.bulk_create(
        [Asset(external_id=one, **identity, **whose) for one in ids],
        ignore_conflicts=True,
    )
    booked = {
        asset.external_id: asset
        for asset in Asset.objects.select_for_update()
        .filter(external_id__in=ids, **identity)
        .order_by("external_id")
    }
    for asset in booked.values():
        is_free = asset.client_id is None and asset.owner == Asset.Owner.UNKNOWN
        if asset.client_id != item.client_id and not (is_free and is_proved):
            raise AlreadyRecorded(asset)
        if (asset.client_id, asset.owner) != (item.client_id, Asset.Owner.CLIENT):
            Asset.objects.filter(pk=asset.pk).update(**whose)
        asset.client, asset.owner = item.client, Asset.Owner.CLIENT
    return booked


def draft_grant(
    item: RequestItem, asset: Asset, *, source: RoleGrant.Source, by: Actor
) -> RoleGrant:
    """Return the grant this item wants on `asset`, copying what was asked.

    One that nobody has begun with, or that was lost, wants from now on the same.
    """
    role = Role(item.role)
    asked: dict[str, Any] = {
        "approval": item.approval,
        "reason": item.reason,
        "ends_on": item.ends_on,
    }
    grant = grants.want(
        asset=asset,
        grantee=item.receiver,
        role=role,
        source=source,
        by=by,
        **asked,
    )
    grants.ask_anew(grant, role=role, by=by, **asked)
    attach(item, grant)
    return grant


def redraft(item: RequestItem, *, by: Actor) -> None:
    """Let the drafts of an item follow it: what it no longer names is not wanted.

    What was sent stands as it is. Call inside the transaction of the change.
    """
    drafts = RoleGrant.objects.filter(
        item_grants__item=item, state=RoleGrant.State.DRAFT
    ).select_related("asset__client", "grantee")
    for grant in drafts:
        is_named = grant.asset.external_id in item.account_ids
        if not is_named or grant.grantee_id != item.receiver_id:
            grants.move(grant, RoleGrant.State.EXPIRED, by=by)
    for asset in book_accounts(item, item.account_ids).values():
        draft_grant(item, asset, source=RoleGrant.Source.LINK, by=by)


def attach(item: RequestItem, grant: RoleGrant) -> None:
    ItemGrant.objects.bulk_create(
        [ItemGrant(item=item, grant=grant)], ignore_conflicts=True
    )
