"""What staff fill in about a seat: who, at which role, why, until when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from accounts.admin.practices import unguarded
from accounts.admin.wishing import WishForm
from accounts.flows import practices, seats
from accounts.flows.wishes import Wish
from accounts.models import Member
from accounts.platforms.roles import Role
from accounts.zones import house_day

SEAT_CHOICES = [
    (
        Role.STANDARD.value,
        "Standard\nWorks on the accounts they are put on. Most need no more.",
    ),
    (
        Role.ADMIN.value,
        "Admin\nAlso decides about people, partners and every account there.",
    ),
]
NO_FINANCE = "none"
FINANCE_CHOICES = [
    (NO_FINANCE, "None\nSees no bills and no balance."),
    (Role.ANALYST.value, "Analyst\nSees balances, bills and payments."),
    (Role.MANAGER.value, "Manager\nAlso pays and moves money."),
]
WHO = "Choose one of our people, or enter the name and address of somebody new."


class SeatForm(WishForm):
    """A role of a seat; `question` and `button` head its preview."""

    choices = SEAT_CHOICES
    question = "Change the seat?"
    button = "Change the seat"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role"]
        role.choices = self.choices


class FinanceForm(SeatForm):
    """A finance role; every one of them needs a last day and another's yes."""

    choices = FINANCE_CHOICES
    question = "Change the finance role?"
    button = "Take it off"
    day_is_missing = "A finance role needs a last day."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"].label = "Until"

    def asks_for_admin(self) -> bool:
        return self.cleaned_data.get("role") in (Role.ANALYST, Role.MANAGER)

    def wish(self) -> Wish:
        data = self.cleaned_data
        role = None if data["role"] == NO_FINANCE else Role(data["role"])
        return Wish(role=role, reason=data["reason"], ends_on=data["ends_on"])


class InviteForm(SeatForm):
    """The same for somebody who does not sit there yet: known to us, or new."""

    question = "Send the invitation?"
    button = "Send the invitation"
    field_order = ("member", "name", "email", "role", "ends_on", "reason")

    member = forms.ModelChoiceField(
        Member.objects.none(),
        label="One of our people",
        required=False,
        empty_label="Somebody new",
    )
    name = forms.CharField(label="Name", max_length=120, required=False)
    email = forms.EmailField(
        label="E-mail",
        required=False,
        help_text="The person's own address: the invitation goes there.",
    )

    def __init__(self, *args: Any, center: Any, **kwargs: Any) -> None:
        super().__init__(*args, on=center.platform, **kwargs)
        sits = Q(grantees__in=seats.seated(center))
        member: Any = self.fields["member"]
        member.queryset = Member.objects.filter(left_on=None).exclude(sits)
        self.unguarded = unguarded()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.errors.keys() & {"member", "name", "email"}:
            return data
        if data.get("member") is None and not (data["name"] and data["email"]):
            self.add_error("member", WHO)
        elif no := practices.why_not_address(self.whom()[1]):
            self.add_error("member" if data.get("member") else "email", no)
        return data

    def whom(self) -> tuple[str, str]:
        """Return whom it is about: name and address."""
        member = self.cleaned_data.get("member")
        if member is not None:
            return member.name, member.email
        return self.cleaned_data["name"], self.cleaned_data["email"].lower()

    def person(self) -> Member:
        """Return the member; whoever is new is not saved yet."""
        chosen: Member | None = self.cleaned_data.get("member")
        if chosen is not None:
            return chosen
        name, email = self.whom()
        return Member(name=name, email=email)


class RemoveForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=300,
        help_text="One sentence for the trail.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AttestForm(forms.Form):
    seen_on = forms.DateField(
        label="I saw it on",
        initial=house_day,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def clean_seen_on(self) -> Any:
        seen_on = self.cleaned_data["seen_on"]
        if seen_on > house_day():
            raise forms.ValidationError(practices.IN_THE_FUTURE)
        return seen_on
