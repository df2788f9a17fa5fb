"""Share what was ticked: accounts into the books, grants to work, results shown."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import grants
from accounts.models import Asset, Connection, Grantee, Reach, RoleGrant
from accounts.trail import Actor
from onboarding.flows import booking, website
from onboarding.flows.visits import Stage, hold
from onboarding.models import LinkSession, RequestItem

# What a platform tells about an account, as a candidate's row names it.
TOLD = ("name", "currency", "time_zone", "native_status")

# A candidate's group (its Business Center) and its row (candidates.read).
Chosen = tuple[dict[str, Any], dict[str, Any]]

NO_CENTER = "No Business Center holds it: it cannot be shared by the portal."


def share(session: LinkSession, ticked: list[str]) -> list[RoleGrant]:
    """Book and request a grant for every ticked account that may be shared.

    Ids that were not offered are ignored: the form may have been tampered with.
    Raises ValueError when nothing valid was ticked, booking.AlreadyRecorded and
    VisitIsOver.
    """
    offered = {
        row["external_id"]: (center, row)
        for center in session.candidates
        for row in center["rows"]
        if row["can_choose"]
    }
    chosen = [offered[account_id] for account_id in sorted(set(ticked) & set(offered))]
    if not chosen:
        raise ValueError("Nothing was ticked.")
    by = Actor.link(session.link, signed_in_as=session.signed_in_as)
    with transaction.atomic():
        hold(session, Stage.CHOOSING)
        booked = [
            booking.draft_grant(
                session.item, asset, source=RoleGrant.Source.LINK, by=by
            )
            for asset in _book(session, chosen, by=by)
        ]
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

    Raises booking.AlreadyRecorded and VisitIsOver.
    """
    item = session.item
    by = Actor.link(session.link, signed_in_as=session.signed_in_as)
    with transaction.atomic():
        hold(session, Stage.STOPPED)
        booked = booking.book_accounts(item, [external_id], by=by)
        asset = booked[external_id]
        _note_reach(session, [Reach(asset=asset, can_grant=False, why_not=NO_CENTER)])
        grant = booking.draft_grant(
            item, asset, source=RoleGrant.Source.METHOD_A, by=by
        )
        item.method = RequestItem.Method.METHOD_A
        item.save(update_fields=["method"])
        if grant.state == RoleGrant.State.DRAFT:
            website.ask_for(grant, by=by)
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
        ).select_related("asset__center", "grantee")
    )


def _book(session: LinkSession, chosen: list[Chosen], *, by: Actor) -> list[Asset]:
    """Take the ticked accounts into the books, with their centers and this key."""
    groups = {group["center_id"]: group for group, _ in chosen}
    centers = {key: _center(session, groups[key]) for key in sorted(groups)}
    booked = booking.book_accounts(
        session.item,
        [row["external_id"] for _, row in chosen],
        by=by,
        is_proved=True,
    )
    news = [
        booked[row["external_id"]]
        for group, row in chosen
        if _describe(booked[row["external_id"]], row, centers[group["center_id"]])
    ]
    Asset.objects.bulk_update(news, [*TOLD, "center"])
    _note_reach(
        session,
        [
            Reach(
                asset=booked[row["external_id"]],
                native_role=row.get("native_role", ""),
                can_grant=True,
            )
            for _, row in chosen
        ],
    )
    return list(booked.values())


def _describe(asset: Asset, row: dict[str, Any], center: Asset) -> bool:
    """Write what the platform told on the account; False if nothing of it is news."""
    news = {
        name: row[name]
        for name in TOLD
        if row.get(name) and row[name] != getattr(asset, name)
    }
    if asset.center_id != center.pk:
        news["center"] = center
    for name, value in news.items():
        setattr(asset, name, value)
    return bool(news)


def _note_reach(session: LinkSession, reaches: list[Reach]) -> None:
    assert session.attempt is not None
    assert session.attempt.connection is not None
    for reach in reaches:
        reach.connection = session.attempt.connection
    Reach.objects.bulk_create(
        reaches,
        update_conflicts=True,
        unique_fields=["connection", "asset"],
        update_fields=["native_role", "can_grant", "why_not", "seen_at"],
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
