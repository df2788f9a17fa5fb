"""Pages for what Django itself refuses."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.signin.public import public_page


@public_page
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "problems/403_csrf.html", status=403)
