"""Pages of a second factor's reset: ask, do it as another person, or leave it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from accounts import rows
from accounts.flows import resets
from accounts.letters import LetterRefused
from accounts.models import FactorReset, User
from accounts.roles import manages_people


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Why, and how you know it is them",
        max_length=300,
        help_text="“Lost her phone; I saw her in the office.” It stands on the trail.",
    )


def urls() -> list[Any]:
    """Return the pages below a colleague's desk."""
    view = admin.site.admin_view
    named = "accounts_user_reset{}".format
    return [
        path("<uuid:pk>/reset/", view(ask), name=named("")),
        path("<uuid:pk>/reset/do/", view(carry_out), name=named("_do")),
        path("<uuid:pk>/reset/drop/", view(require_POST(drop)), name=named("_drop")),
    ]


def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    person = _colleague(request, pk)
    if no := resets.why_not_ask(person, _me(request)):
        return _back(request, person, messages.ERROR, no)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            resets.ask(person, reason=form.cleaned_data["reason"], by=_me(request))
        except resets.CannotReset as no:
            form.add_error(None, str(no))
        except LetterRefused as no:
            return _back(request, person, messages.WARNING, f"Asked. {no}")
        else:
            return _back(
                request,
                person,
                messages.INFO,
                f"Asked. Another access owner does it; {person} has a letter about it.",
            )
    return _draw(
        request,
        person,
        title=f"Reset {person}'s second factor?",
        sentence="You ask, another access owner does it within three days. Until then"
        " nothing changes.",
        form=form,
        button="Ask for it",
    )


def carry_out(request: HttpRequest, pk: UUID) -> HttpResponse:
    person = _colleague(request, pk)
    reset = _open(person)
    if no := resets.why_not(reset, _me(request)):
        return _back(request, person, messages.ERROR, no)
    if request.method == "POST":
        return _carried_out(request, reset)
    return _draw(
        request,
        person,
        title=f"Take off {person}'s second factor?",
        sentence=f"Passkeys, app and recovery codes go, open sessions end. {person}"
        " adds a new factor at the next sign-in, with the password.",
        facts=[
            ("Asked by", reset.approval.asked_by),
            ("Why", reset.reason),
            ("Asked for until", rows.moment_cell(reset.ends_at)),
            ("First", f"Speak with {person}, in person or on a number you know."),
        ],
        button="Take it off",
        tone="danger",
    )


def _carried_out(request: HttpRequest, reset: FactorReset) -> HttpResponse:
    person = reset.user
    try:
        resets.carry_out(reset, by=_me(request))
    except resets.CannotReset as no:
        return _back(request, person, messages.ERROR, str(no))
    except LetterRefused as no:
        return _back(request, person, messages.WARNING, f"It is off. {no}")
    said = f"It is off. {person} adds a new second factor at the next sign-in."
    return _back(request, person, messages.INFO, said)


def drop(request: HttpRequest, pk: UUID) -> HttpResponse:
    person = _colleague(request, pk)
    try:
        resets.drop(_open(person), by=_me(request))
    except resets.CannotReset as no:
        return _back(request, person, messages.ERROR, str(no))
    return _back(request, person, messages.INFO, f"{person}'s second factor stays.")


def acts(request: HttpRequest, person: User) -> list[dict[str, Any]]:
    """Return the buttons of the colleague's desk, for those who may press them."""
    if not manages_people(request.user):
        return []
    if resets.open_reset(person):
        url = reverse("admin:accounts_user_reset_drop", args=[person.pk])
        return [{"label": "Leave the factor", "url": url, "is_post": True}]
    if resets.why_never(person, _me(request)):
        return []
    url = reverse("admin:accounts_user_reset", args=[person.pk])
    return [{"label": "Reset second factor", "icon": "lock", "url": url, "tone": "bad"}]


def banner(request: HttpRequest, person: User) -> dict[str, Any] | None:
    """Say who acts next on an open reset, to those who manage people."""
    reset = resets.open_reset(person)
    if reset is None or not manages_people(request.user):
        return None
    told: dict[str, Any] = {
        "tone": "wait",
        "icon": "lock",
        "title": f"{reset.approval.asked_by} asks to reset {person}'s second factor.",
        "sentence": resets.why_not(reset, _me(request)) or reset.reason,
    }
    if not resets.why_not(reset, _me(request)):
        url = reverse("admin:accounts_user_reset_do", args=[person.pk])
        told["act"] = {"label": "Look at it", "url": url}
    return told


def _colleague(request: HttpRequest, pk: UUID) -> User:
    person: User = get_object_or_404(User, pk=pk)
    if not manages_people(request.user):
        raise PermissionDenied
    return person


def _open(person: User) -> FactorReset:
    reset = resets.open_reset(person)
    if reset is None:
        raise Http404
    return reset


def _me(request: HttpRequest) -> Any:
    return request.user


def _back(request: HttpRequest, person: User, level: int, said: str) -> HttpResponse:
    messages.add_message(request, level, said)
    return redirect("admin:accounts_user_change", person.pk)


def _draw(request: HttpRequest, person: User, **context: Any) -> HttpResponse:
    back = reverse("admin:accounts_user_change", args=[person.pk])
    crumbs = [
        {"label": "Colleagues", "url": reverse("admin:accounts_user_changelist")},
        {"label": str(person), "url": back},
    ]
    shell = admin.site.each_context(request)
    page = {**shell, "crumbs": crumbs, "back_url": back, **context}
    return render(request, "admin/confirm.html", page)
