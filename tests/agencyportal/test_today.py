"""The front page."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import (
    CenterSync,
    FactorReset,
    GrantChange,
    PlatformLimit,
    RoleGrant,
    SparkAuthorization,
)
from accounts.models.limits import ACCOUNTS_PER_CENTER
from accounts.rows import MOST_WAITING
from onboarding.flows import booking
from tests.base import HttpsClient
from tests.factory import Factory
from tests.walks.test_queries import queries_of

State = RoleGrant.State
TODAY = "admin:index"
MOST_QUERIES = 15 + 5  # the page's own, and signing in


@pytest.fixture
def open_today(factory: Factory):
    def open_as(**fields):
        browser = HttpsClient()
        browser.sign_in(fields.pop("user", None) or factory.make_user(**fields))
        return browser.get(reverse(TODAY))

    return open_as


def test_it_shows_nothing_of_a_strangers(open_today, factory: Factory) -> None:
    client = factory.make_client(name="Borealis Books")
    account = factory.make_ad_account(client=client, name="Borealis Spring")
    factory.make_grant(asset=account, state=State.MANUAL, waits_on="account_manager")
    factory.make_item(request=factory.make_request(client=client))
    assert "Borealis" not in open_today().text


def test_an_empty_agency_sees_three_first_steps(open_today) -> None:
    steps = open_today(role="Access owners").context["first_steps"]
    assert [step["is_done"] for step in steps] == [False, False, False]
    assert steps[1]["url"] == reverse("admin:accounts_client_add")
    assert steps[2]["url"] == ""


def test_a_step_that_was_taken_is_ticked(open_today, factory: Factory) -> None:
    client = factory.make_client()
    owner = factory.make_user(role="Access owners")
    factory.make_consent(user=owner)
    steps = open_today(user=owner).context["first_steps"]
    assert [step["is_done"] for step in steps] == [True, True, False]
    assert steps[2]["url"] == reverse("admin:onboarding_ask", args=[client.pk])


@pytest.mark.parametrize("role", ["Auditors", "Media buyers"])
def test_who_cannot_take_them_sees_no_steps(open_today, role: str) -> None:
    assert open_today(role=role).context.get("first_steps", []) == []


def test_the_steps_are_gone_with_the_first_grant(open_today, factory: Factory) -> None:
    factory.make_grant()
    assert open_today(role="Access owners").context["first_steps"] == []


def test_nothing_is_counted_while_there_is_nothing(open_today) -> None:
    page = open_today(role="Access owners")
    assert page.context["tiles"] == []
    assert page.context["today_sentence"] == ""


def test_only_what_was_read_within_a_day_counts(open_today, factory: Factory) -> None:
    factory.make_grant(state=State.ACTIVE)
    long_ago = timezone.now() - dt.timedelta(hours=25)
    factory.make_grant(state=State.ACTIVE, verified_at=long_ago)
    tile = open_today(role="Access owners").context["tiles"][0]
    assert (tile["number"], tile["of"]) == (1, 2)
    assert tile["note"] == "1 not checked today"


class Busy:
    """Two clients with something of everything; Mira leads one of them."""

    def __init__(self, factory: Factory) -> None:
        self.factory = factory
        self.ours = factory.make_center(name="Northlight Main")
        self.receiver = factory.make_receiver(center=self.ours)
        self.clients = [factory.make_client(), factory.make_client()]
        self.people = {
            "manager": factory.make_user(serves=self.clients[0]),
            "owner": factory.make_user(role="Access owners"),
            "auditor": factory.make_user(role="Auditors"),
            "superuser": factory.make_user(role="", is_superuser=True),
        }
        self.people["buyer"] = factory.make_user(role="Media buyers")
        factory.make_assignment(
            client=self.clients[0], user=self.people["buyer"], role="buyer"
        )
        for client in self.clients:
            self._fill(client)

    def _fill(self, client) -> None:
        self._grants(client)
        self._requests(client)
        self._keys(client)
        self._posts(client)

    def _posts(self, client) -> None:
        lost = SparkAuthorization.State.LOST
        theirs = self.factory.make_authorization(client=client, state=lost)
        soon = timezone.now() + dt.timedelta(days=1)
        self.factory.make_post(authorization=theirs, ends_at=soon)
        self.factory.make_authorization(client=client)

    def _grants(self, client) -> None:
        long_ago = timezone.now() - dt.timedelta(days=2)
        for state, waits_on, more in (
            (State.ACTIVE, "", {}),
            (State.ACTIVE, "", {"verified_at": long_ago}),
            (State.DRIFTED, "client", {}),
            (State.DRIFTED, "account_manager", {}),
            (State.LOST, "account_manager", {}),
            (State.MANUAL, "account_manager", {}),
            (State.PENDING, "center_admin", {}),
            (State.PENDING, "client", {}),
            (State.WITHDRAWING, "client", {}),
            (State.WITHDRAWING, "portal", {}),
            (State.UNVERIFIED, "platform", {}),
            (State.DRAFT, "client", {}),
            (State.FOUND, "account_manager", {}),
            (State.FAILED, "", {}),
        ):
            self.factory.make_grant(
                asset=self.factory.make_ad_account(client=client),
                grantee=self.receiver,
                state=state,
                waits_on=waits_on,
                **more,
            )

    def _requests(self, client) -> None:
        for role, has_link in (("operator", True), ("operator", False)):
            asked = self.factory.make_request(client=client)
            self.factory.make_item(request=asked, role=role)
            if has_link:
                self.factory.make_link(request=asked)
        self.factory.make_item(
            request=self.factory.make_request(client=client),
            role="admin",
            reason="Billing",
            ends_on=timezone.localdate() + dt.timedelta(days=30),
            approval=self.factory.make_approval(),
        )

    def _keys(self, client) -> None:
        dead = self.factory.make_connection(state="needs_reauthorization")
        for key in (dead, self.factory.make_connection()):
            self.factory.make_consent(client=client, connection=key)


@pytest.fixture
def busy(factory: Factory) -> Busy:
    PlatformLimit.objects.update_or_create(
        platform="tiktok",
        subject=ACCOUNTS_PER_CENTER,
        is_used=True,
        defaults={"value": 150, "checked_on": timezone.localdate(), "source": "Help"},
    )
    return Busy(factory)


def rows_behind(browser: HttpsClient, url: str) -> int:
    listed = browser.get(url)
    assert listed.status_code == 200, url
    return listed.context["cl"].result_count


@pytest.mark.matrix
@pytest.mark.parametrize("role", ["manager", "owner", "auditor", "superuser"])
def test_every_number_leads_to_exactly_its_rows(busy: Busy, role: str) -> None:
    browser = HttpsClient()
    browser.sign_in(busy.people[role])
    page = browser.get(reverse(TODAY))
    tiles = page.context["tiles"]
    assert len(tiles) == 6
    assert all(tile["number"] for tile in tiles)
    for tile in tiles:
        assert rows_behind(browser, tile["url"]) == tile["number"], tile
        if "note_url" in tile:
            number = int(tile["note"].split()[0])
            assert rows_behind(browser, tile["note_url"]) == number


@pytest.mark.parametrize("role", ["manager", "owner", "auditor"])
def test_the_numbers_in_the_sentence_are_those_of_the_lists(busy: Busy, role) -> None:
    browser = HttpsClient()
    browser.sign_in(busy.people[role])
    context = browser.get(reverse(TODAY)).context
    for name in ("needs_you", "waits_on_clients"):
        alls = [
            int(more["label"].split(":")[0][4:]) for more in context[f"more_{name}"]
        ]
        elsewhere = sum(alls) - len(alls) * MOST_WAITING
        assert context[f"{name}_total"] == len(context[name]) + elsewhere


def test_a_first_miss_is_told_at_once(open_today, factory: Factory) -> None:
    missed = {"state": State.UNVERIFIED, "missed_at": timezone.now()}
    factory.make_grant(waits_on="platform", **missed)
    tiles = open_today(role="Access owners").context["tiles"]
    [tile] = [tile for tile in tiles if tile["noun"] == "drifted or lost"]
    assert (tile["number"], tile["note"]) == (0, "1 not listed, read again soon")


def test_what_an_owner_decides_is_not_counted_for_others(busy: Busy) -> None:
    for _ in range(MOST_WAITING):
        busy._requests(busy.clients[0])
    browser = HttpsClient()
    browser.sign_in(busy.people["manager"])
    labels = [
        it["label"] for it in browser.get(reverse(TODAY)).context["more_needs_you"]
    ]
    assert not [label for label in labels if "Owner" in label]


def test_it_says_in_words_what_needs_whom(open_today, factory: Factory) -> None:
    factory.make_grant(state=State.MANUAL, waits_on="account_manager")
    factory.make_grant(state=State.PENDING, waits_on="client")
    factory.make_grant(state=State.PENDING, waits_on="client_admin")
    said = open_today(role="Access owners").context["today_sentence"]
    assert said == "One thing needs you. Two wait on clients."
    said = open_today(role="Auditors").context["today_sentence"]
    assert said == "One thing needs us. Two wait on clients."


def main_center(browser: HttpsClient):
    centers = browser.get(reverse(TODAY)).context["centers"]
    return next(one for one in centers if one.name == "Northlight Main")


def test_what_a_center_shows_leads_to_its_rows(busy: Busy) -> None:
    browser = HttpsClient()
    browser.sign_in(busy.people["owner"])
    center = main_center(browser)
    assert center.reads["words"] == "2 of 4 fresh"
    assert rows_behind(browser, center.reads["url"]) == 2
    assert center.room["words"] == "14 of 150"
    assert rows_behind(browser, center.room["url"]) == 14


def test_a_center_never_read_says_so_and_a_failed_read_says_why(
    open_today, factory: Factory
) -> None:
    center = factory.make_center()
    factory.make_grant()
    owner = factory.make_user(role="Access owners")
    said = open_today(user=owner).context["centers"][0].reads
    assert said["sentence"] == "Not read yet."
    problem = "TikTok did not answer at 08:04."
    CenterSync.objects.create(center=center, problem=problem)
    said = open_today(user=owner).context["centers"][0].reads
    assert (said["sentence"], said["tone"]) == (problem, "bad")


@pytest.mark.parametrize(
    ("value", "days", "tone", "words"),
    [
        (30, 0, "", ""),
        (15, 0, "wait", "1 left. Ask TikTok"),
        (14, 0, "bad", "Full. Ask TikTok"),
        (30, 91, "wait", "look it up again"),
    ],
)
def test_a_meter_turns_before_the_room_is_gone(
    busy: Busy, value: int, days: int, tone: str, words: str
) -> None:
    checked = timezone.localdate() - dt.timedelta(days=days)
    used = PlatformLimit.objects.filter(subject=ACCOUNTS_PER_CENTER, is_used=True)
    used.update(value=value, checked_on=checked)
    browser = HttpsClient()
    browser.sign_in(busy.people["owner"])
    center = main_center(browser)
    assert center.room["tone"] == tone
    assert words in center.room["note"]


def test_a_manager_sees_no_center_of_ours(busy: Busy) -> None:
    browser = HttpsClient()
    browser.sign_in(busy.people["manager"])
    assert browser.get(reverse(TODAY)).context["centers"] == []


def test_what_needs_us_comes_longest_wait_first(open_today, factory: Factory) -> None:
    owner = factory.make_user(role="Access owners")
    for days, name in ((1, "Younger"), (5, "Older")):
        factory.make_grant(
            asset=factory.make_ad_account(name=name),
            state=State.MANUAL,
            waits_on="account_manager",
            since=timezone.now() - dt.timedelta(days=days),
        )
    titles = [row["title"] for row in open_today(user=owner).context["needs_you"]]
    assert titles == ["Older", "Younger"]


def test_more_than_a_card_holds_leads_on_to_all(open_today, factory: Factory) -> None:
    client = factory.make_client()
    manager = factory.make_user(serves=client)
    for _ in range(MOST_WAITING + 1):
        account = factory.make_ad_account(client=client)
        factory.make_grant(asset=account, state=State.LOST, waits_on="account_manager")
        factory.make_link(request=factory.make_request(client=client))
    context = open_today(user=manager).context
    assert context["needs_you_total"] == len(context["needs_you"]) + 1
    [all_lost] = context["more_needs_you"]
    assert all_lost["label"] == f"All {MOST_WAITING + 1}: Drifted or lost"
    [all_asked] = context["more_waits_on_clients"]
    assert all_asked["label"] == f"All {MOST_WAITING + 1}: Waits on the client"


def test_a_link_taken_back_is_to_be_handed_out_again(open_today, factory) -> None:
    client = factory.make_client()
    asked = factory.make_request(client=client)
    factory.make_item(request=asked)
    factory.make_link(request=asked, revoked_at=timezone.now())
    manager = factory.make_user(serves=client)
    [row] = open_today(user=manager).context["needs_you"]
    assert row["act"]["url"] == reverse("admin:onboarding_hand_out", args=[asked.pk])


def test_a_request_is_not_told_twice_when_its_accounts_wait(
    open_today, factory: Factory
) -> None:
    client = factory.make_client()
    item = factory.make_item(request=factory.make_request(client=client))
    factory.make_link(request=item.request)
    grant = factory.make_grant(
        asset=factory.make_ad_account(client=client),
        state=State.PENDING,
        waits_on="client",
    )
    booking.attach(item, grant)
    context = open_today(user=factory.make_user(serves=client)).context
    [row] = context["waits_on_clients"]
    assert row["title"] == str(grant.asset)


def test_one_yes_for_several_grants_is_one_row(open_today, factory: Factory) -> None:
    asker = factory.make_user()
    approval = factory.make_approval(asked_by=asker)
    for _ in range(3):
        GrantChange.objects.create(
            grant=factory.make_grant(state=State.FOUND),
            kind="adopt",
            role="admin",
            approval=approval,
            reason="Theirs since 2024.",
            ends_on=timezone.localdate() + dt.timedelta(days=30),
            asked_by=asker,
        )
    rows = open_today(role="Access owners").context["needs_you"]
    [row] = [row for row in rows if row["pill"]["word"] == "Owner must approve"]
    assert row["title"].endswith("and 2 more")
    assert "Theirs since 2024." in row["sentence"]


@pytest.mark.parametrize(
    ("family", "kind", "title"),
    [
        ("seat", "Invitation", "Invite Nora Vik to Northlight as Admin"),
        ("ad_account", "Staffing", "Put Nora Vik on Northlight as Admin"),
    ],
)
def test_what_was_drafted_for_a_question_is_told_once_and_as_what_it_is(
    open_today, factory: Factory, family: str, kind: str, title: str
) -> None:
    grant = factory.make_grant(
        asset=factory.make_center(name="Northlight"),
        grantee=factory.make_person(member=factory.make_member(name="Nora Vik")),
        family=family,
        state=State.DRAFT,
        waits_on="access_owner",
    )
    change = GrantChange.objects.create(
        grant=grant,
        kind="role",
        role="admin",
        reason="Leads the team",
        ends_on=timezone.localdate() + dt.timedelta(days=30),
        approval=factory.make_approval(),
        asked_by=factory.make_user(),
    )
    owner = factory.make_user(role="Access owners")
    page = open_today(user=owner)
    assert [row["title"] for row in page.context["needs_you"]] == [title]
    assert page.context["needs_you_total"] == 1
    decide = HttpsClient()
    decide.sign_in(owner)
    asked = decide.get(reverse("admin:accounts_decide", args=[change.approval_id]))
    assert asked.context["title"] == f"{title}?"
    assert ("What", kind) in asked.context["facts"]


def test_a_lost_factor_waits_for_somebody_else(open_today, factory: Factory) -> None:
    lena = factory.make_user(name="Lena Holm", role="Access owners")
    FactorReset.objects.create(
        user=lena, approval=factory.make_approval(), reason="Lost her phone."
    )
    assert open_today(user=lena).context["needs_you"] == []
    [row] = open_today(role="Access owners").context["needs_you"]
    assert row["title"] == "Second factor of Lena Holm"


def test_a_buyer_sees_accounts_and_nothing_to_do(busy: Busy) -> None:
    browser = HttpsClient()
    browser.sign_in(busy.people["buyer"])
    page = browser.get(reverse(TODAY))
    assert page.context["my_accounts"]["rows"] == []  # they are on none of them
    rows = page.context["my_accounts"]["others"]
    words = [row["pill"]["word"] for row in rows]
    assert set(words[:3]) == {"Drifted", "Lost"}
    assert {"Not checked today", "Active"} <= set(words)
    assert not {"Failed", "Found, never asked"} & set(words)
    assert "Needs you" not in page.text


@pytest.mark.matrix
@pytest.mark.parametrize("role", ["manager", "owner", "auditor", "superuser"])
def test_it_asks_the_database_no_oftener_when_busy(busy: Busy, role: str) -> None:
    browser = HttpsClient()
    browser.sign_in(busy.people[role])
    asked = queries_of(browser, reverse(TODAY))
    assert len(asked) <= MOST_QUERIES
    for client in busy.clients:
        busy._fill(client)
    assert len(queries_of(browser, reverse(TODAY))) == len(asked)
