"""The limits' desk: dated figures, each with its source."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin.base import Desk
from accounts.admin.filters import titled
from accounts.models import PlatformLimit
from accounts.platforms.registry import platform


@admin.register(PlatformLimit)
class PlatformLimitAdmin(Desk):
    list_display = ("subject", "on", "value", "source", "checked_on", "is_used")
    list_filter = (("is_used", titled("in use")),)
    fields = (
        ("platform", "subject"),
        ("value", "checked_on"),
        "source",
        "is_used",
    )

    @admin.display(description="platform", ordering="platform")
    def on(self, limit: PlatformLimit) -> str:
        return platform(limit.platform).label
