"""Connect one of our own logins: staff with the right to, second factor behind them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.flows import agency, consent
from accounts.models import Connection, Consent
from accounts.outbound import OutboundError
from accounts.platforms.registry import platforms
from accounts.public import browser
from accounts.roles import connects_centers
from accounts.trail import Actor

DESK = "admin:accounts_businesscenter_changelist"


def _connecting(request: HttpRequest, platform: str) -> Any:
    """Return the colleague; 404 for a platform nobody knows, 403 for anybody else."""
    if platform not in platforms():
        raise Http404
    if not request.user.is_authenticated:
        raise PermissionDenied
    if not connects_centers(request.user):
        raise PermissionDenied
    return request.user


@require_POST
def leave(request: HttpRequest, platform: str) -> HttpResponse:
    """Show the hop page: a form's redirect must not lead to another origin."""
    user = _connecting(request, platform)
    secret = browser.secret_of(request) or browser.new_secret()
    attempt = consent.begin(
        platform=platform,
        purpose=Consent.Purpose.AGENCY,
        browser=secret,
        by=Actor.staff(user),
        user=user,
    )
    response = render(
        request,
        "public/leaving.html",
        {
            "platform_label": platforms()[platform].label,
            "url": consent.consent_url(attempt),
        },
    )
    browser.remember(response, secret)
    return response


@require_GET
def come_back(request: HttpRequest, platform: str) -> HttpResponse:
    """Finish the agency's own sign-in and list what it administers."""
    user = _connecting(request, platform)
    code = request.GET.get("auth_code") or request.GET.get("code") or ""
    try:
        attempt = consent.claim(
            state=request.GET.get("state", ""),
            platform=platform,
            purpose=Consent.Purpose.AGENCY,
            browser=browser.secret_of(request),
            user=user,
        )
    except consent.NotThisAttempt:
        messages.error(request, "That sign-in is over. Start it again from here.")
        return redirect(DESK)
    if not code:
        consent.refuse(attempt, by=Actor.staff(user))
        messages.warning(request, "You said no there. Nothing was connected.")
        return redirect(DESK)
    try:
        consent.exchange(attempt, code, by=Actor.staff(user))
        connection = agency.connect(attempt, user=user)
    except OutboundError as error:
        messages.error(
            request, f"{error} Nothing was connected: start again from here."
        )
    except agency.AlreadyAClientsKey:
        messages.error(
            request,
            "This login serves a client. Sign in with one of ours and start again.",
        )
    else:
        messages.info(request, _what_came(connection))
    return redirect(DESK)


def _what_came(connection: Connection) -> str:
    reaches = list(connection.reaches.select_related("asset"))
    administers = [str(reach.asset) for reach in reaches if reach.can_grant]
    if not administers:
        return (
            f"Connected as {connection}, who administers none of our Business Centers."
            " Sign in with an admin's login to read access back."
        )
    return f"Connected as {connection}: {', '.join(administers)}."
