"""What staff fill in to ask for access, decide about it, and mail a link."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
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
from onboarding.models.requests import reminder_days
from onboarding.public.forms import account_id, center_id

MOST_DAYS = 10
OPEN_FOR = dt.timedelta(days=7)
LONGEST = dt.timedelta(days=60)

Method = RequestItem.Method
# A label's further lines are its explanation.
METHOD_CHOICES = [
    (Method.LINK, "One link\nThe client signs in and ticks. The portal does the rest."),
    (
        Method.METHOD_A,
        "Method A: we ask\nA colleague asks on the platform's website, by account id;"
        " the owner agrees there.",
    ),
    (
        Method.METHOD_B,
        "Method B: they invite us\nThe client adds our Business Center as a partner, by"
        " a page with our id.",
    ),
]
NAMED = "15 to 20 digits each, one a line. Method A needs them."
NEEDS_ACCOUNTS = (
    "Method A asks for accounts by their ids. Enter them, or choose another way."
)

KEEP, DROP = "keep", "drop"
KEY_CHOICES = [
    (
        KEEP,
        "Keep it\nWith it we can take ourselves out again by the push of a button.",
    ),
    (DROP, "Drop it\nAfterwards only the client can take the share back."),
]


def account_ids(typed: str) -> list[str]:
    """Return the ids of a text, each once; raise ValidationError for what is none."""
    ids = typed.replace(",", " ").split()
    for external_id in ids:
        try:
            account_id(external_id)
        except ValidationError as error:
            said = " ".join(error.messages)
            raise ValidationError(f"{external_id}: {said}") from error
    return list(dict.fromkeys(ids))


def in_words(days: Iterable[int]) -> str:
    return ", ".join(map(str, days))


def _is_a_day(word: str) -> bool:
    return word.isascii() and word.isdigit() and 1 <= int(word) <= MOST_DAYS


class WayForm(forms.Form):
    """A way to ask, and the accounts it names: Method A asks for them by their ids."""

    method = forms.ChoiceField(
        choices=METHOD_CHOICES, initial=Method.LINK, widget=forms.RadioSelect
    )
    accounts = forms.CharField(
        label="Ad account ids", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean_accounts(self) -> list[str]:
        return account_ids(self.cleaned_data["accounts"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        by_id = data.get("method") == Method.METHOD_A
        if by_id and not data.get("accounts") and "accounts" not in self.errors:
            self.add_error("accounts", NEEDS_ACCOUNTS)
        return data


class AskForm(WayForm):
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
    remind_after = forms.CharField(
        label="Remind after days",
        required=False,
        help_text="Days after the link is handed out, like 2, 4, 6: on working days"
        " only. Then you hear of it. Left empty, nobody is reminded.",
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
            "remind_after": in_words(reminder_days()),
            **(kwargs.get("initial") or {}),
        }
        super().__init__(*args, **kwargs)
        self.today = today
        fields: Any = self.fields
        fields["platform"].choices = [(k, s.label) for k, s in platforms().items()]
        fields["contact"].queryset = client.contacts.filter(is_active=True)
        fields["receiver"].queryset = Grantee.objects.receivers()

    def clean_closes_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["closes_on"]
        if not self.today < day <= self.today + LONGEST:
            raise ValidationError("Choose a day after today, within the next 60 days.")
        return day

    def clean_remind_after(self) -> tuple[int, ...]:
        words = self.cleaned_data["remind_after"].replace(",", " ").split()
        wrong = next((word for word in words if not _is_a_day(word)), "")
        if wrong:
            raise ValidationError(
                f"“{wrong}” is no day: enter numbers from 1 to {MOST_DAYS}, like 2, 4,"
                " 6."
            )
        return tuple(sorted({int(word) for word in words}))

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
        self._check_reminders(data.get("remind_after"), closes_on)
        return data

    def _check_reminders(
        self, days: tuple[int, ...] | None, closes_on: dt.date | None
    ) -> None:
        """A reminder of a link that has ended would lead nowhere."""
        if not days or closes_on is None or self._keeps_days(days, closes_on):
            return
        left = (closes_on - self.today).days
        if days[-1] > left:
            self.add_error(
                "remind_after",
                f"The link ends in {left} {'day' if left == 1 else 'days'}: day"
                f" {days[-1]} is after it. Name earlier days, or a later last day.",
            )

    def _keeps_days(self, days: tuple[int, ...], closes_on: dt.date) -> bool:
        """True where both stand as they were: days count from the first link."""
        return False

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
            method=Method(data["method"]),
            reason=data["reason"] if is_admin else "",
            ends_on=data["ends_on"] if is_admin else None,
            remind_after=data["remind_after"],
        )


class ChangeForm(AskForm):
    """The same fields, filled in as the request stands; days that stay may be near."""

    def __init__(self, *args: Any, item: RequestItem, **kwargs: Any) -> None:
        self.asked = wish_of(item)
        initial = {
            "platform": self.asked.platform,
            "method": self.asked.method,
            "role": self.asked.role.value,
            "contact": self.asked.contact,
            "receiver": self.asked.receiver,
            "accounts": "\n".join(self.asked.account_ids),
            "message": self.asked.message,
            "closes_on": timezone.localdate(self.asked.closes_at),
            "remind_after": in_words(self.asked.remind_after),
            "keep_token": KEEP if self.asked.keeps_key else DROP,
            "reason": self.asked.reason,
            "ends_on": self.asked.ends_on,
        }
        super().__init__(*args, client=item.client, initial=initial, **kwargs)

    def clean_closes_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["closes_on"]
        return day if self._stays("closes_on") else super().clean_closes_on()

    def _keeps_days(self, days: tuple[int, ...], closes_on: dt.date) -> bool:
        return (days, closes_on) == (self.asked.remind_after, self.initial["closes_on"])

    def _stays(self, name: str) -> bool:
        return self.cleaned_data[name] == self.initial[name]

    def wish(self) -> Wish:
        """Return what is asked from now on; a day that stays ends when it did."""
        wish = super().wish()
        if self._stays("closes_on"):
            wish = dataclasses.replace(wish, closes_at=self.asked.closes_at)
        return wish


class SwitchForm(WayForm):
    """Another way to ask, or the same one again for what came to nothing.

    `also` is an account it is opened for, which the request may not name yet.
    """

    reason = forms.CharField(
        label="Why", required=False, max_length=200, help_text="For the story."
    )

    def __init__(
        self, *args: Any, item: RequestItem, also: str | None = None, **kwargs: Any
    ) -> None:
        named = dict.fromkeys([*item.account_ids, *filter(None, [also])])
        kwargs["initial"] = {"method": item.method, "accounts": "\n".join(named)}
        super().__init__(*args, **kwargs)
        self.fields["accounts"].help_text = NAMED


class GiverForm(forms.Form):
    giver_id = forms.CharField(
        label="Their Business Center id",
        required=False,
        max_length=32,
        validators=[center_id],
        help_text="As the client tells it. With it we know their accounts in our list.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class MailForm(forms.Form):
    contact = forms.ModelChoiceField(
        Contact.objects.none(), label="To", empty_label=None
    )

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contacts: Any = self.fields["contact"]
        contacts.queryset = client.contacts.filter(is_active=True)
