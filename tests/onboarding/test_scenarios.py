"""Every person of the simulator's scenario table, from Start to where it ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from accounts.flows import work
from accounts.models import Event, GrantAttempt, RoleGrant
from accounts.trail import describe
from agencyportal.simulator.scenarios import SCENARIOS
from onboarding.models import LinkSession
from tests.onboarding.visitor import Visitor
from tests.simulated import Simulated, run_jobs

pytestmark = pytest.mark.long

State = RoleGrant.State
Stage = LinkSession.Stage

CLIENTS_WHO_SHARE = {
    "happy": 3,
    "several_centers": 4,
    "many_accounts": 130,
    "two_clients": 4,
    "reauthorize_same": 2,
    "reauthorize_new_old_alive": 2,
    "reauthorize_new_old_dead": 2,
}
# Fifty accounts to a call, and a call for each giving center.
BATCHES = {"many_accounts": 3, "several_centers": 2, "two_clients": 2}
STOPPED = {
    "not_admin": "not_admin",
    "no_center": "no_center",
    "zero_accounts": "no_accounts",
    "partial_scopes": "missing_scopes",
    "refusal": "refused",
    "agency_admin": "agency_login",
}
PEOPLE = {scenario.name: scenario.person for scenario in SCENARIOS}

MakeVisitor = Callable[..., Visitor]


def choosable(session: LinkSession) -> list[str]:
    return [
        row["external_id"]
        for group in session.candidates
        for row in group["rows"]
        if row["can_choose"]
    ]


@pytest.mark.parametrize(("scenario", "problem"), STOPPED.items())
def test_it_stops_and_says_what_to_do(
    visitor: MakeVisitor, tiktok: Simulated, scenario: str, problem: str
) -> None:
    browser = visitor(PEOPLE[scenario])
    page = browser.sign_in_and_back()
    assert browser.session.stage == Stage.STOPPED
    assert browser.session.problem == problem
    assert page.status_code == 200
    assert not RoleGrant.objects.exists()
    assert tiktok.calls("bc/partner/add/") == 0


@pytest.mark.parametrize(
    ("scenario", "count"),
    [
        pytest.param(*row, marks=pytest.mark.long if row[1] > 100 else ())
        for row in CLIENTS_WHO_SHARE.items()
    ],
)
def test_it_ends_active_and_read_back(
    visitor: MakeVisitor, tiktok: Simulated, scenario: str, count: int
) -> None:
    browser = visitor(PEOPLE[scenario])
    assert browser.open().status_code == 200
    page = browser.sign_in_and_back()
    assert browser.session.stage == Stage.CHOOSING
    ids = choosable(browser.session)
    assert len(ids) == count
    assert all(account_id in page.text for account_id in ids)
    assert tiktok.calls("bc/partner/add/") == 0

    assert browser.share(*ids).status_code == 303
    assert "Done" not in browser.look().text
    run_jobs(most=count + 10)
    assert tiktok.calls("bc/partner/add/") == BATCHES.get(scenario, 1)
    grants = list(RoleGrant.objects.all())
    assert {grant.state for grant in grants} == {State.ACTIVE}
    assert {grant.asset.external_id for grant in grants} == set(ids)
    assert all(grant.is_fresh and grant.observed_role == "operator" for grant in grants)
    assert {share["status"] for share in tiktok.look("shares")} == {"ACCEPTED"}
    assert "Done" in browser.look().text
    browser.item.request.refresh_from_db()
    assert browser.item.request.closed_because == "settled"
    assert browser.session.candidates == []


def test_it_says_why_an_account_cannot_be_chosen(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    browser = visitor("sofia")
    page = browser.sign_in_and_back()
    assert "It belongs to Halden Retail" in page.text
    assert "One person owns it, no Business Center" in page.text


def test_it_keeps_evidence_and_a_readable_trail(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    browser = visitor("sofia")
    browser.sign_in_and_back()
    browser.share(choosable(browser.session)[0])
    run_jobs()
    grant = RoleGrant.objects.get()
    read = grant.reads.get()
    assert (read.list_name, read.rows_told, read.rows_stored) == (
        "partner_accounts",
        1,
        1,
    )
    assert read.sha256
    assert read.trace_ids
    assert grant.attempts.get().outcome == GrantAttempt.Outcome.SAID_YES
    told = [sentence for _, sentence in describe(Event.objects.order_by("pk"))]
    assert not [sentence for sentence in told if "…" in sentence]
    assert [event.action for event, _ in describe(Event.objects.about(grant))] == [
        "grant.active",
        "grant.unverified",
        "grant.share_sent",
        "grant.requested",
        "grant.asked",
    ]


def test_it_takes_the_id_of_a_client_without_a_center(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    browser = visitor("maren")
    browser.sign_in_and_back()
    answer = browser.browser.post(browser.visit_url, {"account_id": "12"})
    assert answer.status_code == 400
    assert "15 to 20 digits" in answer.text
    account_id = "7301846225110446081"
    answer = browser.browser.post(browser.visit_url, {"account_id": account_id})
    assert answer.status_code == 303
    grant = RoleGrant.objects.get()
    assert grant.state == State.MANUAL
    assert grant.waits_on == RoleGrant.WaitsOn.ACCOUNT_MANAGER
    assert grant.source == RoleGrant.Source.METHOD_A
    assert "request access" in grant.problem
    browser.item.refresh_from_db()
    assert browser.item.method == "method_a"
    assert account_id in browser.look().text
    assert tiktok.calls("bc/partner/add/") == 0


class TestReceiverMustAccept:
    def share_all(self, browser: Visitor) -> list[str]:
        browser.sign_in_and_back()
        ids = choosable(browser.session)
        browser.share(*ids)
        run_jobs()
        return ids

    def test_it_waits_for_our_own_admin(
        self, visitor: MakeVisitor, tiktok: Simulated
    ) -> None:
        browser = visitor("dana")
        self.share_all(browser)
        for grant in RoleGrant.objects.all():
            assert grant.state == State.PENDING
            assert grant.waits_on == RoleGrant.WaitsOn.CENTER_ADMIN
            assert grant.next_check_at is not None
            assert grant.verified_at is None
        assert "Our turn" in browser.look().text

    @pytest.mark.parametrize(
        ("decision", "state"),
        [("accept", State.ACTIVE), ("decline", State.DECLINED)],
    )
    def test_it_follows_the_decision_with_the_next_sweep(
        self, visitor: MakeVisitor, tiktok: Simulated, decision: str, state: str
    ) -> None:
        browser = visitor("dana")
        self.share_all(browser)
        tiktok.control(
            f"shares/{decision}",
            giver=tiktok.center("Brightwater Clinics"),
            receiver=tiktok.center("Northlight Agency"),
        )
        assert work.sweep() == 0
        RoleGrant.objects.update(next_check_at="2020-01-01T00:00Z")
        assert work.sweep() == 2
        run_jobs()
        assert {grant.state for grant in RoleGrant.objects.all()} == {state}
        assert tiktok.calls("bc/partner/add/") == 1


def test_it_shows_the_repeated_link_page_in_three_queries(
    visitor: MakeVisitor, django_assert_num_queries: object
) -> None:
    browser = visitor("sofia")
    browser.open()
    queries: list[str] = []

    def count(execute, sql, params, many, context):
        queries.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        assert browser.open().status_code == 200
    assert len(queries) <= 3, queries
