"""Read back now: what is said afterwards is what this read told, and no older one."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from accounts.flows import work
from accounts.models import Client, Connection, RoleGrant, User
from tests import simulated
from tests.accounts.admin.conftest import browser_of
from tests.accounts.flows.reading import come_due
from tests.accounts.flows.test_kill_safety import keys_of, make_requested
from tests.base import HttpsClient
from tests.factory import Factory
from tests.simulated import Simulated, never_arrives
from tests.website import Website

running, tiktok = simulated.running, simulated.tiktok
owner, our_side = simulated.owner, simulated.our_side

State = RoleGrant.State
PARTNER_READ = "bc/partner/asset/get/"


@pytest.fixture
def grant(factory: Factory, aurora: Client) -> RoleGrant:
    account = factory.make_ad_account(client=aurora)
    return factory.make_grant(asset=account, state=State.ACTIVE)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[RoleGrant]:
    """What was read at somebody's wish; the flow has tests of its own."""
    seen: list[RoleGrant] = []
    monkeypatch.setattr(work, "read_now", lambda grants, by: seen.extend(grants))
    return seen


@pytest.fixture
def held(our_side: Connection, tiktok: Simulated, factory: Factory) -> RoleGrant:
    """Shared with our center and read back on the simulated platform."""
    grants = make_requested(tiktok, factory)
    work.carry_out(keys_of(grants))
    held = RoleGrant.objects.get(pk=grants[0].pk)
    assert held.is_fresh
    return held


@pytest.fixture
def site(tiktok: Simulated) -> Website:
    return Website(tiktok)


def url_of(grant: RoleGrant) -> str:
    return reverse("admin:accounts_rolegrant_read", args=[grant.pk])


def said_after(browser: HttpsClient, grant: RoleGrant) -> str:
    answer = browser.post(url_of(grant))
    assert answer.status_code == 302
    *_, message = get_messages(answer.wsgi_request)
    return str(message)


def test_it_reads_nothing_by_get(desk: HttpsClient, grant, reads) -> None:
    assert desk.get(url_of(grant)).status_code == 405
    assert reads == []


def test_it_reads_nothing_of_a_strangers(desk: HttpsClient, factory, reads) -> None:
    assert desk.post(url_of(factory.make_grant())).status_code == 404
    assert reads == []


def test_it_reads_nothing_for_those_who_only_look(grant, noa: User, reads) -> None:
    assert browser_of(noa).post(url_of(grant)).status_code == 403
    assert reads == []


@pytest.mark.parametrize("state", [State.DRAFT, State.FAILED])
def test_it_reads_nothing_where_nothing_was_asked(
    desk: HttpsClient, grant: RoleGrant, reads, state: str
) -> None:
    RoleGrant.objects.filter(pk=grant.pk).update(state=state)
    assert said_after(desk, grant) == "There is nothing to read back yet."
    assert reads == []


def test_it_claims_nothing_where_no_key_reads(desk: HttpsClient, grant) -> None:
    """It was read back an hour ago, and nobody can read it now."""
    said = said_after(desk, grant)
    assert said.startswith("Not read; what we knew stays. We cannot verify: no key of")
    assert "An access owner connects it again." in said


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("http_500", "answered with HTTP 500."),
        ("rate_day", "TikTok asks us to slow down."),
        ("key_refused", "no longer accepts this login's key. Its owner connects again"),
        ("rows_twice", "TikTok's list was not complete"),
    ],
)
def test_it_claims_nothing_after_a_failed_read(
    owners_desk: HttpsClient, held, tiktok: Simulated, fault: str, sentence: str
) -> None:
    tiktok.control("faults", endpoint=PARTNER_READ, fault=fault)
    said = said_after(owners_desk, held)
    assert said.startswith("Not read; what we knew stays.")
    assert sentence in said
    assert "Last read: Today" in said
    assert "Read back just now" not in said


def test_an_older_failure_is_not_told_again(
    owners_desk: HttpsClient, held, tiktok: Simulated
) -> None:
    with tiktok.disturbed(PARTNER_READ, never_arrives):
        said_after(owners_desk, held)
    assert said_after(owners_desk, held).startswith("Read back just now:")


def test_a_miss_is_said_with_the_look_that_counts(
    owners_desk: HttpsClient, held: RoleGrant, site: Website
) -> None:
    site.undo(held.asset.external_id)
    first, hasty = said_after(owners_desk, held), said_after(owners_desk, held)
    assert first.startswith("Not listed in this read. The next look that counts: Today")
    assert hasty == first
    come_due()
    assert "gone in two reads" in said_after(owners_desk, held)


def test_another_role_is_said_as_it_stands(
    owners_desk: HttpsClient, held: RoleGrant, site: Website
) -> None:
    site.change_role(held.asset.external_id, "ANALYST")
    assert "holds Analyst (ANALYST); we asked for Operator" in said_after(
        owners_desk, held
    )


def test_it_reads_at_once_and_says_what_it_read(
    owners_desk: HttpsClient, held: RoleGrant
) -> None:
    yesterday = timezone.now() - dt.timedelta(days=2)
    RoleGrant.objects.filter(pk=held.pk).update(verified_at=yesterday)
    assert said_after(owners_desk, held) == (
        "Read back just now: Northlight Agency holds Operator."
    )
    held.refresh_from_db()
    assert held.is_fresh
