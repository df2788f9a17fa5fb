"""What staff fill in about a Spark authorization: whose, for what, with whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from accounts import rows
from accounts.flows import seats
from accounts.flows.creators import bare_handle
from accounts.flows.practices import why_left
from accounts.models import Asset, Client, Creator, Grantee, SparkAuthorization, User
from accounts.platforms.spark import POSTS, PROFILE, WORDS
from accounts.zones import house_day

OWN, KNOWN, NEW = "own", "known", "new"
ANSWERS_IN = dt.timedelta(days=14)
# What a page says of each word, under it.
MEANING = {
    POSTS: "Without this there are no ads",
    PROFILE: "Name and picture stand above the ad",
    "videos": "To suggest posts, else the creator sends their links",
    "live": "Only for a live stream in an ad",
}


def day_field(label: str, help_text: str = "") -> forms.DateField:
    picker = forms.DateInput(attrs={"type": "date"})
    return forms.DateField(label=label, help_text=help_text, widget=picker)


class AskedForm(forms.Form):
    """What is asked for, for which campaign, and until when somebody may answer."""

    words = forms.MultipleChoiceField(
        label="What the creator is asked for",
        choices=[(word, f"{label}\n{MEANING[word]}") for word, label in WORDS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one. Without posts no ads."},
        help_text="The creator may refuse each of them.",
    )
    campaign = forms.CharField(max_length=120)
    campaign_ends_on = day_field("The campaign ends", "A code that ends before is red.")
    closes_on = day_field("The creator answers by", "The links end with that day.")

    def clean_campaign_ends_on(self) -> dt.date:
        return _not_over(self.cleaned_data["campaign_ends_on"])

    def clean_closes_on(self) -> dt.date:
        return _not_over(self.cleaned_data["closes_on"])

    def asked(self) -> dict[str, Any]:
        """Return it as the flow takes it."""
        data = self.cleaned_data
        return {
            "asked": data["words"],
            "campaign": data["campaign"],
            "campaign_ends_on": data["campaign_ends_on"],
            "closes_at": end_of(data["closes_on"]),
        }


class AskForm(AskedForm):
    """Ask a creator for one client; the usual choices are made."""

    whose = forms.ChoiceField(label="Whose account", widget=forms.RadioSelect)
    known = forms.ModelChoiceField(
        label="A creator we know", queryset=Creator.objects.none(), required=False
    )
    name = forms.CharField(label="Name", max_length=120, required=False)
    handle = forms.CharField(
        max_length=64, required=False, help_text="As on the platform: @aino.outdoors."
    )
    email = forms.EmailField(
        label="E-mail", required=False, help_text="For letters with a link."
    )
    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)
    center = forms.ModelChoiceField(
        label="Our Business Center",
        queryset=Grantee.objects.none(),
        required=False,
        help_text="The account is added to it, for our people and ad accounts there.",
    )

    def __init__(self, *args: Any, client: Client, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client = client
        self.fields["whose"].choices = [  # type: ignore[attr-defined]
            (NEW, "A creator\nNew here: fill in name and handle"),
            (KNOWN, "A creator we know\nChosen from the list"),
            (OWN, f"{client}\nIts own account on the platform"),
        ]
        known: Any = self.fields["known"]
        known.queryset = Creator.objects.visible_to(user)
        center: Any = self.fields["center"]
        center.queryset = Grantee.objects.receivers()
        self.fields["members"] = members_field(None)
        self.fields["ad_accounts"] = ad_accounts_field(client)
        usual = {
            "whose": NEW,
            "words": [POSTS, PROFILE],
            "closes_on": house_day() + ANSWERS_IN,
            "center": client.default_center or center.queryset.first(),
        }
        self.initial = {**usual, **self.initial}

    def clean_handle(self) -> str:
        """Who has it already is that creator."""
        return bare_handle(self.cleaned_data["handle"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("whose") == KNOWN and not data.get("known"):
            self.add_error("known", "Choose the creator.")
        if data.get("whose") == NEW and not data.get("name"):
            self.add_error("name", "Enter the creator's name.")
        if data.get("whose") in (NEW, OWN) and not data.get("handle"):
            self.add_error("handle", "Enter the handle: the account is known by it.")
        return data

    def of_creator(self) -> dict[str, str]:
        """Return what was typed of somebody new; a client's own bears its name."""
        data = self.cleaned_data
        name = self.client.name if self.is_own else data["name"]
        return {
            "name": name[:120],
            "handle": data["handle"],
            "email": data["email"],
            "language": data["language"] or settings.LANGUAGE_CODE,
        }

    @property
    def is_own(self) -> bool:
        return bool(self.cleaned_data["whose"] == OWN)


class MembersForm(forms.Form):
    """Whom of our people in the center it serves."""

    def __init__(
        self, *args: Any, authorization: SparkAuthorization, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"] = members_field(authorization.center)
        served = authorization.served.values_list("pk", flat=True)
        self.initial.setdefault("members", [str(pk) for pk in served])


class AdAccountsForm(forms.Form):
    """Which of the client's ad accounts use it."""

    def __init__(
        self, *args: Any, authorization: SparkAuthorization, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ad_accounts"] = ad_accounts_field(authorization.client)
        using = authorization.ad_accounts.filter(state__in=("wanted", "linked"))
        keys = using.values_list("ad_account", flat=True)
        self.initial.setdefault("ad_accounts", [str(pk) for pk in keys])


class AccountForm(forms.Form):
    """Which of the accounts our center lists is the creator's."""

    account = forms.ModelChoiceField(
        label="TikTok account", queryset=Asset.objects.none()
    )

    def __init__(self, *args: Any, accounts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        account: Any = self.fields["account"]
        account.queryset = accounts
        account.label_from_instance = lambda one: f"{one}, {one.external_id}"


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=300,
        help_text="One sentence for the trail.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class People(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Our people to tick, by the name they have here."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        name = str(obj.member or obj)
        email = obj.member.email if obj.member else ""
        return "\n".join(filter(None, [name, why_left(obj.member) or email]))


class Accounts(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Ad accounts to tick, each with its id."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return "\n".join(filter(None, [str(obj), rows.id_beside_name(obj)]))


def members_field(center: Asset | None) -> People:
    """Return the field of those who sit in the center; in any of ours, without one."""
    seated = seats.seated(center) if center else seats.seated_anywhere()
    people = Grantee.objects.select_related("member").order_by("label")
    return People(
        label="Who of our people uses it",
        queryset=people.filter(pk__in=seated.values("pk")),
        required=False,
        help_text="They get a role on it once our center's list shows the account.",
    )


def ad_accounts_field(client: Client) -> Accounts:
    return Accounts(
        label="Which ad accounts use it",
        queryset=client.assets.filter(kind=Asset.Kind.AD_ACCOUNT).order_by("name"),
        required=False,
    )


def end_of(day: dt.date) -> dt.datetime:
    """Return the last moment of a day by the agency's clock."""
    zone = timezone.get_default_timezone()
    return dt.datetime.combine(day, dt.time(23, 59, 59), tzinfo=zone)


def _not_over(day: dt.date) -> dt.date:
    if day < house_day():
        raise forms.ValidationError("That day is over. Choose today or a later one.")
    return day
