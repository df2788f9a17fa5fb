"""Whatever the trail's list is asked for, an index answers: the table only grows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client, Event
from tests.accounts.admin.conftest import browser_of
from tests.factory import Factory

MANY = 20_000
ACTIONS = ("grant.active", "vault.read", "signin.ok", "client.changed")
QUERIES = (
    "",
    "client_key={client}",
    "about=accounts.rolegrant:7",
    "actor_key=job+7",
    "request_id={request}",
    "when=today",
    "from=2026-01-01&to=2026-01-03",
    "from=2026-01-01&to=2026-01-03&client_key={client}",
    "q=aurora",
    "q=client.changed",
    "q=aurora+client.changed",
    "q={request}",
)

pytestmark = pytest.mark.long


@pytest.fixture
def aurora_of_many(factory: Factory, aurora: Client) -> Client:
    """One event in a hundred is Aurora's; the rest belongs to others."""
    clients = [aurora, *(factory.make_client() for _ in range(99))]
    now = timezone.now()
    Event.objects.bulk_create(
        Event(
            occurred_at=now - dt.timedelta(hours=MANY - number),
            action=ACTIONS[0] if number % 50 else ACTIONS[3],
            actor_kind="task",
            actor_key=f"job {number % 300}",
            client_key=str(clients[number % 100].pk),
            request_id=f"{number // 3:032x}",
        )
        for number in range(MANY)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return aurora


def plan_of(rows: Any) -> list[str]:
    """Return the steps of the plan that touch the table of events."""
    lines = rows.explain().splitlines()
    return [line for line in lines if "accounts_event" in line]


@pytest.mark.parametrize("name", ["noa", "mira"])
def test_an_index_answers(
    request: pytest.FixtureRequest, aurora_of_many: Client, name: str
) -> None:
    """One test for all questions: the table takes long to fill."""
    browser = browser_of(request.getfixturevalue(name))
    read_whole = {}
    for query in QUERIES:
        asked = query.format(client=aurora_of_many.pk, request=f"{9:032x}")
        url = f"{reverse('admin:accounts_event_changelist')}?{asked}"
        rows = browser.get(url).context["cl"].queryset[:50]
        if any(is_read_whole(line, query) for line in plan_of(rows)):
            read_whole[query] = rows.explain()
    assert read_whole == {}


def is_read_whole(line: str, query: str) -> bool:
    """True for a step that reads the table; SQLite calls an index's order a scan."""
    scans = "SCAN accounts_event" in line and "USING" not in line
    return "Seq Scan" in line or bool(scans and query)
