"""The pages of one browser's visit, each stage its own page."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.flows import consent
from accounts.platforms.registry import platform
from accounts.public import browser
from accounts.signin.public import public_page
from onboarding.flows import booking, connect, giving
from onboarding.flows.visits import CHANGED, VisitIsOver, visit_of
from onboarding.models import LinkSession
from onboarding.public import rows
from onboarding.public.answers import neutral, see_other
from onboarding.public.forms import AccountForm, FreshLinkForm
from onboarding.words import clock_of, describe_request

Stage = LinkSession.Stage


def _visit(request: HttpRequest, session_id: UUID) -> LinkSession | None:
    """Return this browser's visit; from here on the client's clock tells the time."""
    if request.user.is_authenticated:
        return None
    session = visit_of(session_id, browser=browser.secret_of(request))
    if session is not None:
        timezone.activate(clock_of(session.link.request, session.link.contact))
    return session


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Show where this visit stands; the same address from Start to done."""
    session = _visit(request, session_id)
    if session is None:
        return neutral(request)
    if not session.link.request.is_open:  # only what came of it is left to see
        return _render(request, session, "public/results.html", rows.results(session))
    if session.problem == CHANGED:
        return _changed(request, session)
    if session.stage == Stage.CHOOSING:
        return _choose(request, session)
    if session.stage == Stage.STOPPED and session.problem == "no_center":
        return _name_account(request, session)
    if request.method == "POST":
        return _see_visit(session)
    if session.stage == Stage.READING:
        return _render(request, session, "public/reading.html", {})
    if session.stage == Stage.SHARED:
        return _render(request, session, "public/results.html", rows.results(session))
    if session.stage == Stage.STOPPED:
        return _problem(request, session)
    if session.attempt is not None and session.attempt.claimed_at:
        # The callback is at work in another tab; the sweep ends one that died.
        return _render(request, session, "public/reading.html", {})
    if _is_stale(session):
        # Sent off again it would come back refused, and so on for ever.
        session.problem = "code_expired"
        return _problem(request, session)
    return redirect("visit_leave", session.pk)


@public_page
@require_safe
def leave(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The hop page to the platform: a plain link, followed by itself."""
    session = _visit(request, session_id)
    if session is None or session.attempt is None:
        return neutral(request)
    if session.attempt.claimed_at or _is_stale(session):
        return _see_visit(session)
    return _render(
        request,
        session,
        "public/leaving.html",
        {"url": consent.consent_url(session.attempt)},
    )


def _is_stale(session: LinkSession) -> bool:
    return session.attempt is None or session.attempt.expires_at <= timezone.now()


@public_page
@require_POST
def again(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Sign in once more: after trouble, or to add another account."""
    session = _visit(request, session_id)
    if session is None:
        return neutral(request)
    try:
        connect.start(session.link, session.item, browser=browser.secret_of(request))
    except VisitIsOver:
        return _see_visit(session)
    return see_other("visit_leave", session.pk)


@public_page
@require_POST
def not_me(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Forget the login that was shown; another person signs in."""
    session = _visit(request, session_id)
    if session is None:
        return neutral(request)
    with suppress(VisitIsOver):
        connect.forget_login(session)
    return _see_visit(session)


def _choose(request: HttpRequest, session: LinkSession) -> HttpResponse:
    error = ""
    ticked = request.POST.getlist("accounts")
    if request.method == "POST":
        try:
            giving.share(session, ticked)
        except VisitIsOver:
            return _see_visit(session)
        except ValueError:
            error = _("Tick at least one account, then press Share.")
        except booking.AlreadyRecorded:
            error = _("One of these is in our books already. Your contact looks at it.")
        else:
            return _see_visit(session)
    return _render(
        request,
        session,
        "public/choose.html",
        {
            "who": session.signed_in_as,
            "not_me_url": reverse("visit_not_me", args=[session.pk]),
            "groups": rows.choices(session, ticked),
            "error": error,
        },
        status=400 if error else 200,
    )


def _name_account(request: HttpRequest, session: LinkSession) -> HttpResponse:
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            giving.name_account(session, form.cleaned_data["account_id"])
        except VisitIsOver:
            return _see_visit(session)
        except booking.AlreadyRecorded:
            form.add_error(
                "account_id",
                _("We have this one in our books already. Your contact looks at it."),
            )
        else:
            return _see_visit(session)
    return _render(
        request,
        session,
        "public/no_center.html",
        {"form": form},
        status=400 if form.errors else 200,
    )


def _changed(request: HttpRequest, session: LinkSession) -> HttpResponse:
    """The request changed under this visit: what came of it, and where to go on."""
    if session.shared_at is not None:
        return _render(request, session, "public/results.html", rows.results(session))
    return _render(
        request,
        session,
        "problems/changed.html",
        {
            "form": FreshLinkForm(),
            "is_handed_out": session.link.request.links.usable().exists(),
        },
    )


def _problem(request: HttpRequest, session: LinkSession) -> HttpResponse:
    """Say what stopped it; whatever it was, the next step is to sign in again."""
    act = {"url": reverse("visit_again", args=[session.pk]), "is_post": True}
    return _render(
        request,
        session,
        f"problems/{session.problem}.html",
        {"act": act, "who_signed_in": session.signed_in_as},
    )


def _render(
    request: HttpRequest,
    session: LinkSession,
    template: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    return render(
        request,
        template,
        {
            "ask": describe_request(
                session.link.request, session.item, to=session.link.contact
            ),
            "platform_label": platform(session.item.platform).label,
            **context,
        },
        status=status,
    )


def _see_visit(session: LinkSession) -> HttpResponse:
    return see_other("visit", session.pk)
