"""Ask a client for access: the form, what would stop it, and the first link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts import rows as book_rows
from accounts.admin.assets import already_recorded
from accounts.admin.pages import colleague, draw
from accounts.models import Client, Grantee, RoleGrant
from accounts.trail import Actor
from onboarding.admin import methods
from onboarding.admin.forms import AskForm
from onboarding.admin.handing_out import show_ways_out
from onboarding.admin.pages import crumbs_to, page_of
from onboarding.admin.website import no_call
from onboarding.flows import booking, links, requests
from onboarding.flows import methods as flow
from onboarding.models import AccessLink, RequestItem

# What the address may fill in; whoever asks sees it and sends it.
FILLED = ("method", "accounts", "role", "receiver")


def ask(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """The form on GET; on POST the request, and its first link where allowed."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)
    if not request.user.has_perm("onboarding.add_accessrequest"):
        raise PermissionDenied
    filled = {name: request.GET[name] for name in FILLED if name in request.GET}
    form = AskForm(request.POST or None, client=client, initial=filled)
    if request.method == "POST" and _is_to_be_asked(request, client, form):
        try:
            item = requests.ask(client, form.wish(), user=colleague(request))
        except requests.AlreadyOpen as known:
            messages.warning(request, f"{known} Here it is.")
            return redirect(page_of(known.item.request))
        except booking.AlreadyRecorded as known:
            form.add_error("accounts", already_recorded(known.asset, request.user))
        else:
            return _after_asking(request, item)
    receivers = Grantee.objects.receivers()
    return draw(
        request,
        "onboarding/ask.html",
        {
            "title": "Ask for access",
            "crumbs": crumbs_to(client),
            "client": client,
            "form": form,
            "no_call": no_call(),
            "notice": _notice(client, receivers),
            "grants": [
                book_rows.grant_row(grant)
                for grant in _grants(client).exclude(state__in=RoleGrant.ENDED)
            ],
            "receivers": [_receiver(receiver) for receiver in receivers],
        },
        status=400 if form.errors else 200,
    )


def _is_to_be_asked(request: HttpRequest, client: Client, form: AskForm) -> bool:
    """True for a form that holds; what is ours already is read instead."""
    if not form.is_valid():
        return False
    if held := flow.already_ours(client, form.wish()):
        form.add_error("accounts", methods.already_ours(request, held))
    return not held


def _after_asking(request: HttpRequest, item: RequestItem) -> HttpResponse:
    if not requests.is_cleared(item):
        messages.info(request, "An access owner decides first. No link until then.")
        return redirect(page_of(item.request))
    if item.method == RequestItem.Method.METHOD_A:
        messages.info(request, "Next: send the request by hand, as the steps say.")
        return redirect(page_of(item.request))
    made = links.hand_out(
        item.request,
        AccessLink.HandOut.COPY,
        by=Actor.staff(request.user),
        user=colleague(request),
    )
    return show_ways_out(request, item.request, made.url)


def _notice(client: Client, receivers: QuerySet[Any]) -> dict[str, Any] | None:
    """Say before anything is typed what would stop the request."""
    if not client.contacts.filter(is_active=True).exists():
        return {
            "title": f"{client} has no contact yet.",
            "sentence": "Links go to contacts. Enter who decides there first.",
            "act": {
                "label": "Open the client",
                "url": reverse("admin:accounts_client_change", args=[client.pk]),
            },
        }
    if not any(receiver.keys for receiver in receivers):
        return {
            "title": "We cannot verify: reconnect.",
            "sentence": "No key of ours reads a Business Center, so nothing could be"
            " proved. An access owner connects it.",
            "act": {
                "label": "Our centers",
                "url": reverse("admin:accounts_businesscenter_changelist"),
            },
        }
    return None


def _receiver(receiver: Any) -> dict[str, Any]:
    keys = receiver.keys
    return {
        "name": str(receiver),
        "external_id": receiver.external_id,
        "sentence": f"Read with {keys} of our keys" if keys else "No key reads it",
        "pill": None
        if keys
        else {"tone": "bad", "icon": "failed", "word": "Cannot verify"},
    }


def _grants(client: Client) -> QuerySet[RoleGrant]:
    return book_rows.for_rows(RoleGrant.objects.filter(asset__client=client))
