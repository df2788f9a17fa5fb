"""What people without an account may enter."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

account_id = RegexValidator(
    r"^\d{15,20}$", _("An ad account id has 15 to 20 digits, like 7301846225110446081.")
)

center_id = RegexValidator(
    r"^\d{15,20}$",
    _("A Business Center id has 15 to 20 digits, like 7301846225110446081."),
)


class FreshLinkForm(forms.Form):
    email = forms.EmailField(
        label=_("Your work e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class AccountForm(forms.Form):
    account_id = forms.CharField(
        label=_("Ad account id"),
        max_length=32,
        validators=[account_id],
        help_text=_("Digits only, like 7301846225110446081."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
