"""The gate: no page for strangers, and none for colleagues before the second factor.

Denies by default. Strangers get what is marked `@public_page` and the sign-in pages.
Without a second factor only the pages that add one are open; with one, a session that
has not used it (it began before enrolment elsewhere, say) is sent to prove itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import REDIRECT_FIELD_NAME, SESSION_KEY, get_user_model
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts.signin.factors import Factors
from accounts.signin.public import is_public_page
from accounts.signin.trail import record_ended_session

ENROL = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
    }
)
PROVE = frozenset(
    {"account_logout", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
)


class RequireSecondFactor(LoginRequiredMiddleware):
    """Stands after AuthenticationMiddleware and allauth's AccountMiddleware."""

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        if not request.user.is_authenticated:
            end_dead_session(request)
            return super().process_view(request, view, args, kwargs)
        if is_public_page(view):
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        factors = Factors.of(request.user)
        if not factors.is_enrolled:
            return None if name in ENROL else redirect("mfa_index")
        if factors.has_proved(request) or name in PROVE:
            return None
        return redirect(proof_url(request, factors))


def proof_url(request: HttpRequest, factors: Factors) -> str:
    """Return where this session proves itself; a page asked for by GET comes after."""
    name = (
        "mfa_reauthenticate" if factors.takes_codes else "mfa_reauthenticate_webauthn"
    )
    if request.method != "GET":
        return reverse(name)
    return (
        f"{reverse(name)}?{urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})}"
    )


def end_dead_session(request: HttpRequest) -> None:
    """End the open session of a person who may not sign in any more, and say so.

    Django treats such a session as nobody's but keeps it: it would come back to life
    with the person. Ending it here makes the refusal final and puts it on the trail
    once.
    """
    key = request.session.get(SESSION_KEY)
    if key is None:
        return
    user = get_user_model().objects.filter(pk=key).first()
    request.session.flush()
    if user is not None:
        record_ended_session(user)
