"""The limits' desk: dated figures, each with its source."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin.base import Desk
from accounts.models import PlatformLimit


@admin.register(PlatformLimit)
class PlatformLimitAdmin(Desk):
    list_display = ("subject", "platform", "value", "source", "checked_on", "is_used")
    list_filter = ("platform", "is_used")
    fields = (
        ("platform", "subject"),
        ("value", "checked_on"),
        "source",
        "is_used",
    )
