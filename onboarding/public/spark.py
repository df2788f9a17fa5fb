"""A creator's pages: what is asked, off to the platform, and how it stands since."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.flows import consent
from accounts.flows import spark as books
from accounts.public import browser
from accounts.signin.public import public_page
from onboarding.flows import spark, spark_login, spark_visits
from onboarding.flows.minting import note_fetch
from onboarding.flows.spark_visits import NothingTicked, VisitIsOver
from onboarding.models import SparkVisit
from onboarding.public import spark_pages
from onboarding.public.answers import neutral, see_other
from onboarding.public.in_app import app_of
from onboarding.spark_words import clock_of, describe


@public_page
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Changes nothing but the first fetch, on which nothing depends.

    The browser that came back goes on where it was, also after the link's end.
    """
    is_preview = request.user.is_authenticated
    secret = "" if is_preview else browser.secret_of(request)
    under_way = spark_visits.visit_by_token(token, browser=secret)
    if under_way is not None:
        return redirect("spark_visit", under_way.pk)
    link = spark.find(token)
    if link is None:
        return neutral(request)
    app = app_of(request.headers.get("User-Agent", ""))
    if not is_preview:
        note_fetch(link)
        if app and "here" not in request.GET:
            return spark_pages.elsewhere(request, link, app)
    return spark_pages.ask(request, link, token)


@public_page
@require_POST
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Open this browser's visit and lead on to the hop page; or take a no."""
    link = spark.find(token)
    if link is None:
        return neutral(request)
    if request.user.is_authenticated:
        return render(request, "problems/staff_browser.html", status=403)
    secret = browser.secret_of(request) or browser.new_secret()
    if request.POST.get("act") == "decline":
        books.decline(link.authorization, by=spark_visits.actor(link))
        return spark_pages.state(request, link.authorization)
    try:
        visit = spark_visits.start(link, request.POST.getlist("words"), browser=secret)
    except VisitIsOver:
        return neutral(request)
    except NothingTicked:
        error = _("Tick at least one, then press the button. Or say no below it.")
        return spark_pages.ask(request, link, token, error)
    response = see_other("spark_leave", visit.pk)
    browser.remember(response, secret)
    return response


@public_page
@require_safe
def leave(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """The hop page to the platform: a plain link, followed by itself."""
    visit = _visit(request, visit_id)
    if visit is None or visit.attempt is None:
        return neutral(request)
    if visit.attempt.claimed_at or visit.attempt.expires_at <= timezone.now():
        return see_other("spark_visit", visit.pk)
    ask = describe(visit.link.authorization)
    return render(
        request,
        "public/leaving.html",
        {
            "ask": ask,
            "platform_label": ask["platform_label"],
            "url": consent.consent_url(visit.attempt),
        },
    )


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """Show where this browser's visit stands; a POST says which step comes next."""
    mine = _visit(request, visit_id)
    if mine is None:
        return neutral(request)
    if request.method == "POST":
        return _act(request, mine)
    if mine.problem:
        return spark_pages.problem(request, mine, mine.problem)
    if mine.signed_in_as:
        return spark_pages.state(request, mine.link.authorization, mine)
    attempt = mine.attempt
    if attempt is not None and attempt.claimed_at:
        # The callback or its task is at work; the sweep ends one that died.
        return spark_pages.reading(request, mine)
    if attempt is None or attempt.expires_at <= timezone.now():
        return spark_pages.problem(request, mine, "code_expired")
    return redirect("spark_leave", mine.pk)


def _act(request: HttpRequest, mine: SparkVisit) -> HttpResponse:
    act = request.POST.get("act")
    with suppress(VisitIsOver, NothingTicked):
        if act == "not_me":
            spark_login.forget_login(mine)
        elif act == "mine":
            spark_login.confirm(mine)
        else:
            words = mine.link.authorization.asked if act == "all" else mine.offered
            secret = browser.secret_of(request)
            spark_visits.start(mine.link, words, browser=secret)
            return see_other("spark_leave", mine.pk)
    return see_other("spark_visit", mine.pk)


def _visit(request: HttpRequest, visit_id: UUID) -> SparkVisit | None:
    """Return this browser's visit; from here on the creator's clock tells the time."""
    if request.user.is_authenticated:
        return None
    mine = spark_visits.visit_of(visit_id, browser=browser.secret_of(request))
    if mine is not None:
        timezone.activate(clock_of(mine.link.authorization))
    return mine
