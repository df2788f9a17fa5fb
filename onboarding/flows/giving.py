"""Share what was ticked: accounts into the books, grants to work, results shown."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import grants
from accounts.models import Asset, Connection, Grantee, Reach, RoleGrant
from accounts.platforms.roles import Role
from accounts.trail import Actor
from onboarding.flows import requests
from onboarding.flows.visits import Stage, hold
from onboarding.models import LinkSession, RequestItem

NO_CENTER = "No Business Center holds it: it cannot be shared by the portal."


def share(session: LinkSession, ticked: list[str]) -> list[RoleGrant]:
    """Book and request a grant for every ticked account that may be shared.

    Ids that were not offered are ignored: the form may have been tampered with.
    Raises ValueError when nothing valid was ticked, and VisitIsOver.
    """
    offered = {
        row["external_id"]: (center, row)
        for center in session.candidates
        for row in center["rows"]
        if row["can_choose"]
    }
    # In one order for everybody: two visits that share the same do not deadlock.
    chosen = [offered[account_id] for account_id in sorted(set(ticked) & set(offered))]
    if not chosen:
        raise ValueError("Nothing was ticked.")
    by = Actor.link(session.link, signed_in_as=session.signed_in_as)
    with transaction.atomic():
        hold(session, Stage.CHOOSING)
        booked = [_book(session, center, row, by=by) for center, row in chosen]
        wanted = [grant for grant in booked if grants.request(grant, by=by)]
        session.stage = Stage.SHARED
        session.shared_at = timezone.now()
        session.save(update_fields=["stage", "shared_at"])
        async_task(
            "accounts.tasks.carry_out_grants", [str(grant.pk) for grant in wanted]
        )
    return booked


def name_account(session: LinkSession, external_id: str) -> RoleGrant:
    """A client without a Business Center names the account; a colleague asks for it.

    Raises requests.AlreadyRecorded and VisitIsOver.
    """
    item = session.item
    by = Actor.link(session.link, signed_in_as=session.signed_in_as)
    with transaction.atomic():
        hold(session, Stage.STOPPED)
        asset = _asset(session, {"external_id": external_id, "name": ""}, None)
        _reach(session, asset, can_grant=False, why_not=NO_CENTER)
        grant = grants.want(
            asset=asset,
            grantee=item.receiver,
            role=Role(item.role),
            source=RoleGrant.Source.METHOD_A,
            by=by,
            approval=item.approval,
            reason=item.reason,
            ends_on=item.ends_on,
        )
        requests.attach(item, grant)
        item.method = RequestItem.Method.METHOD_A
        item.save(update_fields=["method"])
        if grant.state == RoleGrant.State.DRAFT:
            grants.by_hand(
                grant,
                problem=(
                    f"In {item.receiver}, under Ad accounts, request access to"
                    f" {external_id} as {grant.get_asked_role_display()}."
                ),
                by=by,
            )
        session.stage = Stage.SHARED
        session.shared_at = timezone.now()
        session.save(update_fields=["stage", "shared_at"])
    return grant


def results(session: LinkSession) -> list[RoleGrant]:
    """Return what came of this browser's own logins, newest state included.

    Somebody else with the same link has shared, too, perhaps: that is theirs to see.
    """
    mine = Connection.objects.filter(attempts__browser_hash=session.browser_hash)
    return list(
        RoleGrant.objects.filter(
            pk__in=session.item.item_grants.values("grant"),
            asset__in=Reach.objects.filter(connection__in=mine).values("asset"),
        ).select_related("asset", "grantee")
    )


def _book(
    session: LinkSession, center: dict[str, Any], row: dict[str, Any], *, by: Actor
) -> RoleGrant:
    """Take one ticked account into the books, with the grant it is wanted for."""
    center_asset = _center(session, center)
    asset = _asset(session, row, center_asset)
    _reach(session, asset, can_grant=True, native_role=row.get("native_role", ""))
    grant = requests.draft_grant(session.item, asset, by=by)
    requests.attach(session.item, grant)
    return grant


def _reach(
    session: LinkSession,
    asset: Asset,
    *,
    can_grant: bool,
    native_role: str = "",
    why_not: str = "",
) -> None:
    assert session.attempt is not None
    Reach.objects.update_or_create(
        connection=session.attempt.connection,
        asset=asset,
        defaults={
            "native_role": native_role,
            "can_grant": can_grant,
            "why_not": why_not,
            "seen_at": timezone.now(),
        },
    )


def _center(session: LinkSession, center: dict[str, Any]) -> Asset:
    identity = {
        "platform": session.item.platform,
        "kind": Asset.Kind.CENTER,
        "external_id": center["center_id"],
    }
    asset, _ = Asset.objects.get_or_create(
        **identity,
        defaults={
            "name": center["center_name"],
            "client": session.link.request.client,
            "owner": Asset.Owner.CLIENT,
        },
    )
    Grantee.objects.get_or_create(
        **identity,
        defaults={
            "label": asset.name,
            "standing": Grantee.Standing.CLIENT,
            "center": asset,
        },
    )
    return asset


def _asset(session: LinkSession, row: dict[str, Any], center: Asset | None) -> Asset:
    """Return the account's row, this client's and nobody else's."""
    client = session.link.request.client
    asset, _ = Asset.objects.get_or_create(
        platform=session.item.platform,
        kind=Asset.Kind.AD_ACCOUNT,
        external_id=row["external_id"],
        defaults={"client": client, "owner": Asset.Owner.CLIENT},
    )
    if asset.client_id not in {None, client.pk}:
        raise requests.AlreadyRecorded(asset)
    asset.client, asset.owner = client, Asset.Owner.CLIENT
    asset.center = center or asset.center
    for name in ("name", "currency", "time_zone", "native_status"):
        setattr(asset, name, row.get(name) or getattr(asset, name))
    asset.save()
    return asset
