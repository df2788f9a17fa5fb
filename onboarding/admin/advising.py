"""Write down which attribution windows a client is to set, and that it has."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from accounts.admin.pages import colleague, draw
from accounts.models import Client
from onboarding.admin.pages import crumbs_to
from onboarding.flows import advising
from onboarding.models import AttributionAdvice

WRITTEN = "Noted. The letter to {client} is on this page."
SET = "Noted. {client} has set it, as they say."


class AdviceForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = AttributionAdvice
        fields = ("click_days", "view_days", "counting", "note", "applied_on")
        widgets: ClassVar = {"applied_on": forms.DateInput(attrs={"type": "date"})}

    def clean_applied_on(self) -> object:
        day = self.cleaned_data["applied_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError("Enter the day it was set, not one to come.")
        return day


def advise(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form on GET; on POST what is recommended, and whether it is set."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    if not request.user.has_perm("onboarding.change_attributionadvice"):
        raise PermissionDenied
    advice = AttributionAdvice.objects.filter(client=client).first()
    form = AdviceForm(request.POST or None, instance=advice)
    page = reverse("admin:accounts_client_change", args=[client.pk])
    if request.method == "POST" and form.is_valid():
        kept = advising.advise(client, form.cleaned_data, user=colleague(request))
        said = SET if kept.applied_on else WRITTEN
        messages.info(request, said.format(client=client))
        return redirect(page)
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": f"Attribution windows for {client}",
            "sentence": "Agencies see them and cannot change them. Write down what"
            " we recommend; the letter follows.",
            "crumbs": crumbs_to(client),
            "form": form,
            "button": "Write it down",
            "back_url": page,
        },
        status=400 if form.errors else 200,
    )
