"""The grant's page: who moves next, who can work, what was tried and read."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client, Grantee, GrantRead, PlatformRead, RoleGrant
from accounts.trail import Actor, record
from tests import gallery
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

State = RoleGrant.State


@pytest.fixture
def grant(factory: Factory, aurora: Client) -> RoleGrant:
    account = factory.make_ad_account(client=aurora)
    return factory.make_grant(asset=account, state=State.ACTIVE)


def open_page(desk: HttpsClient, grant: RoleGrant):
    page = desk.get(reverse("admin:accounts_rolegrant_change", args=[grant.pk]))
    assert page.status_code == 200
    return page


def panel(page, title: str) -> dict:
    panels = page.context["desk_panels"]
    return next((one for one in panels if one["title"] == title), {})


def read_of(factory: Factory, *, hours: int) -> PlatformRead:
    return PlatformRead.objects.create(
        connection=factory.make_connection(),
        list_name="partner_accounts",
        read_at=timezone.now() - dt.timedelta(hours=hours),
        trace_ids=[f"trace-{hours}"],
    )


def test_every_state_has_its_page_with_one_filled_button(
    factory: Factory, mira, noa
) -> None:
    desk, auditors = browser_of(mira), browser_of(noa)
    for name, grant in gallery.hang(factory, mira, noa).items():
        page = open_page(desk, grant)
        acts = [act["label"] for act in page.context["desk_acts"] if act["is_main"]]
        banner = page.context["desk_banner"] or {}
        assert len(acts) + bool(banner.get("act")) <= 1, name
        assert bool(grant.waits_on) is bool(banner), name
        assert open_page(auditors, grant).context["desk_acts"] == []


@pytest.mark.parametrize(
    ("state", "title", "step"),
    [
        (State.DRIFTED, "Not as agreed", "Ask for Operator again"),
        (State.LOST, "Gone", "Ask Aurora Wines whether the share was taken back"),
        (State.FOUND, "Nobody asked for this", "adopt it"),
    ],
)
def test_what_is_not_as_agreed_has_its_steps(
    desk, grant: RoleGrant, state: str, title: str, step: str
) -> None:
    RoleGrant.objects.filter(pk=grant.pk).update(
        state=state, waits_on="account_manager", observed_role="analyst"
    )
    page = open_page(desk, grant)
    fix = panel(page, title)
    assert fix["tone"] in {"bad", "wait"}
    assert step in fix["html"]
    assert "Mira Okafor" in fix["html"]


def test_its_story_tells_nothing_of_another_clients_time(
    desk, factory, grant: RoleGrant
) -> None:
    """The account was theirs before it was Aurora's."""
    for client, word in ((factory.make_client(), "Theirs"), (None, "Nobody's")):
        tell(factory, grant, client, f"{word} reason")
    tell(factory, grant, grant.asset.client, "Our reason")
    html = panel(open_page(desk, grant), "Story")["html"]
    assert "Our reason" in html
    assert "Theirs reason" not in html
    assert "Nobody" not in html


@transaction.atomic
def tell(factory: Factory, grant: RoleGrant, client: Client | None, reason: str):
    by = Actor.staff(factory.make_user())
    told = {"asset": str(grant.asset), "grantee": "us", "reason": reason}
    action = "grant.withdraw_asked"
    record(action, by=by, subject=grant, client=client, data=told)


def test_what_is_as_agreed_has_no_steps(desk, grant: RoleGrant) -> None:
    page = open_page(desk, grant)
    assert not {one["tone"] for one in page.context["desk_panels"]} - {""}
    assert page.context["desk_banner"] is None


def test_it_works_when_a_person_is_read_back_too(desk, factory, grant) -> None:
    card = panel(open_page(desk, grant), "Who can work")
    assert card["note"] == "Nobody is on it yet"
    person = factory.make_receiver(kind=Grantee.Kind.PERSON, label="Jonas Lind")
    factory.make_grant(asset=grant.asset, grantee=person, via=grant, state=State.ACTIVE)
    card = panel(open_page(desk, grant), "Who can work")
    assert card["note"].startswith("Works:")
    assert "Jonas Lind" in card["html"]


def test_nobody_works_by_what_is_over(desk, grant: RoleGrant) -> None:
    RoleGrant.objects.filter(pk=grant.pk).update(state=State.WITHDRAWN)
    assert panel(open_page(desk, grant), "Who can work") == {}


@pytest.mark.parametrize(
    ("state", "is_said"),
    [
        (State.ACTIVE, True),
        (State.DRIFTED, True),
        (State.REQUESTING, False),
        (State.PENDING, False),
        (State.LOST, False),
        (State.WITHDRAWING, False),
    ],
)
def test_nobody_is_to_be_assigned_where_nothing_is_held(
    desk, grant: RoleGrant, state: str, is_said: bool
) -> None:
    RoleGrant.objects.filter(pk=grant.pk).update(state=state)
    html = panel(open_page(desk, grant), "Who can work")["html"]
    assert ("None of our people is on it" in html) is is_said


def test_a_persons_page_shows_the_center_they_work_by(desk, factory, grant) -> None:
    person = factory.make_receiver(kind=Grantee.Kind.PERSON, label="Jonas Lind")
    persons = factory.make_grant(
        asset=grant.asset, grantee=person, via=grant, state=State.ACTIVE
    )
    html = panel(open_page(desk, persons), "Who can work")["html"]
    assert str(grant.grantee) in html
    assert reverse("admin:accounts_rolegrant_change", args=[grant.pk]) in html


def test_a_read_without_news_is_evidence_too(desk, factory, grant) -> None:
    news = read_of(factory, hours=30)
    GrantRead.objects.create(read=news, grant=grant, found="OPERATOR")
    grant.last_read = read_of(factory, hours=1)
    grant.observed_native = "OPERATOR"
    grant.save()
    html = panel(open_page(desk, grant), "Reads")["html"]
    assert html.index("trace-1") < html.index("trace-30")


def test_a_list_says_what_is_held_and_what_was_only_asked(desk, grant) -> None:
    url = reverse("admin:accounts_rolegrant_changelist")
    RoleGrant.objects.filter(pk=grant.pk).update(observed_role="analyst")
    assert "Analyst<small>asked Operator</small>" in desk.get(url).text
    RoleGrant.objects.filter(pk=grant.pk).update(observed_role="")
    assert "Operator<small>asked</small>" in desk.get(url).text


@pytest.mark.parametrize(
    ("owner", "said"),
    [
        ("client", 'for <a href="'),
        ("agency", "for ourselves"),
        ("unknown", "for nobody yet; Calder Books owns it"),
    ],
)
def test_it_says_for_whom_it_is_held(
    owners_desk, factory: Factory, aurora: Client, owner: str, said: str
) -> None:
    whose = {"owner": owner, "client": aurora if owner == "client" else None}
    center = factory.make_center(name="Calder Books", **whose)
    account = factory.make_ad_account(center=center, **whose)
    found = factory.make_grant(asset=account, state=State.FOUND)
    assert said in open_page(owners_desk, found).text
