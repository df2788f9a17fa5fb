"""What cannot be read changes nothing, says who acts and is read again soon."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import due, sync
from accounts.flows.rounds import Round
from accounts.models import (
    CenterSync,
    Connection,
    Grantee,
    PlatformRead,
    RoleGrant,
    User,
)
from accounts.tasks import sync_center
from tests.accounts.flows.reading import on_accounts, sync_all
from tests.accounts.flows.sync.listed import (
    CENTER_READ,
    MEMBER_READ,
    PARTNER_READ,
    PARTNERS,
    SEAT_READ,
    found,
    row,
)
from tests.simulated import Simulated, connect_our_side, never_arrives, run_jobs, says
from tests.website import Website

pytestmark = pytest.mark.long


def test_it_says_who_acts_without_a_key_and_calls_nobody(
    active: list[RoleGrant], tiktok: Simulated
) -> None:
    Connection.objects.update(state=Connection.State.NEEDS_REAUTHORIZATION)
    before = list(on_accounts().values())
    sync_all()
    assert "An access owner connects it" in row().problem
    assert list(on_accounts().values()) == before
    assert tiktok.all_calls() == 0


def test_it_is_due_at_once_when_a_key_comes(
    active: list[RoleGrant], tiktok: Simulated, owner: User
) -> None:
    Connection.objects.update(state=Connection.State.NEEDS_REAUTHORIZATION)
    sync_all()
    assert row().due_at > timezone.now()
    connect_our_side(tiktok, owner)
    sync.sweep()
    run_jobs()
    assert row().problem == ""


@pytest.mark.matrix
@pytest.mark.parametrize(
    "endpoint", [PARTNERS, CENTER_READ, PARTNER_READ, MEMBER_READ, SEAT_READ]
)
@pytest.mark.parametrize("how", [never_arrives, says(b"<html>"), says(b'{"code": 0}')])
def test_a_failed_list_changes_nothing_and_is_read_again_soon(
    active: list[RoleGrant], tiktok: Simulated, endpoint: str, how: Any
) -> None:
    told = ("state", "problem", "missed_at", "observed_role", "waits_on")
    before = list(on_accounts().order_by("pk").values(*told))
    with tiktok.disturbed(endpoint, how):
        sync_all()
    assert list(on_accounts().order_by("pk").values(*told)) == before
    failed = CenterSync.objects.exclude(problem="")
    assert failed.exists()
    for one in failed:
        assert one.due_at <= timezone.now() + due.AGAIN_AFTER
    assert not PlatformRead.objects.exclude(problem="").filter(is_whole=True).exists()
    sync_all()
    assert not CenterSync.objects.exclude(problem="").exists()


def test_it_reads_with_the_second_key_when_the_first_is_dead(
    active: list[RoleGrant], tiktok: Simulated, owner: User, our_side: Connection
) -> None:
    connect_our_side(tiktok, owner, "mira")
    tiktok.control("tokens/revoke", person="mira")
    sync_all()
    assert row().problem == ""
    whole = PlatformRead.objects.filter(is_whole=True)
    assert set(whole.values_list("connection", flat=True)) == {our_side.pk}


def stumbles(round_: Round, key: Connection) -> None:
    if round_.row == row():
        raise ZeroDivisionError
    read(round_, key)


read = Round.read


class TestWhatThePortalStumblesOver:
    @pytest.fixture(autouse=True)
    def a_fault(self, active: list[RoleGrant], monkeypatch: pytest.MonkeyPatch) -> None:
        sync_all()
        monkeypatch.setattr(Round, "read", stumbles)

    def test_it_is_released_and_the_others_go_first(self) -> None:
        CenterSync.objects.update(due_at=timezone.now())
        before = timezone.now()
        assert due.claim(row().pk)
        with pytest.raises(ZeroDivisionError):
            sync.run(row().pk)
        assert row().lease_until is None
        assert row().due_at >= before + due.AGAIN_AFTER
        assert "The operator reads the log." in row().problem

    def test_the_next_rows_are_queued_all_the_same(self) -> None:
        CenterSync.objects.update(due_at=timezone.now())
        assert due.claim(row().pk)
        with pytest.raises(ZeroDivisionError):
            sync_center(row().pk)
        assert run_jobs()

    def test_everything_else_is_read_in_one_go(self) -> None:
        PlatformRead.objects.all().delete()
        done = sync.everything(at_once=1)
        odd = [one for one in done if one.failure is not None]
        assert [one.row for one in odd] == [row()]
        assert PlatformRead.objects.filter(is_whole=True).exists()


def test_a_long_name_and_a_role_nobody_knows_are_found_all_the_same(
    our_side: Connection, site: Website
) -> None:
    Grantee.objects.filter(label="Northlight Agency").update(label="N" * 200)
    site.add_partner("Long", 1, role="R" * 64)
    sync_all()
    assert len(found().get().problem) == 300


def test_one_account_that_cannot_be_read_does_not_stop_the_others(
    active: list[RoleGrant], tiktok: Simulated, site: Website
) -> None:
    ids = sorted(grant.asset.external_id for grant in active)
    for account_id in ids:
        site.put_on(account_id, "jonas")
    gone = b'{"code": 40007, "message": "no such asset", "request_id": "R"}'

    def first_is_gone(request: Any, route: Any) -> Any:
        if request.query["asset_id"] == ids[0]:
            return says(gone)(request, route)
        return route(request)

    with tiktok.disturbed(MEMBER_READ, first_is_gone):
        sync_all()
    assert found().get().asset.external_id == ids[1]
    assert "40007" in row(tiktok.center("Lang Optics")).problem


def test_it_waits_out_a_pause_of_the_app(
    active: list[RoleGrant], tiktok: Simulated
) -> None:
    daily = b'{"code": 40100, "message": "qpd limit", "request_id": "R"}'
    with tiktok.disturbed(PARTNERS, says(daily)):
        sync_all()
    midnight = timezone.now().date() + dt.timedelta(days=1)
    assert row().due_at == dt.datetime.combine(midnight, dt.time(), dt.UTC)
    assert "slow down" in row().problem
