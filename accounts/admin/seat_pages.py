"""What the pages of seats share: who may, which seat, and what may be done with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts import rows
from accounts.admin.pages import crumbs_to
from accounts.flows import seat_rules
from accounts.models import BusinessCenter, RoleGrant


def may_change(request: HttpRequest) -> bool:
    """True for those who decide who sits in our centers."""
    return bool(request.user.has_perm("accounts.change_businesscenter"))


def center_url(center: Any) -> str:
    return reverse("admin:accounts_businesscenter_change", args=[center.pk])


def our_center(request: HttpRequest, pk: UUID) -> Any:
    """Return a center of ours, for those who decide who sits there."""
    if not may_change(request):
        raise PermissionDenied
    ours = BusinessCenter.objects.filter(as_grantee__standing="ours")
    return get_object_or_404(ours, pk=pk)


def seat_of(request: HttpRequest, pk: UUID) -> RoleGrant:
    if not may_change(request):
        raise PermissionDenied
    seats_ = rows.for_rows(RoleGrant.objects.filter(family=RoleGrant.Family.SEAT))
    seat: RoleGrant = get_object_or_404(
        seats_.select_related("grantee__member", "asset__as_grantee"), pk=pk
    )
    return seat


def named(grant: RoleGrant) -> str:
    """Return who holds it or is to: one of our people with their one address."""
    member = grant.grantee.member
    return f"{grant.grantee}, {member.email}" if member else str(grant.grantee)


def crumbs(center: Any) -> list[dict[str, str]]:
    noun = "Business Centers"
    return crumbs_to("businesscenter", noun, center, center_url(center))


def acts_of(seat: RoleGrant, *, is_waiting: bool) -> list[dict[str, Any]]:
    """Return what may be done with a seat by whoever may; it asks the books nothing.

    `is_waiting`: another access owner decides about it.
    """
    offered = []
    if seat_rules.can_change(seat) and not is_waiting:
        offered.append(_link("Change", "seat", seat))
    if seat.state in RoleGrant.HELD:
        offered.append(_link("Finance role", "finance", seat))
    if seat_rules.can_end(seat):
        offered.append({**_link("Remove", "seat_remove", seat), "tone": "bad"})
    return offered


def acts(request: HttpRequest, grant: RoleGrant) -> list[dict[str, Any]]:
    """Return the buttons of a seat's own page, for those who may press them."""
    if grant.family != RoleGrant.Family.SEAT or not may_change(request):
        return []
    waiting = grant.changes.waiting()
    return acts_of(grant, is_waiting=waiting.exists())


def _link(label: str, name: str, seat: RoleGrant) -> dict[str, Any]:
    return {"label": label, "url": reverse(f"admin:accounts_{name}", args=[seat.pk])}
