"""Take the accounts of a request into the books, and draft what is wanted on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.flows import claims, grants
from accounts.models import Asset, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.roles import is_access_owner
from accounts.trail import Actor
from onboarding.flows import website
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
    item: RequestItem,
    account_ids: Iterable[str],
    *,
    by: Actor,
    user: User | None = None,
    is_proved: bool = False,
) -> dict[str, Asset]:
    """Return the accounts' rows by their ids, locked, and this client's from now on.

    A row that is nobody's yet is claimed by a login the platform shows to own it
    (`is_proved`), or by staff (`user`): what is held already, by an access owner. Such
    a login also claims what was merely typed in for another client.

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
        is_anothers = asset.client_id != item.client_id
        if is_anothers and not _may_claim(asset, user, is_proved=is_proved):
            raise AlreadyRecorded(asset)
        if is_anothers and asset.client_id is not None:
            claims.give_up(asset, by=by)
        if (asset.client_id, asset.owner) != (item.client_id, Asset.Owner.CLIENT):
            Asset.objects.filter(pk=asset.pk).update(**whose)
        asset.client, asset.owner = item.client, Asset.Owner.CLIENT
        if is_anothers:
            claims.tell("asset.claimed", asset, by=by)
    return booked


def _may_claim(asset: Asset, user: User | None, *, is_proved: bool) -> bool:
    if is_proved:
        return asset.is_nobodys or claims.is_only_typed(asset)
    if user is None or not asset.is_nobodys:
        return False
    return is_access_owner(user) or not asset.grants.live().exists()


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


def redraft(item: RequestItem, *, user: User) -> None:
    """Let the drafts of an item follow it: what it no longer names is not wanted.

    What was sent stands as it is. Call inside the transaction of the change.
    """
    by, source = Actor.staff(user), website.source_of(item)
    for grant in website.grants_of(item).filter(state__in=claims.IDLE):
        if not _is_wanted(grant, item, source):
            grants.move(grant, RoleGrant.State.EXPIRED, by=by)
    for asset in book_accounts(item, item.account_ids, by=by, user=user).values():
        draft_grant(item, asset, source=source, by=by)


def _is_wanted(grant: RoleGrant, item: RequestItem, source: str) -> bool:
    """True for what the item names and wants this way.

    What was put to hand says in words what is asked: asked otherwise, it begins anew.
    An account that the client named stays while the item names none.
    """
    asked = (grant.grantee_id, grant.source)
    if asked != (item.receiver_id, source):
        return False
    is_named = grant.asset.external_id in item.account_ids
    if grant.state == RoleGrant.State.DRAFT:
        return is_named
    told = (grant.asked_role, grant.approval_id, grant.ends_on)
    is_as_told = told == (item.role, item.approval_id, item.ends_on)
    return is_as_told and (is_named or not item.account_ids)


def attach(item: RequestItem, grant: RoleGrant) -> None:
    ItemGrant.objects.bulk_create(
        [ItemGrant(item=item, grant=grant)], ignore_conflicts=True
    )
