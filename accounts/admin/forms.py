"""What staff type about clients and their contacts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.flows import clients
from accounts.models import Assignment, Client
from accounts.zones import house_day


class ZoneInput(forms.TextInput):
    """A time zone, with the known ones offered while typing (parts/zones.html)."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"list": "time-zones", "autocomplete": "off", **(attrs or {})})


class PlaceForm(forms.ModelForm):  # type: ignore[type-arg]
    """Where somebody is and what they read: picked, not spelled."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "time_zone" in self.fields:
            self.fields["time_zone"].widget = ZoneInput()
        if "language" in self.fields:
            languages = forms.Select(choices=settings.LANGUAGES)
            self.fields["language"].widget = languages


class ContactForm(PlaceForm):
    def save(self, commit: bool = True) -> Any:
        """Another address has refused nothing yet."""
        if "email" in self.changed_data:
            self.instance.email_problem = ""
        return super().save(commit)


class Rows(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """A client's rows of one kind, refused in a sentence where two may not stand.

    Django leaves constraints with a condition or an expression to the database here.
    """

    def once(self, row: dict[str, Any]) -> dict[Any, str]:
        """Return what no second row may have, each with what to say of one."""
        raise NotImplementedError

    def clean(self) -> None:
        super().clean()
        seen: set[Any] = set()
        for form in self.forms:
            row = getattr(form, "cleaned_data", None)
            if not row or form.errors:
                continue
            for what, sentence in self.once(row).items():
                if what in seen:
                    form.add_error(None, sentence)
                seen.add(what)


class ContactRows(Rows):
    def once(self, row: dict[str, Any]) -> dict[Any, str]:
        return {row["email"].lower(): "This client already has that address."}


class AssignmentRows(Rows):
    def once(self, row: dict[str, Any]) -> dict[Any, str]:
        if row["until"]:
            return {}
        role = row["role"]
        once = {(row["user"], role): "This colleague has that role here already."}
        if role == Assignment.Role.LEAD:
            once[role] = "This client already has an account manager."
        return once

    def save(self, commit: bool = True) -> Any:
        """Who ceases to lead does so first: two rows may have changed places."""
        ceasing = [
            form.instance.pk
            for form in self.initial_forms
            if form.initial.get("role") == Assignment.Role.LEAD
            and form.instance.role != Assignment.Role.LEAD
        ]
        if commit:
            Assignment.objects.filter(pk__in=ceasing).update(until=house_day())
        return super().save(commit)


class ClientForm(PlaceForm):
    """A client; one whose name resembles another's is saved when that is meant.

    `user`, set by the desk, is who is told of the others: by name of those they see.
    """

    user: Any = None

    save_anyway = forms.BooleanField(
        label="Save it anyway: this is another company",
        required=False,
        widget=forms.HiddenInput,
    )

    def clean_name(self) -> str:
        """Say whom to ask: the client of that name may be one they do not see."""
        name: str = self.cleaned_data["name"]
        if known := clients.of_name(name, but=self.instance):
            raise ValidationError(
                f"A client of this name is recorded; ask {_whom_to_ask(known)}."
            )
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "name" in self.changed_data and "name" in data:
            alike = clients.look_alikes(data["name"], but=self.instance)
            if alike:
                self.fields["save_anyway"].widget = forms.CheckboxInput()
            if alike and not data.get("save_anyway"):
                self.add_error("name", _could_be(alike, self.user))
        return data


def _could_be(alike: list[Client], user: Any) -> SafeString:
    keys = [client.pk for client in alike]
    seen = set(
        Client.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)
    )
    return format_html(
        "This could be a client we have: {}. If it is another company, tick so below.",
        format_html_join(", ", "{}", _named(alike, seen)),
    )


def _named(alike: list[Client], seen: set[Any]) -> Iterable[tuple[SafeString]]:
    """Name those the reader sees; of the others only whom to ask."""
    for client in alike:
        if client.pk in seen:
            url = reverse("admin:accounts_client_change", args=[client.pk])
            led = f" (led by {client.lead})" if client.lead else ""
            yield (format_html('<a href="{}">{}</a>{}', url, client, led),)
        else:
            yield (format_html("one you do not see (ask {})", _whom_to_ask(client)),)


def _whom_to_ask(client: Client) -> Any:
    return client.lead or "an access owner"
