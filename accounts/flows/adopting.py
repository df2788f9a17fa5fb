"""Adopt what was found: say who it is for, at which role and why; a read decides.

Nothing turns green by it. Admin and finance wait for another access owner, all of one
adoption in one approval.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django_q.tasks import async_task

from accounts.flows import grants as ladder
from accounts.flows import wishes
from accounts.flows.approvals import digest_of
from accounts.flows.wishes import CannotWish, Wish
from accounts.models import Asset, GrantChange, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.roles import is_access_owner
from accounts.trail import Actor

State = RoleGrant.State
Owner = Asset.Owner

NOT_FOUND = "{grant} is adopted already, or no longer held."
AWAITS_A_YES = "An access owner decides about {grant} first."
UNKNOWN_ROLE = "{grant} is held as {native}, which is no role we know. Choose one."
NOBODYS = "{asset} is no client's yet. An access owner says whose it is."
WHOSE = "{asset} is no client's yet. Say whose it is."
HAS_CHANGED = "What is held has changed since you looked. Read it again."
ANOTHERS = "{asset} belongs to {client}. Adopt it on that client's page."


def role_for(grant: RoleGrant, wish: Wish) -> Role:
    """Return the role it would be wanted at: as chosen, or as it is held."""
    return wish.role or Role(grant.observed_role or Role.UNKNOWN)


def preview(found: Iterable[RoleGrant], wish: Wish) -> str:
    """Return a digest that changes with whose each is and the role it is wanted at."""
    return digest_of(
        {
            str(grant.pk): [grant.asset.client_id, role_for(grant, wish)]
            for grant in found
        }
    )


def adopt(
    found: Iterable[RoleGrant], wish: Wish, *, digest: str, user: User
) -> list[GrantChange]:
    """Adopt all of these or none; return what becomes of each.

    Raises CannotWish, also when any differs from the preview of `digest`; nothing is
    written then.
    """
    by = Actor.staff(user)
    with transaction.atomic():
        held = locked(grant.pk for grant in found)
        changes = [_make(grant, wish, user=user) for grant in held]
        if preview(held, wish) != digest:
            raise CannotWish(HAS_CHANGED)
        cleared = wishes.put_forward(changes, user=user)
        for change in cleared:
            apply(change, by=by)
        read_soon(cleared)
    return changes


def read_soon(changes: Iterable[GrantChange]) -> None:
    """Have what was adopted read at once, all in one job."""
    if ids := [str(change.grant_id) for change in changes]:
        async_task("accounts.tasks.carry_out_grants", ids)


def whose(grant: RoleGrant) -> bool:
    """True when its account has an owner in the books: a client, or ourselves."""
    return not grant.asset.is_nobodys


def apply(change: GrantChange, *, by: Actor) -> bool:
    """Take it into the books and have it read; False if that may not be any more."""
    with transaction.atomic():
        (grant,) = locked([change.grant_id])
        change.grant = grant
        no = wishes.why_over(change) or _why_too_late(change)
        wishes.close(change, by=by, because=no)
        if no:
            return False
        _settle_owner(change)
        return ladder.take_in(
            grant,
            role=Role(change.role),
            by=by,
            reason=change.reason,
            ends_on=change.ends_on,
            approval=change.approval,
        )


def _make(grant: RoleGrant, wish: Wish, *, user: User) -> GrantChange:
    if grant.state != State.FOUND:
        raise CannotWish(NOT_FOUND.format(grant=grant))
    if grant.changes.open().exists():
        raise CannotWish(AWAITS_A_YES.format(grant=grant))
    role = role_for(grant, wish)
    if role == Role.UNKNOWN:
        raise CannotWish(UNKNOWN_ROLE.format(grant=grant, native=grant.observed_native))
    _check_owner(grant.asset, wish, whose(grant), user=user)
    return wishes.make(grant, GrantChange.Kind.ADOPT, role, wish, user=user)


def _check_owner(asset: Asset, wish: Wish, has_owner: bool, *, user: User) -> None:
    """Raise CannotWish unless the account is, or may become, the client's."""
    if has_owner:
        if wish.client is not None and asset.client != wish.client:
            owner = asset.client or "ourselves"
            raise CannotWish(ANOTHERS.format(asset=asset, client=owner))
    elif not is_access_owner(user):
        raise CannotWish(NOBODYS.format(asset=asset))
    elif wish.client is None:
        raise CannotWish(WHOSE.format(asset=asset))


def _why_too_late(change: GrantChange) -> str:
    grant = change.grant
    if grant.state != State.FOUND:
        return NOT_FOUND.format(grant=grant)
    if whose(grant) and grant.asset.client_id != change.client_id:
        owner = grant.asset.client or "ourselves"
        return ANOTHERS.format(asset=grant.asset, client=owner)
    return ""


def _settle_owner(change: GrantChange) -> None:
    asset = change.grant.asset
    if whose(change.grant) or change.client is None:
        return
    asset.client, asset.owner = change.client, Owner.CLIENT
    asset.save(update_fields=["client", "owner"])


def locked(keys: Iterable[object]) -> list[RoleGrant]:
    """Return the grants as they stand, held until the transaction ends.

    In one order for everybody: no deadlock. Their accounts are held along with them,
    so that nobody else books one for another client meanwhile.
    """
    rows = RoleGrant.objects.select_for_update(of=("self",)).filter(pk__in=list(keys))
    held = list(rows.select_related("asset__client", "grantee").order_by("pk"))
    assets = Asset.objects.select_for_update(of=("self",)).select_related("client")
    by_pk = assets.order_by("pk").in_bulk({grant.asset_id for grant in held})
    for grant in held:
        grant.asset = by_pk[grant.asset_id]
    return held
