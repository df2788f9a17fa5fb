"""What staff fill in about a post: its code, its days, where it is used, why not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import post_rows, rows
from accounts.models import (
    Asset,
    PostAuthorization,
    RoleGrant,
    SparkAuthorization,
    User,
)
from accounts.outbound.secret import Secret
from accounts.platforms.registry import platform
from accounts.zones import day_word

SHORTEST_CODE = 12
LONGEST_CODE = 500
post_id = RegexValidator(
    r"^\d{15,20}$", "A post's id has 15 to 20 digits, like 7440182236614409505."
)
ASK = "Ask for access"
# What each number of days is for.
DAYS = {7: "A test", 30: "A month", 60: "Two months", 365: "A campaign of any length"}


class ChooseForm(forms.Form):
    """Whose code it is, and for which campaign."""

    authorization = forms.ModelChoiceField(
        SparkAuthorization.objects.none(),
        label="Creator and campaign",
        empty_label="Choose whose post it is",
        help_text="Whoever is not here is asked first, under Spark.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["authorization"]
        field.queryset = taking_codes(user)
        field.label_from_instance = lambda one: f"{one}, {one.campaign}"


class PostForm(forms.Form):
    """About a post of one authorization; `authorization` says what is offered."""

    def __init__(
        self, *args: Any, authorization: SparkAuthorization, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.authorization = authorization


class BindForm(PostForm):
    """Which ad account of the client uses it.

    Where we hold none, `ask`, {label, url}, leads to asking for one.
    """

    ad_account = forms.ModelChoiceField(
        Asset.objects.none(), label="Ad account", empty_label="Choose where ads run"
    )
    asked_by = "first"

    def __init__(
        self, *args: Any, ask: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["ad_account"]
        field.queryset = accounts_we_hold(self.authorization)
        field.label_from_instance = _account
        if not field.queryset.exists():
            field.help_text = self._none_held(ask)
        self.initial.setdefault("ad_account", _only(field.queryset))

    def _none_held(self, ask: dict[str, Any] | None) -> SafeString:
        words = format_html('<a href="{url}">{label}</a>', **ask) if ask else ASK
        client = self.authorization.client
        return format_html("We hold none of {}. {} {}.", client, words, self.asked_by)


class EnterForm(BindForm):
    """A code as the creator sent it. It is never shown again, not even here."""

    code = forms.CharField(
        min_length=SHORTEST_CODE,
        max_length=LONGEST_CODE,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="As the creator copied it. It goes into the vault; its last four"
        " characters stay to be seen.",
        error_messages={
            "min_length": "A code is longer. Paste all of it.",
            "required": "Paste the code the creator sent.",
        },
    )
    field_order = ("code", "ad_account")

    def clean_code(self) -> Secret:
        code = self.cleaned_data["code"]
        if len(code.split()) > 1:
            raise forms.ValidationError("A code has no spaces. Paste the code alone.")
        return Secret(code)


class DaysForm(PostForm):
    """For how many days the code is good."""

    days = forms.TypedChoiceField(
        label="Good for", coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = platform(self.authorization.platform).spark.post_days
        field: Any = self.fields["days"]
        field.choices = [(n, f"{n} days\n{DAYS.get(n, '')}".strip()) for n in offered]
        self.initial.setdefault("days", max(offered))


class MoreDaysForm(DaysForm):
    """More days for a code, and until when each choice lasts.

    The days are added to its end; chosen is the least that covers the campaign.
    """

    def __init__(self, *args: Any, post: PostAuthorization, **kwargs: Any) -> None:
        super().__init__(*args, authorization=post.authorization, **kwargs)
        if post.ends_at is None:
            return
        ends_at, last = post.ends_at, post.authorization.campaign_ends_on
        field: Any = self.fields["days"]
        ends = {n: _later_by(n, ends_at) for n, _ in field.choices}
        field.choices = [(n, _lasting(n, day, last)) for n, day in ends.items()]
        covering = [n for n, day in ends.items() if day > last]
        self.initial["days"] = min(covering, default=max(ends))


class MakeForm(DaysForm, BindForm):
    """Have a code made for one post of the creator."""

    item_id = forms.CharField(
        label="Post",
        max_length=64,
        validators=[post_id],
        help_text="The number at the end of the post's address.",
    )
    field_order = ("item_id", "days", "ad_account")
    asked_by = "before ads run"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["ad_account"]
        field.required = False
        field.empty_label = "None yet"


def taking_codes(user: User) -> Any:
    """Return the authorizations that codes may be entered for."""
    going = (SparkAuthorization.State.WITHDRAWING, SparkAuthorization.State.WITHDRAWN)
    seen = SparkAuthorization.objects.visible_to(user).exclude(state__in=going)
    return seen.select_related("creator", "client", "connection")


def accounts_we_hold(authorization: SparkAuthorization) -> Any:
    """Return the client's ad accounts that one of our centers holds."""
    held = RoleGrant.objects.filter(via=None, state__in=RoleGrant.HELD)
    return Asset.objects.filter(
        kind=Asset.Kind.AD_ACCOUNT,
        platform=authorization.platform,
        client=authorization.client_id,
        pk__in=held.values("asset"),
    ).order_by("name")


def _later_by(days: int, ends_at: dt.datetime) -> dt.date:
    """Return the day, by the agency's clock, of an end so many days later."""
    end = max(ends_at, timezone.now()) + dt.timedelta(days=days)
    return timezone.localdate(end, timezone.get_default_timezone())


def _lasting(days: int, day: dt.date, last: dt.date) -> str:
    note = post_rows.beside(day, last)
    return f"{days} days\nTo {day_word(day)}, {note[:1].lower()}{note[1:]}"


def _account(account: Any) -> str:
    return " · ".join(filter(None, [str(account), rows.id_beside_name(account)]))


def _only(accounts: Any) -> Any:
    some = list(accounts[:2])
    return some[0] if len(some) == 1 else None
