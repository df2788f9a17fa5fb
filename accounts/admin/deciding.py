"""Decide about what was put forward: one page, one yes or no, bound to all it shows."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts import rows
from accounts.admin.pages import colleague, grant_url
from accounts.admin.seat_pages import named
from accounts.admin.wishing import decision_page
from accounts.flows import approvals, deciding, wishes
from accounts.ladder import role_of
from accounts.models import Approval, GrantChange

Decision = Approval.Decision

DECIDED = {
    Decision.APPROVED: "Approved. A read shows when it is so.",
    Decision.REFUSED: "Refused, and closed. Nothing changes.",
    Decision.VOID: "What was asked has changed since, so nothing is approved. Ask"
    " again from the grant's page.",
}
TOO_LATE = "{n} of them could not be carried out any more: their story says why."


def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    approval = get_object_or_404(Approval, pk=pk)
    changes = _seen(request, approval)
    if not request.user.has_perm("accounts.view_grantchange"):
        raise PermissionDenied
    first = changes[0]
    return decision_page(
        request,
        approval,
        wishes.what_is_asked(deciding.covered(approval)),
        {
            "title": f"{first.get_role_display()} for {len(changes)} grants?"
            if len(changes) > 1
            else f"{rows.question_of(first)[1]}?",
            "subtitle": f"Asked by {first.asked_by}",
            "crumbs": _crumbs(changes),
            "facts": _facts(first),
            "changes": [_row(change) for change in changes],
            "bound_to": "every account listed, its client, holder, role, reason and"
            " last day, and the address of whoever is seated",
        },
        partial(_decided, request, approval, changes),
    )


def _seen(request: HttpRequest, approval: Approval) -> list[GrantChange]:
    """Return what of it this colleague may see; 404 where that is nothing."""
    visible = GrantChange.objects.visible_to(request.user).filter(approval=approval)
    keys = set(visible.values_list("pk", flat=True))
    seen = [one for one in deciding.covered(approval) if one.pk in keys]
    if not seen:
        raise Http404
    return seen


def _decided(
    request: HttpRequest,
    approval: Approval,
    changes: list[GrantChange],
    yes: bool,
    note: str,
) -> HttpResponse:
    try:
        approval, late = deciding.decide(
            approval, yes=yes, user=colleague(request), note=note
        )
    except approvals.CannotDecide as no:
        messages.error(request, str(no))
    else:
        messages.info(request, DECIDED[Decision(approval.decision)])
        if late:
            messages.warning(request, TOO_LATE.format(n=late))
    return redirect(_crumbs(changes)[-1]["url"])


def _facts(change: GrantChange) -> list[tuple[str, Any]]:
    """Return what all of them share."""
    return [
        ("What", rows.question_of(change)[0]),
        ("Role", change.get_role_display()),
        ("Why", change.reason),
        ("Until", rows.moment_cell(change.ends_on)),
        ("Asked", rows.moment_cell(change.asked_at)),
    ]


def _row(change: GrantChange) -> dict[str, Any]:
    grant = change.grant
    held = role_of(grant) or "no role"
    whose = change.client or "Ours"
    return {
        "name": str(grant.asset),
        "url": grant_url(grant),
        "external_id": grant.asset.external_id,
        "sentence": f"{whose}: {named(grant)}, held as {held} today",
        "is_over": change.closed_at is not None,
    }


def _crumbs(changes: list[GrantChange]) -> list[dict[str, str]]:
    listing = reverse("admin:accounts_rolegrant_changelist")
    crumbs = [{"label": "Role grants", "url": listing}]
    if len(changes) == 1:
        grant = changes[0].grant
        crumbs.append({"label": str(grant), "url": grant_url(grant)})
    return crumbs
