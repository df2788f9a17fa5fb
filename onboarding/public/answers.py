"""How the public pages lead on after a POST or a callback."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect


def see_other(to: str, *args: Any) -> HttpResponse:
    """Lead to a named page by 303, so that a reload repeats nothing."""
    response = redirect(to, *args)
    response.status_code = 303
    return response
