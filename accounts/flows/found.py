"""Book what our centers list and nobody asked for: accounts, and people on them.

An agency with forty clients starts here. What is found is held, but never green: a
colleague adopts it or takes it back.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.flows import agency, drift
from accounts.flows.grants import role_label, tell
from accounts.flows.reads import Seen
from accounts.models import Asset, CenterSync, Grantee, Member, RoleGrant
from accounts.platforms.roles import Role
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Family = RoleGrant.Family


def account(
    receiver: Grantee, row: Any, seen: Seen, *, giver: Asset | None, by: Actor
) -> RoleGrant | None:
    """Book an account our center holds without a grant; None if it has one already.

    Call inside the transaction that books the read.
    """
    asset = _asset(receiver.platform, row, giver)
    return _grant(asset, receiver, seen, via=None, by=by)


def person(center: RoleGrant, row: Any, seen: Seen, *, by: Actor) -> RoleGrant | None:
    """Book a member of our center found on an account that the center holds."""
    holder, _ = Grantee.objects.get_or_create(
        platform=center.grantee.platform,
        kind=Grantee.Kind.PERSON,
        external_id=row.external_id,
        defaults={"label": row.name, "standing": Grantee.Standing.OURS},
    )
    if holder.member_id is None and row.email:
        known = Member.objects.filter(email__iexact=row.email)
        Grantee.objects.filter(pk=holder.pk).update(member=known.values("pk")[:1])
    return _grant(center.asset, holder, seen, via=center, by=by)


def seat(
    center: Asset, holder: Grantee, seen: Seen, *, family: str, by: Actor
) -> RoleGrant | None:
    """Book a seat or finance role in our center that nobody asked for."""
    return _grant(center, holder, seen, via=None, family=family, by=by)


def partner(ours: Asset, row: Any) -> CenterSync:
    """Book a center ours has a partnership with; what it shares is due to be read.

    Whose it is stays unknown until somebody says so.
    """
    center, made = Asset.objects.get_or_create(
        platform=ours.platform,
        kind=Asset.Kind.CENTER,
        external_id=row.external_id,
        defaults={"name": row.name},
    )
    if made or refresh(center, row, giver=None):
        agency.follow_owner(center)
    due, _ = CenterSync.objects.get_or_create(center=ours, partner_id=row.external_id)
    return due


def refresh(asset: Asset, row: Any, *, giver: Asset | None) -> bool:
    """Keep the name as it is told, and the owner: who shares an account owns it.

    Whose it is follows the center that was not known to share it until now, and only
    while it is nobody's: somebody may book it meanwhile.
    """
    told: dict[str, Any] = {"name": row.name or asset.name}
    if giver is not None and asset.center_id != giver.pk:
        told["center"] = giver
        if asset.is_nobodys and giver.owner != Asset.Owner.UNKNOWN:
            free = Asset.objects.filter(pk=asset.pk, client=None, owner=asset.owner)
            free.update(**_owner(giver))
            asset.refresh_from_db(fields=["owner", "client"])
    changed = {
        name: value for name, value in told.items() if getattr(asset, name) != value
    }
    for name, value in changed.items():
        setattr(asset, name, value)
    if changed:
        asset.save(update_fields=list(changed))
    return bool(changed)


def _asset(platform: str, row: Any, giver: Asset | None) -> Asset:
    asset, made = Asset.objects.get_or_create(
        platform=platform,
        kind=Asset.Kind.AD_ACCOUNT,
        external_id=row.external_id,
        defaults={
            "name": row.name,
            "center": giver,
            **(_owner(giver) if giver else {}),
        },
    )
    if not made:
        refresh(asset, row, giver=giver)
    return asset


def _owner(giver: Asset) -> dict[str, Any]:
    """Return whose an account is, as far as the center that shares it is known."""
    if giver.owner == Asset.Owner.CLIENT:
        return {"owner": Asset.Owner.CLIENT, "client": giver.client}
    return {"owner": giver.owner}


def _grant(
    asset: Asset,
    holder: Grantee,
    seen: Seen,
    *,
    via: RoleGrant | None,
    by: Actor,
    family: str = Family.AD_ACCOUNT,
) -> RoleGrant | None:
    """One live grant of this asset to this holder, however many reads find it."""
    now = timezone.now()
    grant, made = RoleGrant.objects.live().get_or_create(
        asset=asset,
        grantee=holder,
        family=family,
        defaults={
            "via": via,
            "state": State.FOUND,
            "source": RoleGrant.Source.FOUND,
            "observed_role": seen.role or Role.UNKNOWN,
            "observed_native": seen.native,
            "accepted_at": now,
            "verified_at": now,
            "since": now,
            "waits_on": WaitsOn.ACCOUNT_MANAGER
            if asset.client_id
            else WaitsOn.ACCESS_OWNER,
        },
    )
    if not made:
        return None
    grant.problem = drift.words(drift.FOUND, grant, seen)[:300]
    grant.save(update_fields=["problem"])
    drift.note(grant, seen)
    tell(grant, "grant.found", by, role=role_label(grant.observed_role))
    return grant
