"""Decide about a request: approve or refuse, let a held login serve, cancel."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.admin.pages import colleague, draw
from accounts.admin.wishing import decision_page
from accounts.flows import approvals
from accounts.models import Approval, Consent
from accounts.roles import is_access_owner
from accounts.trail import Actor
from onboarding import rows
from onboarding.admin.pages import crumbs_to, mine, page_of, seen
from onboarding.flows import connect, requests
from onboarding.models import AccessRequest, RequestItem

Closed = AccessRequest.Closed
Decision = Approval.Decision

DECIDED = {
    Decision.APPROVED: "Approved.",
    Decision.REFUSED: "Refused, and closed.",
    Decision.VOID: "What was asked has changed since, so nothing is approved and the"
    " request is closed. Ask again from the client's page.",
}


def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    asked = seen(request, pk)
    item = asked.items.filter(approval__isnull=False).first()
    if item is None or item.approval is None:
        raise Http404
    return decision_page(
        request,
        item.approval,
        requests.what_is_asked(item),
        {
            "title": f"Admin for {asked.client}?",
            "subtitle": f"Asked by {asked.asked_by}",
            "crumbs": crumbs_to(asked.client, asked),
            "facts": rows.what_is_asked(asked, item),
            "state": rows.request_pill(asked),
            "bound_to": "client, platform, receiver, role, accounts, reason and last"
            " day",
        },
        partial(_decided, request, item),
    )


def _decided(
    request: HttpRequest, item: RequestItem, yes: bool, note: str
) -> HttpResponse:
    try:
        requests.decide(item, yes=yes, user=colleague(request), note=note)
    except approvals.CannotDecide as no:
        messages.error(request, str(no))
    else:
        assert item.approval is not None
        messages.info(request, DECIDED[Decision(item.approval.decision)])
    return redirect(page_of(item.request))


def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a login that serves another client serve this one too."""
    held = get_object_or_404(
        Consent.objects.visible_to(request.user).select_related("client", "connection"),
        pk=pk,
    )
    if not is_access_owner(request.user):
        raise PermissionDenied
    if request.method == "POST":
        if request.POST.get("decision") == "apart":
            connect.keep_apart(held, user=colleague(request))
            messages.info(request, f"{held.connection} stays out of {held.client}.")
        else:
            connect.release(held, user=colleague(request))
            messages.info(request, f"{held.connection} may serve {held.client} too.")
    return redirect("admin:accounts_client_change", held.client_id)


def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    asked = mine(request, pk)
    if request.method == "POST":
        requests.close(asked, Closed.CANCELLED, by=Actor.staff(request.user))
        messages.info(request, f"The request is cancelled. {_links_end(asked)}")
        return redirect(page_of(asked))
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": "Cancel this request?",
            "sentence": f"{_links_end(asked)} What was read back stays as it is.",
            "facts": [("Client", asked.client), ("Contact", asked.contact)],
            "button": "Cancel the request",
            "tone": "danger",
            "back_url": page_of(asked),
        },
    )


def _links_end(asked: AccessRequest) -> str:
    return "Its links end with it." if asked.links.exists() else "No link is out."
