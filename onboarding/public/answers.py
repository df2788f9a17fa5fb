"""How the public pages lead on after a POST or a callback."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from onboarding.public.forms import FreshLinkForm


def see_other(to: str, *args: Any) -> HttpResponse:
    """Lead to a named page by 303, so that a reload repeats nothing."""
    response = redirect(to, *args)
    response.status_code = 303
    return response


def neutral(request: HttpRequest, form: FreshLinkForm | None = None) -> HttpResponse:
    """The one page for every unknown, expired, revoked or closed link."""
    return render(
        request,
        "problems/neutral.html",
        {"form": form or FreshLinkForm()},
        status=404 if form is None else 400,
    )
