"""The two pages behind a welcome link."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from accounts.signin.invitations import VALID_FOR, read_link, set_first_password
from accounts.signin.public import public_page

COOKIE = "welcome"
COOKIE_AGE = timedelta(hours=1)


@public_page
@require_GET
@never_cache
def open_welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Leave for a page without the link in its address; only the browser keeps it.

    Opening changes nothing about the person: mail scanners open links too.
    """
    if read_link(token) is None:
        return _link_is_over(request)
    path = reverse("signin_set_password")
    response = redirect(path)
    response.set_cookie(
        COOKIE,
        token,
        max_age=COOKIE_AGE,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@public_page
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@never_cache
def set_password(request: HttpRequest) -> HttpResponse:
    token = request.COOKIES.get(COOKIE, "")
    user = read_link(token)
    if user is None:
        return _link_is_over(request)
    form = SetPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _use(request, token, form.cleaned_data["new_password1"])
    return render(
        request, "accounts/signin/set_password.html", {"form": form, "colleague": user}
    )


def _use(request: HttpRequest, token: str, password: str) -> HttpResponse:
    user: User | None = set_first_password(token, password)
    if user is None:
        return _link_is_over(request)
    logout(request)  # whoever was signed in here: the next step is this person's own
    messages.success(
        request, "Your password is set. Sign in with it, then add your second step."
    )
    response = redirect("account_login")
    response.delete_cookie(COOKIE, path=reverse("signin_set_password"))
    return response


def _link_is_over(request: HttpRequest) -> HttpResponse:
    context = {"days": VALID_FOR.days}
    return render(request, "accounts/signin/link_over.html", context, status=410)
