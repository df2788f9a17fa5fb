"""Whose an account is: what a platform shows proves it, a typed id does not."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.flows import agency, grants
from accounts.models import Asset, Client, Reach, RoleGrant
from accounts.trail import Actor, record

State = RoleGrant.State
Owner = Asset.Owner

# Wanted, and nothing of it begun.
IDLE = (State.DRAFT, State.MANUAL)


def at_rest(accounts: QuerySet[Asset]) -> QuerySet[Asset]:
    """Return those on which nothing is held or under way."""
    begun = RoleGrant.objects.live().exclude(state__in=IDLE)
    return accounts.exclude(Exists(begun.filter(asset=OuterRef("pk"))))


def is_only_typed(asset: Asset) -> bool:
    """True when no read and no login ever showed it to be its client's."""
    if asset.client_id is None or asset.center_id is not None:
        return False
    shown = Reach.objects.filter(asset=asset, can_grant=True)
    return at_rest(Asset.objects.filter(~Exists(shown), pk=asset.pk)).exists()


def is_from_elsewhere(asset: Asset, giver: Asset) -> bool:
    """True when the books know it from another center, or for another's client."""
    if asset.center_id == giver.pk:
        return False  # whosever it is, somebody has looked at that
    return asset.center_id is not None or _are_two_clients(asset, giver)


def give_up_other(giver: Asset, account_ids: Iterable[str], *, by: Actor) -> None:
    """Make nobody's what a client's center shares and is booked for another client.

    Only what is at rest: an access owner says whose it is. What is held stays, and is
    told about.
    """
    booked = at_rest(
        Asset.objects.filter(
            platform=giver.platform,
            kind=Asset.Kind.AD_ACCOUNT,
            external_id__in=list(account_ids),
            client__isnull=False,
        ).exclude(center=giver)
    ).exclude(client=giver.client_id)
    if giver.client_id is None or not booked.exists():
        return
    with transaction.atomic():
        for asset in booked.select_for_update().order_by("external_id"):
            give_up(asset, by=by)
            Asset.objects.filter(pk=asset.pk).update(
                client=None, owner=Owner.UNKNOWN, center=giver
            )


def follow_accounts(center: Asset, *, by: Actor) -> None:
    """Make a center the client's for whom it is read to share an account as asked.

    Only one nobody said anything of, and only while all it shares with us is that
    client's: an access owner says whose the rest is.
    """
    if center.owner != Owner.UNKNOWN:
        return
    shared = RoleGrant.objects.filter(
        asset__center=center.pk, via=None, state__in=RoleGrant.HELD
    )
    clients = set(shared.values_list("asset__client", flat=True))
    if len(clients) == 1 and shared.filter(state=State.ACTIVE).exists():
        for client in Client.objects.filter(pk__in=clients - {None}):
            book_center(center, client, by=by)


def book_center(center: Asset, client: Client, *, by: Actor) -> bool:
    """Book a center nobody owned, and what it gave us that is nobody's, for a client.

    False if somebody has said whose it is meanwhile.
    """
    with transaction.atomic():
        unknown = Asset.objects.filter(pk=center.pk, owner=Owner.UNKNOWN)
        if not unknown.update(owner=Owner.CLIENT, client=client):
            return False
        center.owner, center.client = Owner.CLIENT, client
        agency.follow_owner(center)
        free = Asset.objects.filter(center=center.pk, client=None, owner=Owner.UNKNOWN)
        found = RoleGrant.objects.filter(asset__in=free, state=State.FOUND)
        found.update(waits_on=RoleGrant.WaitsOn.ACCOUNT_MANAGER)
        free.update(owner=Owner.CLIENT, client=client)
        told = {"name": str(center), "client": str(client)}
        record("center.claimed", by=by, subject=center, client=client, data=told)
    return True


def give_up(asset: Asset, *, by: Actor) -> None:
    """End what one client wanted of an account that turns out not to be theirs.

    Call with the account locked, inside the transaction that gives it to others.
    """
    for grant in asset.grants.filter(state__in=IDLE).select_related("grantee"):
        grant.asset = asset
        grants.move(grant, State.EXPIRED, by=by)
    tell("asset.given_up", asset, by=by)


def tell(action: str, asset: Asset, *, by: Actor) -> None:
    told = {"account_id": asset.external_id, "client": str(asset.client)}
    record(action, by=by, subject=asset, client=asset.client, data=told)


def _are_two_clients(asset: Asset, giver: Asset) -> bool:
    both = {asset.client_id, giver.client_id} - {None}
    return len(both) == 2
