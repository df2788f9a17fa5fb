"""The reference pages: every line has its source and its day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.admin.reference import PAGES
from accounts.models import PlatformLimit
from accounts.platforms.reference import PLATFORMS, Table
from accounts.platforms.tiktok import reference as tiktok
from accounts.platforms.told import GUIDE
from accounts.roles import ROLES
from tests.base import HttpsClient
from tests.factory import Factory

STILL = [table for page in PAGES if page.key != "limits" for table in page.tables()]
# Where the guide says something else than the platform's own papers.
DIFFER = (
    (PLATFORMS, "OAuth scopes", "ad.read"),
    (PLATFORMS, "Permission levels", "Campaign Analyst"),
    (PLATFORMS, "Management hub", "at most 3"),
    (tiktok.WAYS, "Without the client", "without the client"),
    (tiktok.WAYS, "Where", "Add Ad Account"),
)


@pytest.mark.parametrize("table", STILL, ids=lambda table: table.title)
def test_every_line_is_whole_sourced_and_dated(table: Table) -> None:
    for row in table.rows:
        assert len(row.cells) == len(table.columns) - 1, row.name
        assert row.source
        assert row.checked_on <= timezone.localdate()


@pytest.mark.parametrize(
    ("table", "name", "words"), DIFFER, ids=[name for _, name, _ in DIFFER]
)
def test_guide_and_facts_stand_side_by_side_where_they_differ(
    table: Table, name: str, words: str
) -> None:
    told: dict[str, str] = {
        row.source: " ".join(row.cells) for row in table.rows if row.name == name
    }
    assert words in told.pop(GUIDE)
    assert told
    assert words not in "".join(told.values())


@pytest.mark.parametrize("role", ROLES)
def test_all_staff_may_read_them(factory: Factory, role: str) -> None:
    browser = HttpsClient()
    browser.sign_in(factory.make_user(role=role))
    for page in PAGES:
        answer = browser.get(reverse(f"admin:reference_{page.key}"))
        assert answer.status_code == 200
        assert "look it up again" not in answer.text.lower()


def test_limits_are_the_desks_own(desk: HttpsClient) -> None:
    (table,) = desk.get(reverse("admin:reference_limits")).context["tables"]
    told = defaultdict(set)
    for row in table.rows:
        told[row.name].add(row.cells[0])
    assert told["Business Centers per login"] == {"3", "30"}
    assert told["Ad accounts per Business Center"] == {"150", "3,000"}
    assert told["Campaigns per ad account"] == {"5,000", "999"}
    assert told["Members per Business Center"] == {"1,000", "4,000"}


def test_what_was_looked_up_long_ago_says_so(desk: HttpsClient) -> None:
    long_ago = timezone.localdate() - dt.timedelta(days=91)
    PlatformLimit.objects.filter(value=30).update(checked_on=long_ago)
    page = desk.get(reverse("admin:reference_limits"))
    assert "looked up more than 90 days ago" in page.text
    assert page.text.count("look it up again") == 2  # in its row, and for phones below


def test_practices_say_that_any_address_passes_until_domains_are_set(
    desk: HttpsClient, settings: Any
) -> None:
    url = reverse("admin:reference_practices")
    settings.STAFF_EMAIL_DOMAINS = ()
    assert "STAFF_EMAIL_DOMAINS=agency.example" in desk.get(url).text
    settings.STAFF_EMAIL_DOMAINS = ("northlight.example",)
    assert "STAFF_EMAIL_DOMAINS" not in desk.get(url).text
