"""What staff fill in to ask for a role and to decide about one; and both pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.admin.pages import draw
from accounts.flows import approvals
from accounts.flows.wishes import Wish
from accounts.models import Approval, Client
from accounts.platforms.registry import platform
from accounts.platforms.roles import Role
from accounts.zones import house_day

# A label's further lines are its explanation.
ROLE_CHOICES = [
    (
        Role.OPERATOR.value,
        "Operator\nMakes and edits campaigns. No billing, no people.",
    ),
    (Role.ANALYST.value, "Analyst\nSees campaigns and reports. Changes nothing."),
    (Role.ADMIN.value, "Admin\nAlso payment, settings and who has access."),
]
AS_HELD = ("held", "As it is held\nNothing changes for anybody. A read proves it.")
SURE = "sure"


def later_day(day: dt.date | None) -> dt.date | None:
    """Return a last day; raise ValidationError if the agency's own has reached it."""
    if day is not None and day <= house_day():
        raise ValidationError("Choose a day after today.")
    return day


class WishForm(forms.Form):
    """A role, why, and for Admin until when."""

    day_is_missing = "An Admin role needs a last day."

    role = forms.ChoiceField(widget=forms.RadioSelect)
    ends_on = forms.DateField(
        label="Admin until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.CharField(
        label="In one sentence",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Whoever reviews the access reads it.",
    )

    def __init__(self, *args: Any, on: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = set(platform(on).roles) if on else set()
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (role, words) for role, words in ROLE_CHOICES if role in offered
        ]

    def clean_ends_on(self) -> dt.date | None:
        return later_day(self.cleaned_data["ends_on"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        is_dated = data.get("ends_on") or "ends_on" in self.errors
        if self.asks_for_admin() and not is_dated:
            self.add_error("ends_on", self.day_is_missing)
        return data

    def asks_for_admin(self) -> bool:
        return bool(self.cleaned_data.get("role") == Role.ADMIN)

    def wish(self) -> Wish:
        data = self.cleaned_data
        return Wish(
            role=None if data["role"] == AS_HELD[0] else Role(data["role"]),
            reason=data["reason"],
            ends_on=data["ends_on"],
            client=data.get("client"),
        )


class AdoptForm(WishForm):
    """The same for what was found: as held, if not said otherwise; and whose it is."""

    field_order = ("role", "ends_on", "client", "reason")

    client = forms.ModelChoiceField(
        Client.objects.none(),
        label="Client",
        empty_label="Choose whose it is",
        help_text="For the accounts that are no client's yet.",
    )

    def __init__(
        self,
        *args: Any,
        user: Any,
        names_client: bool,
        has_admin: bool,
        has_seats: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role"]
        role.choices = [AS_HELD, *([] if has_seats else role.choices)]
        role.initial = AS_HELD[0]
        self.has_admin = has_admin
        if names_client:
            clients: Any = self.fields["client"]
            clients.queryset = Client.objects.visible_to(user).filter(merged_into=None)
        else:
            del self.fields["client"]

    def asks_for_admin(self) -> bool:
        is_held_so = self.cleaned_data.get("role") == AS_HELD[0] and self.has_admin
        return is_held_so or super().asks_for_admin()


class DecisionForm(forms.Form):
    note = forms.CharField(
        label="A note",
        required=False,
        max_length=300,
        help_text="Optional; it goes on the trail.",
    )


def decision_page(
    request: HttpRequest,
    approval: Approval,
    what: dict[str, Any],
    context: dict[str, Any],
    book: Callable[[bool, str], HttpResponse],
) -> HttpResponse:
    """Show what was put forward; a yes or no, with its note, goes to `book`.

    It is bound to `what` as it was read: if that has changed since, it is read again.
    """
    digest = approvals.digest_of(what)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("digest") != digest:
            messages.error(request, "What is asked has changed. Read it again.")
            return redirect(request.path)
        yes = request.POST.get("decision") == "approve"
        return book(yes, form.cleaned_data["note"])
    why_not = approvals.why_not(approval, request.user)
    page = {**context, "digest": digest, "why_not": why_not, "form": form}
    return draw(request, "accounts/decide.html", page)


def is_sure(request: HttpRequest) -> bool:
    """True when the preview has been seen and agreed to."""
    return SURE in request.POST


def carried_on(form: WishForm, **more: str) -> forms.Form:
    """Return what was filled in as hidden fields, for the preview to send again."""
    filled = {name: form[name].value() or "" for name in form.fields}
    again = forms.Form(initial={**filled, **more, SURE: "yes"}, auto_id=False)
    for name in again.initial:
        again.fields[name] = forms.CharField(widget=forms.HiddenInput)
    return again
