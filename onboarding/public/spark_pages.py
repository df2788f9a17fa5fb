"""How each of a creator's pages is drawn."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.models import SparkAuthorization
from accounts.qr import qr_code
from onboarding.flows import spark_login, spark_visits
from onboarding.models import SparkLink, SparkVisit
from onboarding.public.spark_state import center_of, state_of, steps_of
from onboarding.spark_words import clock_of, describe, stopped, words_of

State = SparkAuthorization.State


def ask(
    request: HttpRequest, link: SparkLink, token: str, error: str = ""
) -> HttpResponse:
    asked = link.authorization
    is_preview = request.user.is_authenticated
    if not is_preview:
        timezone.activate(clock_of(asked))
    words = words_of(asked)
    can_connect = any(word["is_ours_to_ask"] for word in words)
    return render(
        request,
        "public/spark.html",
        {
            "ask": describe(asked),
            "steps": None if asked.state == State.WAITING else steps_of(asked),
            "words": words,
            "ticked": request.POST.getlist("words"),
            "can_connect": can_connect,
            "start_url": reverse("spark_start", args=[token]),
            "may_decline": asked.state == State.WAITING,
            "center": None if can_connect else _with_code(center_of(asked)),
            "error": error,
            "is_preview": is_preview,
        },
        status=400 if error else 200,
    )


def elsewhere(request: HttpRequest, link: SparkLink, app: str) -> HttpResponse:
    return render(
        request,
        "public/spark_elsewhere.html",
        {
            "ask": describe(link.authorization),
            "app": app,
            "url": settings.SITE_URL + request.path,
        },
    )


def reading(request: HttpRequest, mine: SparkVisit) -> HttpResponse:
    told = describe(mine.link.authorization)
    return render(request, "public/spark_reading.html", {"ask": told})


def problem(request: HttpRequest, mine: SparkVisit, why: str) -> HttpResponse:
    asked = mine.link.authorization
    return render(
        request,
        "public/spark_problem.html",
        {
            "ask": describe(asked),
            **stopped(asked, why, mine.signed_in_as),
            "is_doubted": why in spark_login.DOUBTED,
            "is_unsure": why == spark_login.UNSURE_LOGIN,
            "act_url": reverse("spark_visit", args=[mine.pk]),
        },
    )


def state(
    request: HttpRequest, asked: SparkAuthorization, mine: SparkVisit | None = None
) -> HttpResponse:
    told = state_of(asked)
    may = mine is not None and spark_visits.may_go_on(mine.link)
    return render(
        request,
        "public/spark_state.html",
        {
            **told,
            "center": _with_code(told["center"]),
            "who": mine.signed_in_as if mine else "",
            "act_url": reverse("spark_visit", args=[mine.pk]) if mine and may else "",
        },
    )


def _with_code(center: dict[str, Any] | None) -> dict[str, Any] | None:
    return center and {**center, "qr_svg": qr_code(center["url"])}
