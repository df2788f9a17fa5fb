"""The page with one button a person."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.signin.public import public_page
from agencyportal.demo.cast import CAST, make_cast
from agencyportal.demo.signin import sign_in
from agencyportal.environment import LOOPBACK


def cast_buttons() -> list[dict[str, str]]:
    return [
        {
            "name": part.name,
            "sentence": part.sentence,
            "url": reverse("demo_sign_in", args=[part.key]),
        }
        for part in CAST
    ]


def demo_cast(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the sign-in page offers the cast too."""
    return {"demo_cast": cast_buttons()}


@public_page
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/choose.html")


@public_page
@require_POST
def sign_in_as(request: HttpRequest, key: str) -> HttpResponse:
    is_here = request.META.get("REMOTE_ADDR") in LOOPBACK
    if not is_here or key not in {part.key for part in CAST}:
        raise Http404
    return sign_in(request, make_cast()[key])
