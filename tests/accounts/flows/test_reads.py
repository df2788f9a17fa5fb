"""Reading back: one list once, however many grants it is about, each with evidence."""

from __future__ import annotations

import time
from typing import Any

import pytest

from accounts.flows import proof, work
from accounts.models import Asset, Connection, PlatformRead, RoleGrant
from accounts.trail import Actor
from tests.accounts.flows.test_kill_safety import keys_of, make_requested, sweep_later
from tests.factory import Factory
from tests.simulated import Simulated, never_arrives
from tests.website import Website

State = RoleGrant.State
BY = Actor.system("test")
PARTNER_READ = "bc/partner/asset/get/"
COMPANY = "Brightwater Clinics"


def make_many(tiktok: Simulated, factory: Factory, count: int) -> list[RoleGrant]:
    """Request `count` grants that our own admin has to accept."""
    center = tiktok.center(COMPANY)
    for number in range(count - len(tiktok.accounts_of(COMPANY))):
        tiktok.control("accounts", name=f"Brightwater {number}", bc_id=center)
    grants = make_requested(tiktok, factory, "dana")
    assert len(grants) == count
    return grants


@pytest.fixture
def pending(our_side: Connection, tiktok: Simulated, factory: Factory) -> Any:
    """Six grants on one center's accounts, all waiting for our admin to accept."""
    grants = make_many(tiktok, factory, 6)
    sweep_later()
    assert set(RoleGrant.objects.values_list("state", flat=True)) == {State.PENDING}
    tiktok.control("counters/reset")
    PlatformRead.objects.all().delete()
    return grants


def read_back(grants: list[RoleGrant]) -> None:
    work.read_now(RoleGrant.objects.filter(pk__in=keys_of(grants)), by=BY)


def test_it_keeps_the_clients_failed_read_and_asks_once(
    pending: list[RoleGrant], tiktok: Simulated
) -> None:
    their_center = tiktok.center(COMPANY)

    def theirs_fails(request: Any, route: Any) -> Any:
        is_theirs = request.query["bc_id"] == their_center
        return never_arrives(request, route) if is_theirs else route(request)

    with tiktok.disturbed(PARTNER_READ, theirs_fails):
        read_back(pending)
    failed = PlatformRead.objects.exclude(problem="").get()
    assert (failed.list_name, failed.rows_stored) == ("client_accounts", 0)
    assert not failed.grants.exists()
    assert set(RoleGrant.objects.values_list("state", flat=True)) == {State.UNVERIFIED}


def test_it_reads_the_clients_side_once_for_all_that_wait(
    pending: list[RoleGrant], tiktok: Simulated
) -> None:
    read_back(pending)
    assert tiktok.calls(PARTNER_READ) == 2  # SHARED by our key, SHARING by theirs
    assert tiktok.all_calls() == 3
    assert set(RoleGrant.objects.values_list("state", flat=True)) == {State.PENDING}


def test_it_keeps_the_clients_side_as_evidence(
    pending: list[RoleGrant], tiktok: Simulated
) -> None:
    read_back(pending)
    read = PlatformRead.objects.get(list_name="client_accounts")
    assert read.connection.label == "dana"
    assert read.parameters["share_type"] == "SHARING"
    assert (read.rows_told, read.grants.count()) == (6, 6)
    assert read.sha256
    found = set(read.grantread_set.values_list("found", flat=True))
    assert "" not in found


def test_it_does_not_ask_the_clients_side_about_what_ours_lists(
    pending: list[RoleGrant], tiktok: Simulated
) -> None:
    tiktok.control(
        "shares/accept",
        giver=tiktok.center(COMPANY),
        receiver=tiktok.center("Northlight Agency"),
    )
    read_back(pending)
    assert tiktok.all_calls() == 1
    assert set(RoleGrant.objects.values_list("state", flat=True)) == {State.ACTIVE}


@pytest.mark.long
def test_it_is_done_with_130_that_wait_well_before_a_job_is_ended(
    our_side: Connection, tiktok: Simulated, factory: Factory, settings: Any
) -> None:
    grants = make_many(tiktok, factory, 130)
    began = time.monotonic()
    work.carry_out(keys_of(grants))
    spent = time.monotonic() - began + sum(proof.WAITS)
    assert set(RoleGrant.objects.values_list("state", flat=True)) == {State.PENDING}
    assert tiktok.calls("bc/partner/add/") == 3  # fifty accounts to a call
    assert tiktok.calls(PARTNER_READ) == len(proof.WAITS) * (1 + 3)
    assert spent < settings.Q_CLUSTER["timeout"] * 2 / 3


def test_it_takes_the_role_of_a_login_for_no_role_of_our_center(
    our_side: Connection, tiktok: Simulated, factory: Factory
) -> None:
    """So the center-wide list tells it; which center shares the account is unknown."""
    grants = make_requested(tiktok, factory)
    work.carry_out(keys_of(grants))
    asset, site = grants[0].asset, Website(tiktok)
    site.change_role(asset.external_id, "ANALYST")
    site.put_on(asset.external_id, "priya", "OPERATOR")
    Asset.objects.filter(pk=asset.pk).update(center=None)
    RoleGrant.objects.filter(pk=grants[0].pk).update(state=State.UNVERIFIED)
    read_back(grants[:1])
    assert RoleGrant.objects.get(pk=grants[0].pk).state == State.UNVERIFIED
