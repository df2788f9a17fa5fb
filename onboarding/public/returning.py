"""The platform sends the person back here, once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.flows.consent import NotThisAttempt
from accounts.outbound import OutboundError
from accounts.platforms.registry import platforms
from accounts.public import browser
from accounts.signin.public import public_page
from onboarding.flows import connect, visits
from onboarding.public.answers import neutral, see_other


@public_page
@require_GET
def come_back(request: HttpRequest, platform: str) -> HttpResponse:
    """Exchange the code and leave by 303, so that no code stays in the address bar.

    A staff browser, another browser's cookie, and a stale, foreign or repeated state
    end here before any call is made. The platform names the code `auth_code`; some
    clients have seen `code` (TikTok facts 2.1).
    """
    if platform not in platforms():
        return neutral(request)
    if request.user.is_authenticated:
        return render(request, "problems/staff_browser.html", status=403)
    secret = browser.secret_of(request)
    code = request.GET.get("auth_code") or request.GET.get("code") or ""
    try:
        session = connect.came_back(
            platform=platform,
            state=request.GET.get("state", ""),
            code=code,
            browser=secret,
        )
    except (NotThisAttempt, OutboundError):
        return _again_or_neutral(request, platform, secret)
    return see_other("visit", session.pk)


def _again_or_neutral(request: HttpRequest, platform: str, secret: str) -> HttpResponse:
    """A reload of the callback shows its visit, if it is this browser's."""
    session = visits.visit_by_state(
        request.GET.get("state", ""), platform=platform, browser=secret
    )
    if session is not None:
        return see_other("visit", session.pk)
    return render(
        request,
        "problems/other_browser.html",
        {"platform_label": platforms()[platform].label},
        status=403,
    )
