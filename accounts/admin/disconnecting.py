"""Disconnect a key: what it serves, what it waits for, what is then left to whom."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.admin.pages import crumbs_to, draw
from accounts.flows import agency, disconnecting
from accounts.models import Connection, Consent
from accounts.platforms.registry import platform
from accounts.roles import connects_centers
from accounts.trail import Actor

MOST_NAMES = 5

ENDS = (
    "{platform} is asked to end it. The portal uses it once more, sees it refused, and"
    " forgets it."
)
GOES_ON = "The key itself goes on: it serves {others}."
WAITS = "{names}. It ends by itself when they are settled."
STAYS = (
    "{n} shared with us. From then on only {client} can take that back: take back"
    " first what is no longer needed."
)
UNREAD = (
    "Nobody else of ours reads {centers}. Nothing there can be proved until another of"
    " our logins connects."
)
TOO_LATE = (
    "Too late to keep {key} connected: it is ended, or being ended now. Whoever gave it"
    " connects again."
)


def may_end(user: Any, consent: Consent) -> bool:
    """Our own keys are the access owners'; a client's, those who work for it."""
    if consent.purpose == Consent.Purpose.AGENCY:
        return connects_centers(user)
    return bool(user.has_perm("accounts.change_connection"))


def acts(request: HttpRequest, key: Connection) -> list[dict[str, Any]]:
    """Return a button for every permission this colleague may end or keep."""
    given = key.consents.visible_to(request.user).filter(state=Consent.State.GIVEN)
    consents = [
        consent
        for consent in given.select_related("client")
        if may_end(request.user, consent)
    ]
    return [_act(consent, is_one=len(consents) == 1) for consent in consents]


def _act(consent: Consent, *, is_one: bool) -> dict[str, Any]:
    is_ending = consent.end_asked_at is not None
    view = "keep_connected" if is_ending else "disconnect"
    label = "Keep it connected" if is_ending else "Disconnect"
    whom = "" if is_one else f" for {consent.client or 'our own side'}"
    return {
        "label": label + whom,
        "url": reverse(f"admin:accounts_{view}", args=[consent.pk]),
        "is_post": is_ending,
        "tone": "" if is_ending else "bad",
    }


def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what ends and what stays on GET; wish it on POST, a task carries it out."""
    consent = _mine(request, pk)
    key = consent.connection
    url = reverse("admin:accounts_connection_change", args=[key.pk])
    if consent.state != Consent.State.GIVEN or consent.end_asked_at is not None:
        messages.warning(request, "It is over, or about to be.")
        return redirect(url)
    if request.method == "POST":
        if disconnecting.ask(consent, by=Actor.staff(request.user)):
            messages.info(request, f"{key} is disconnected once nothing needs it.")
        return redirect(url)
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": f"Disconnect {key}?",
            "sentence": "Access that was given stays as it is.",
            "crumbs": crumbs_to("connection", "Keys", key, url),
            "facts": _facts(request, consent),
            "button": "Disconnect",
            "tone": "danger",
            "back_url": url,
        },
    )


@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a disconnect back while it waits."""
    consent = _mine(request, pk)
    if disconnecting.call_back(consent, by=Actor.staff(request.user)):
        messages.info(request, f"{consent.connection} stays connected.")
    else:
        consent.refresh_from_db(fields=["withdrawn_at"])
        no = TOO_LATE if consent.withdrawn_at else "There is nothing to call back."
        messages.warning(request, no.format(key=consent.connection))
    return redirect("admin:accounts_connection_change", consent.connection_id)


def _mine(request: HttpRequest, pk: int) -> Consent:
    """Return a permission this colleague may end; 404 or 403 otherwise."""
    visible = Consent.objects.visible_to(request.user)
    consent: Consent = get_object_or_404(
        visible.select_related("connection", "client"), pk=pk
    )
    if not may_end(request.user, consent):
        raise PermissionDenied
    return consent


def _facts(request: HttpRequest, consent: Consent) -> list[tuple[str, Any]]:
    key = consent.connection
    label = platform(key.platform).label
    is_last = disconnecting.is_last(consent)
    goes_on = GOES_ON.format(others=_others(request, consent))
    return [
        ("Login", f"{key}, {label}"),
        ("Serves", str(consent.client or "Our own side")),
        ("The key", ENDS.format(platform=label) if is_last else goes_on),
        ("Waits for", _waits_for(consent)),
        ("Stays", _stays(consent)),
    ]


def _others(request: HttpRequest, consent: Consent) -> str:
    """Name whom else it serves, those this colleague may know of."""
    others = consent.connection.consents.standing().exclude(pk=consent.pk)
    known = others.visible_to(request.user).select_related("client")
    names = [str(other.client or "our own side") for other in known]
    hidden = others.count() - len(names)
    return ", ".join([*names, f"{hidden} more"] if hidden else names)


def _waits_for(consent: Consent) -> str:
    grants = disconnecting.waits_for(consent)
    names = [str(grant.asset) for grant in grants.select_related("asset")[:MOST_NAMES]]
    more = grants.count() - len(names)
    if not names:
        return "Nothing. It ends within minutes."
    named = ", ".join(names) + (f" and {more} more" if more else "")
    return WAITS.format(names=named)


def _stays(consent: Consent) -> str:
    if consent.purpose == Consent.Purpose.AGENCY:
        return _who_reads(consent)
    n = disconnecting.held_through(consent).count()
    accounts = "1 account is" if n == 1 else f"{n} accounts are"
    return STAYS.format(n=accounts, client=consent.client) if n else "Nothing is held."


def _who_reads(consent: Consent) -> str:
    """Say whether our centers can be proved without this key."""
    unread = disconnecting.left_unread(consent)
    if unread:
        return UNREAD.format(centers=", ".join(map(str, unread)))
    centers = consent.connection.reaches.filter(can_grant=True)
    others = {
        str(key)
        for reach in centers.select_related("asset__as_grantee")
        for key in agency.keys_for(reach.asset.as_grantee)
        if key != consent.connection
    }
    names = ", ".join(sorted(others))
    return f"{names} reads the same Business Centers." if names else "Nothing."
