"""What staff fill in to ask for access, decide about it, and mail a link."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.admin.wishing import ROLE_CHOICES, later_day
from accounts.models import Client, Contact, Grantee
from accounts.platforms.registry import platforms
from accounts.platforms.roles import Role
from onboarding.flows.requests import Wish, wish_of
from onboarding.models import RequestItem
from onboarding.public.forms import account_id

OPEN_FOR = dt.timedelta(days=7)
LONGEST = dt.timedelta(days=60)

KEEP, DROP = "keep", "drop"
KEY_CHOICES = [
    (
        KEEP,
        "Keep it\nWith it we can take ourselves out again by the push of a button.",
    ),
    (DROP, "Drop it\nAfterwards only the client can take the share back."),
]


class AskForm(forms.Form):
    """One request. Nothing is written unless every field holds."""

    platform = forms.ChoiceField(widget=forms.HiddenInput)
    role = forms.ChoiceField(
        choices=ROLE_CHOICES, initial=Role.OPERATOR.value, widget=forms.RadioSelect
    )
    contact = forms.ModelChoiceField(
        Contact.objects.none(), label="Contact", empty_label=None
    )
    receiver = forms.ModelChoiceField(
        Grantee.objects.none(), label="Our Business Center", empty_label=None
    )
    accounts = forms.CharField(
        label="Ad account ids",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Only if you know which: 15 to 20 digits each, one a line."
        " Left empty, the client chooses.",
    )
    message = forms.CharField(
        label="A line to the client",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    closes_on = forms.DateField(
        label="Last day",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Until 23:59 by your clock. Seven days as a rule, sixty at most.",
    )
    keep_token = forms.ChoiceField(
        choices=KEY_CHOICES, initial=KEEP, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label="Why Admin", required=False, max_length=300, help_text="For the approver."
    )
    ends_on = forms.DateField(
        label="Admin until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        today = timezone.localdate()
        kwargs["initial"] = {
            "platform": next(iter(platforms())),
            "contact": client.contacts.filter(is_active=True).first(),
            "receiver": client.default_center,
            "closes_on": today + OPEN_FOR,
            **(kwargs.get("initial") or {}),
        }
        super().__init__(*args, **kwargs)
        self.today = today
        fields: Any = self.fields
        fields["platform"].choices = [(k, s.label) for k, s in platforms().items()]
        fields["contact"].queryset = client.contacts.filter(is_active=True)
        fields["receiver"].queryset = Grantee.objects.receivers()

    def clean_accounts(self) -> list[str]:
        ids = self.cleaned_data["accounts"].replace(",", " ").split()
        for external_id in ids:
            try:
                account_id(external_id)
            except ValidationError as error:
                raise ValidationError(
                    f"{external_id}: {' '.join(error.messages)}"
                ) from error
        return list(dict.fromkeys(ids))

    def clean_closes_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["closes_on"]
        if not self.today < day <= self.today + LONGEST:
            raise ValidationError("Choose a day after today, within the next 60 days.")
        return day

    def clean_ends_on(self) -> dt.date | None:
        return later_day(self.cleaned_data["ends_on"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("role") == Role.ADMIN:
            if not data.get("reason"):
                self.add_error("reason", "Say why Operator is not enough.")
            if not data.get("ends_on") and "ends_on" not in self.errors:
                self.add_error("ends_on", "An Admin role needs a last day.")
        ends_on, closes_on = data.get("ends_on"), data.get("closes_on")
        is_admin = data.get("role") == Role.ADMIN
        if is_admin and ends_on and closes_on and closes_on > ends_on:
            self.add_error("closes_on", "The link must end before the role does.")
        return data

    def wish(self) -> Wish:
        data = self.cleaned_data
        is_admin = data["role"] == Role.ADMIN
        end_of_day = dt.datetime.combine(data["closes_on"], dt.time(23, 59))
        return Wish(
            contact=data["contact"],
            platform=data["platform"],
            receiver=data["receiver"],
            role=Role(data["role"]),
            closes_at=timezone.make_aware(end_of_day),
            account_ids=data["accounts"],
            message=data["message"],
            keeps_key=data["keep_token"] == KEEP,
            reason=data["reason"] if is_admin else "",
            ends_on=data["ends_on"] if is_admin else None,
        )


class ChangeForm(AskForm):
    """The same fields, filled in as the request stands; days that stay may be near."""

    def __init__(self, *args: Any, item: RequestItem, **kwargs: Any) -> None:
        self.asked = wish_of(item)
        initial = {
            "platform": self.asked.platform,
            "role": self.asked.role.value,
            "contact": self.asked.contact,
            "receiver": self.asked.receiver,
            "accounts": "\n".join(self.asked.account_ids),
            "message": self.asked.message,
            "closes_on": timezone.localdate(self.asked.closes_at),
            "keep_token": KEEP if self.asked.keeps_key else DROP,
            "reason": self.asked.reason,
            "ends_on": self.asked.ends_on,
        }
        super().__init__(*args, client=item.client, initial=initial, **kwargs)

    def clean_closes_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["closes_on"]
        return day if self._stays("closes_on") else super().clean_closes_on()

    def _stays(self, name: str) -> bool:
        return self.cleaned_data[name] == self.initial[name]

    def wish(self) -> Wish:
        """Return what is asked from now on; a day that stays ends when it did."""
        wish = super().wish()
        if self._stays("closes_on"):
            wish = dataclasses.replace(wish, closes_at=self.asked.closes_at)
        return wish


class MailForm(forms.Form):
    contact = forms.ModelChoiceField(
        Contact.objects.none(), label="To", empty_label=None
    )

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contacts: Any = self.fields["contact"]
        contacts.queryset = client.contacts.filter(is_active=True)
