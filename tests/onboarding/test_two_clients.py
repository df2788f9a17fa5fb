"""One login, two companies; and logins and accounts that are booked elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.flows import agency
from accounts.flows.approvals import CannotDecide
from accounts.models import Asset, Connection, Consent, Event, RoleGrant, User
from onboarding.flows import connect
from onboarding.models import LinkSession
from tests.factory import Factory
from tests.onboarding.test_scenarios import choosable
from tests.onboarding.visitor import Visitor
from tests.simulated import Simulated, connect_our_side, run_jobs

pytestmark = pytest.mark.long

Stage = LinkSession.Stage
MakeVisitor = Callable[..., Visitor]


def make_shown(factory: Factory, account_id: str, **fields: Any) -> Asset:
    """Book an account for another client, whose center is known to share it."""
    center = factory.make_center(owner="unknown")
    return factory.make_ad_account(external_id=account_id, center=center, **fields)


@pytest.fixture
def first(visitor: MakeVisitor, tiktok: Simulated, factory: Factory) -> Visitor:
    """Nadia has shared one account of Fjord Coffee."""
    browser = visitor("nadia", client=factory.make_client(name="Fjord Coffee"))
    browser.sign_in_and_back()
    browser.share(tiktok.accounts_of("Fjord Coffee")[0])
    run_jobs()
    assert RoleGrant.objects.get().state == RoleGrant.State.ACTIVE
    return browser


@pytest.fixture
def second(first: Visitor, visitor: MakeVisitor, factory: Factory) -> Visitor:
    """She comes again with the link of another company."""
    browser = visitor("nadia", client=factory.make_client(name="Alder and Pine"))
    browser.sign_in_and_back()
    return browser


def test_it_holds_a_login_that_serves_another_client(
    second: Visitor, tiktok: Simulated
) -> None:
    session = second.session
    assert (session.stage, session.problem) == (Stage.STOPPED, "other_client")
    assert session.candidates == []
    held = Consent.objects.get(client=second.item.client)
    assert held.state == Consent.State.HELD
    assert held.held_because
    page = second.look()
    assert "another company" in page.text
    assert "Fjord" not in page.text
    assert Connection.objects.filter(label="Nadia Petrov").count() == 1


def test_it_does_not_share_with_a_key_that_is_held(second: Visitor) -> None:
    answer = second.share("7301846225110446081")
    assert answer.status_code == 303
    assert RoleGrant.objects.count() == 1


def test_it_goes_on_after_an_access_owner_releases_it(
    second: Visitor, tiktok: Simulated, owner: User
) -> None:
    held = Consent.objects.get(client=second.item.client)
    connect.release(held, user=owner)
    run_jobs()
    page = second.look()
    assert second.session.stage == Stage.CHOOSING
    assert "Fjord" not in page.text
    ids = choosable(second.session)
    assert set(ids) == set(tiktok.accounts_of("Alder and Pine"))
    second.share(*ids, *tiktok.accounts_of("Fjord Coffee"))
    run_jobs()
    grants = RoleGrant.objects.filter(asset__client=second.item.client)
    assert {grant.asset.external_id for grant in grants} == set(ids)
    assert {grant.state for grant in grants} == {RoleGrant.State.ACTIVE}
    assert "Fjord" not in second.look().text


def test_it_shows_the_first_client_nothing_of_the_second(
    first: Visitor, second: Visitor, tiktok: Simulated, owner: User
) -> None:
    connect.release(Consent.objects.get(client=second.item.client), user=owner)
    run_jobs()
    second.share(*tiktok.accounts_of("Alder and Pine"))
    run_jobs()
    assert "Alder" not in first.look().text
    assert "Fjord" in first.look().text


def test_it_releases_a_consent_once(second: Visitor, owner: User) -> None:
    held = Consent.objects.get(client=second.item.client)
    connect.release(held, user=owner)
    connect.release(held, user=owner)
    assert run_jobs() == ["onboarding.tasks.read_accounts"]


def test_it_refuses_a_login_of_ours_on_a_clients_link(visitor: MakeVisitor) -> None:
    browser = visitor("priya")
    browser.sign_in_and_back()
    assert browser.session.problem == "agency_login"
    assert not Consent.objects.filter(purpose="client").exists()


def test_it_refuses_a_clients_login_on_our_own_side(
    first: Visitor, tiktok: Simulated, owner: User
) -> None:
    with pytest.raises(agency.AlreadyAClientsKey):
        connect_our_side(tiktok, owner, "nadia")
    assert not Consent.objects.filter(
        purpose="agency", connection__label="Nadia Petrov"
    ).exists()


def test_it_closes_an_account_that_is_booked_for_another_client(
    visitor: MakeVisitor, factory: Factory, tiktok: Simulated
) -> None:
    taken = tiktok.accounts_of("Halden Outdoor")[0]
    make_shown(factory, taken)
    browser = visitor("sofia")
    page = browser.sign_in_and_back()
    assert "We have it in our books already" in page.text
    assert taken not in choosable(browser.session)
    answer = browser.share(taken)
    assert answer.status_code == 400
    assert not RoleGrant.objects.exists()


def test_it_takes_an_account_that_was_only_typed_in_for_another_client(
    visitor: MakeVisitor, factory: Factory, tiktok: Simulated
) -> None:
    """Else whoever types an id first keeps its owner from sharing it."""
    account_id = tiktok.accounts_of("Halden Outdoor")[0]
    typed = factory.make_ad_account(external_id=account_id)
    draft = factory.make_grant(asset=typed)
    browser = visitor("sofia")
    browser.sign_in_and_back()
    assert browser.share(account_id).status_code == 303
    asset = Asset.objects.get(pk=typed.pk)
    assert asset.client == browser.item.client
    draft.refresh_from_db()
    assert draft.state == RoleGrant.State.EXPIRED
    assert Event.objects.get(action="asset.given_up").client_key == str(typed.client_id)
    assert Event.objects.get(action="asset.claimed").client_key == str(asset.client_id)


def test_it_does_not_name_another_clients_account_by_hand(
    visitor: MakeVisitor, factory: Factory
) -> None:
    taken = factory.make_ad_account()
    browser = visitor("maren")
    browser.sign_in_and_back()
    answer = browser.browser.post(browser.visit_url, {"account_id": taken.external_id})
    assert answer.status_code == 400
    assert "in our books already" in answer.text
    assert str(taken.client) not in answer.text
    assert not RoleGrant.objects.exists()


def test_it_books_an_account_for_whoever_shared_first(
    visitor: MakeVisitor, tiktok: Simulated, factory: Factory
) -> None:
    """Booked for somebody else between the choice and the share."""
    taken = tiktok.accounts_of("Halden Outdoor")[0]
    browser = visitor("sofia")
    browser.sign_in_and_back()
    make_shown(factory, taken)
    answer = browser.share(taken)
    assert answer.status_code == 400
    assert "in our books already" in answer.text
    assert not RoleGrant.objects.exists()


def test_it_is_released_by_an_access_owner_alone(
    second: Visitor, factory: Factory
) -> None:
    held = Consent.objects.get(client=second.item.client)
    with pytest.raises(CannotDecide, match="Only an access owner"):
        connect.release(held, user=factory.make_user())
    held.refresh_from_db()
    assert held.state == Consent.State.HELD


def test_it_is_kept_apart_by_an_access_owner(
    second: Visitor, owner: User, factory: Factory
) -> None:
    held = Consent.objects.get(client=second.item.client)
    with pytest.raises(CannotDecide):
        connect.keep_apart(held, user=factory.make_user())
    connect.keep_apart(held, user=owner)
    connect.release(held, user=owner)
    held.refresh_from_db()
    assert held.state == Consent.State.WITHDRAWN
    assert run_jobs() == []
