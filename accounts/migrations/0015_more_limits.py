"""Limits that sources tell beside the first ones; no meter counts them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import migrations

CHECKED_ON = dt.date(2026, 11, 22)
LIMITS = (
    ("Campaigns per ad account", 5000, "The agency's own guide, 2026"),
    ("Campaigns per ad account", 999, "TikTok help: ad account limits, older text"),
    ("Members per Business Center", 1000, "TikTok help: Business Center FAQ, 2024"),
    ("Members per Business Center", 4000, "A third party's API client, 2026"),
    ("Accounts per share", 50, "TikTok's official API description, v1.3"),
)


def add(apps: Any, schema_editor: Any) -> None:
    limit = apps.get_model("accounts", "PlatformLimit")
    for subject, value, source in LIMITS:
        limit.objects.get_or_create(
            platform="tiktok",
            subject=subject,
            source=source,
            defaults={"value": value, "checked_on": CHECKED_ON},
        )


class Migration(migrations.Migration):
    dependencies = (("accounts", "0014_found_finance"),)

    operations = (migrations.RunPython(add, migrations.RunPython.noop),)
