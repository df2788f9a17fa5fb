"""Know a browser again by a cookie of its own; only the hash is ever stored."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# The prefix keeps other hosts of the domain from planting one.
COOKIE = "__Host-portal_browser" if settings.SESSION_COOKIE_SECURE else "portal_browser"
LIFE = 60 * 60 * 24 * 60


def secret_of(request: HttpRequest) -> str:
    """Return the browser's secret, or "" for one we never gave any."""
    return request.COOKIES.get(COOKIE, "")


def remember(response: HttpResponse, secret: str) -> None:
    """Lax, so that it comes along when the platform sends the person back."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=LIFE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def new_secret() -> str:
    return secrets.token_urlsafe(32)
