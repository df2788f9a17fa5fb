"""The platform sends the person back here, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.flows.consent import NotThisAttempt
from accounts.outbound import OutboundError
from accounts.platforms.registry import platforms
from accounts.public import browser
from accounts.signin.public import public_page
from onboarding.flows import connect, spark_visits, visits
from onboarding.public.answers import neutral, see_other


@public_page
@require_GET
def client(request: HttpRequest, platform: str) -> HttpResponse:
    """A client's return. The platform names the code `auth_code`; some clients have
    seen `code` (TikTok facts 2.1)."""
    code = request.GET.get("auth_code") or request.GET.get("code") or ""

    def finish(**trip: str) -> Any:
        return connect.came_back(**trip, code=code)

    return _come_back(request, platform, finish, visits.visit_by_state, "visit")


@public_page
@require_GET
def creator(request: HttpRequest, platform: str) -> HttpResponse:
    """A creator's return, with a code, with a no, or with neither (facts 3.1)."""
    code, error = request.GET.get("code", ""), request.GET.get("error", "")

    def finish(**trip: str) -> Any:
        return spark_visits.came_back(**trip, code=code, error=error)

    find = spark_visits.visit_by_state
    return _come_back(request, platform, finish, find, "spark_visit")


def _come_back(
    request: HttpRequest,
    platform: str,
    finish: Callable[..., Any],
    find: Callable[..., Any],
    page: str,
) -> HttpResponse:
    """Finish the trip and leave by 303, so that no code stays in the address bar.

    A staff browser, another browser's cookie, and a stale, foreign or repeated state
    end here before any call is made; a reload of the callback finds its visit again,
    if it is this browser's.
    """
    if platform not in platforms():
        return neutral(request)
    if request.user.is_authenticated:
        return render(request, "problems/staff_browser.html", status=403)
    trip = {
        "platform": platform,
        "state": request.GET.get("state", ""),
        "browser": browser.secret_of(request),
    }
    try:
        visit = finish(**trip)
    except (NotThisAttempt, OutboundError):
        visit = find(**trip)
    if visit is not None:
        return see_other(page, visit.pk)
    return render(
        request,
        "problems/other_browser.html",
        {"platform_label": platforms()[platform].label},
        status=403,
    )
