"""Keys that are not ours to keep: promised back, unused, left by somebody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.flows import disconnecting, dropping, identifying
from accounts.models import Connection, Consent, ConsentAttempt, RoleGrant, VaultSecret
from accounts.trail import Actor
from tests.onboarding.visitor import Visitor
from tests.simulated import Simulated, never_arrives, run_jobs

pytestmark = pytest.mark.long

BY = Actor.system("test")
REVOKE = "oauth2/revoke_token/"
HALDEN = "7301846225110446081"
MakeVisitor = Callable[..., Visitor]


def the_key() -> Connection:
    return Connection.objects.get(label__startswith="Sofia")


def shared(visitor: MakeVisitor, *, keeps_key: bool) -> Visitor:
    browser = visitor("sofia", keeps_key=keeps_key)
    browser.sign_in_and_back()
    browser.share(HALDEN)
    return browser


def test_it_keeps_a_key_it_said_it_keeps(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    shared(visitor, keeps_key=True)
    run_jobs()
    assert disconnecting.carry_out(by=BY) == 0
    assert tiktok.calls(REVOKE) == 0
    assert the_key().state == Connection.State.LIVE


def test_it_waits_while_a_grant_needs_the_key(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    shared(visitor, keeps_key=False)
    assert RoleGrant.objects.get().state == RoleGrant.State.REQUESTING
    assert disconnecting.carry_out(by=BY) == 0
    assert tiktok.calls(REVOKE) == 0


def test_it_waits_for_a_platform_that_is_down(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    shared(visitor, keeps_key=False)
    run_jobs()
    with tiktok.disturbed(REVOKE, never_arrives):
        assert disconnecting.carry_out(by=BY) == 0
    assert the_key().state == Connection.State.LIVE
    assert disconnecting.carry_out(by=BY) == 1


def test_it_gives_a_promised_key_back_once_its_work_is_done(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    shared(visitor, keeps_key=False)
    run_jobs()
    reference = the_key().vault_ref
    assert disconnecting.carry_out(by=BY) == 1
    assert disconnecting.carry_out(by=BY) == 0
    assert tiktok.calls(REVOKE) == 1
    assert the_key().state == Connection.State.REVOKED
    assert not VaultSecret.objects.filter(reference=reference).exists()
    consent = Consent.objects.get(purpose=Consent.Purpose.CLIENT)
    assert consent.state == Consent.State.WITHDRAWN
    grant = RoleGrant.objects.get()
    assert grant.is_fresh


def test_it_ends_a_login_that_was_somebody_elses(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    browser = visitor("sofia")
    browser.sign_in_and_back()
    browser.browser.post(browser.visit_url + "not-me/")
    assert dropping.drop_orphans(timezone.now() - dt.timedelta(days=1), by=BY) == 0
    assert dropping.drop_orphans(timezone.now(), by=BY) == 1
    assert tiktok.calls(REVOKE) == 1
    assert the_key().state == Connection.State.REVOKED


def test_it_forgets_a_token_nobody_came_back_for(visitor: MakeVisitor) -> None:
    browser = visitor("sofia")
    browser.start()
    browser.come_back(browser.sign_in())  # the job that reads on never runs
    attempt = ConsentAttempt.objects.exclude(vault_ref="").get()
    assert identifying.forget_unused_keys(attempt.started_at, by=BY) == 0
    assert identifying.forget_unused_keys(timezone.now(), by=BY) == 1
    assert not VaultSecret.objects.filter(reference=attempt.vault_ref).exists()


def test_it_keeps_our_own_key_strong(visitor: MakeVisitor, our_side: object) -> None:
    """A colleague opened a client's link and gave fewer permissions there."""
    ours = Connection.objects.get(label__startswith="Priya")
    before = (ours.scopes, ours.version)
    page = visitor("priya").sign_in_and_back(scopes=[100])
    ours.refresh_from_db()
    assert (ours.scopes, ours.version) == before
    assert page.status_code == 200


def test_it_shares_the_rest_when_one_account_is_refused(
    visitor: MakeVisitor, tiktok: Simulated
) -> None:
    ids = tiktok.accounts_of("Halden Outdoor")
    browser = visitor("sofia")
    browser.sign_in_and_back()
    browser.share(*ids)
    tiktok.control(f"accounts/{ids[0]}", relation_status="UNBOUND")
    run_jobs()
    states = {grant.asset.external_id: grant.state for grant in RoleGrant.objects.all()}
    assert states.pop(ids[0]) == RoleGrant.State.FAILED
    assert set(states.values()) == {RoleGrant.State.ACTIVE}
