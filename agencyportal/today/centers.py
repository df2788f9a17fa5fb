"""Our Business Centers on the front page: fresh reads, and the room left."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.capacity import room_of, with_room
from accounts.models import Asset, BusinessCenter, CenterSync, Grantee, RoleGrant
from accounts.standing import FRESH, ROOM
from agencyportal.templatetags.look import said


def our_centers(user: Any) -> list[Any]:
    """Return our centers with `reads` and `room`, for those who may see them."""
    if not user.has_perm("accounts.view_businesscenter"):
        return []
    centers = BusinessCenter.objects.visible_to(user).filter(owner=Asset.Owner.AGENCY)
    found = list(_counted(centers).order_by("name"))
    for center in found:
        center.reads = _reads(center)
        url = _desk(center, f"stands={ROOM}")
        center.room = room_of(center, f"Ad accounts in {center}", url=url)
    return found


def _counted(centers: QuerySet[Any]) -> QuerySet[Any]:
    """Read along what each center holds, its last sync and its room, in one query."""
    receivers = Grantee.objects.filter(center=OuterRef("pk"))
    syncs = CenterSync.objects.filter(center=OuterRef("pk")).order_by("partner_id")
    own = syncs.filter(partner_id="")
    return with_room(centers).annotate(
        receiver=Subquery(receivers.values("pk")[:1]),
        fresh=_how_many(FRESH.where()),
        active=_how_many(Q(state=RoleGrant.State.ACTIVE)),
        last_read_at=Subquery(own.values("last_read_at")[:1]),
        problem=Subquery(syncs.exclude(problem="").values("problem")[:1]),
    )


def _held() -> QuerySet[RoleGrant]:
    return RoleGrant.objects.filter(grantee__center=OuterRef("pk")).order_by()


def _how_many(grants: Q) -> Coalesce:
    counted = _held().filter(grants).values("grantee__center")
    return Coalesce(Subquery(counted.annotate(n=Count("state")).values("n")), 0)


def _reads(center: Any) -> dict[str, Any]:
    """Say when its lists were last read whole, and how much of it is fresh."""
    problem, is_old = center.problem, center.fresh < center.active
    read = said(center.last_read_at)
    return {
        "sentence": problem or (f"Read {read}." if read else "Not read yet."),
        "tone": "bad" if problem else "wait" if is_old else "",
        "words": f"{center.fresh} of {center.active} fresh",
        "url": _desk(center, f"stands={FRESH.key}"),
    }


def _desk(center: Any, rows: str) -> str:
    """Return the list of these grants; a center that never received has none."""
    if center.receiver is None:
        return ""
    url = reverse("admin:accounts_rolegrant_changelist")
    return f"{url}?holder={center.receiver}&{rows}"
