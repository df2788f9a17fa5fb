"""What happened last, each with its client's name and page."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.models import Client, Event
from accounts.rows import MOST_ROWS, story

TOLD = ("grant.", "request.", "link.", "letter.", "reminder.", "agency.")
# Of Spark Ads what people did and what a read proved; its steps are many.
SPARK = (
    *("spark.asked", "spark.started", "spark.connected", "spark.active"),
    *("spark.declined", "spark.lost", "spark.withdraw_asked", "spark.withdrawn"),
    *("post.typed", "post.active", "post.ended"),
    *("post.withdraw_asked", "post.withdrawn"),
)


def lately(user: Any) -> list[dict[str, Any]]:
    if not user.has_perm("accounts.view_event"):
        return []
    wanted = Q(action__in=SPARK)
    for prefix in TOLD:
        wanted |= Q(action__startswith=prefix)
    told = Event.objects.visible_to(user).filter(wanted).with_payloads()
    events = list(told[:MOST_ROWS])
    keys = {event.client_key for event in events if event.client_key}
    names = {str(one.pk): one for one in Client.objects.filter(pk__in=keys)}
    rows = story(events)
    for event, row in zip(events, rows, strict=True):
        client = names.get(event.client_key)
        if client is not None:
            row["sentence"] = f"{client}: {row['sentence']}"
            row["url"] = reverse("admin:accounts_client_change", args=[client.pk])
    return rows
