"""The platform limits as first checked; staff keep them up to date from here on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import migrations

CHECKED_ON = dt.date(2026, 11, 22)
LIMITS = (
    ("Business Centers per login", 3, "The agency's own guide, 2026", True),
    ("Business Centers per login", 30, "A practitioner's note", False),
    ("Ad accounts per Business Center", 3000, "The agency's own guide, 2026", False),
    (
        "Ad accounts per Business Center",
        150,
        "TikTok help: Business Center FAQ, 2024; agencies may have more",
        True,
    ),
)


def add(apps: Any, schema_editor: Any) -> None:
    limit = apps.get_model("accounts", "PlatformLimit")
    for subject, value, source, is_used in LIMITS:
        limit.objects.get_or_create(
            platform="tiktok",
            subject=subject,
            source=source,
            defaults={"value": value, "checked_on": CHECKED_ON, "is_used": is_used},
        )


class Migration(migrations.Migration):
    dependencies = (("accounts", "0003_guard_the_trail"),)

    operations = (migrations.RunPython(add, migrations.RunPython.noop),)
