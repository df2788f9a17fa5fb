"""Whose an account is when what is typed, booked and shared disagree."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.flows import adopting, found, grants, work
from accounts.flows.wishes import CannotWish, Wish
from accounts.models import (
    Asset,
    Client,
    Connection,
    Event,
    Grantee,
    RoleGrant,
    User,
)
from accounts.platforms.roles import Role
from accounts.trail import Actor
from agencyportal.simulator.state import Share
from tests.accounts.flows.reading import look_again, on_accounts, sync_all
from tests.accounts.flows.test_kill_safety import keys_of, make_requested
from tests.factory import Factory
from tests.simulated import Simulated, main_receiver
from tests.website import AGENCY, Website

pytestmark = pytest.mark.long

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn


@pytest.fixture
def site(tiktok: Simulated) -> Website:
    return Website(tiktok)


@pytest.fixture
def theirs(our_side: Connection, tiktok: Simulated, factory: Factory) -> Client:
    """Lang Optics, whose center is in the books."""
    client = factory.make_client(name="Lang Optics")
    factory.make_center(
        external_id=tiktok.center("Lang Optics"), owner="client", client=client
    )
    return client


def adopt(wish: Wish, user: User) -> None:
    found = list(on_accounts().select_related("asset"))
    digest = adopting.preview(found, wish)
    adopting.adopt(found, wish, digest=digest, user=user)


class TestTypedForAnotherClient:
    """Somebody booked the id; then a center of another client shares it."""

    @pytest.fixture
    def typed(self, theirs: Client, tiktok: Simulated, factory: Factory) -> Asset:
        account_id = tiktok.accounts_of("Lang Optics")[0]
        return factory.make_ad_account(external_id=account_id)

    def share(self, typed: Asset, site: Website) -> None:
        account = site.world.account(typed.external_id)
        assert account is not None
        site.share(account)
        sync_all()
        sync_all()

    def test_no_account_manager_adopts_it(
        self, typed: Asset, site: Website, factory: Factory
    ) -> None:
        self.share(typed, site)
        eve = factory.make_user(serves=typed.client)
        with pytest.raises(CannotWish, match="An access owner says whose it is"):
            adopt(Wish(None, "Mine."), eve)

    def test_an_access_owner_says_whose_it_is(
        self, typed: Asset, site: Website
    ) -> None:
        self.share(typed, site)
        grant = on_accounts().select_related("asset").get()
        assert grant.asset.is_nobodys
        assert (grant.state, grant.waits_on) == (State.FOUND, WaitsOn.ACCESS_OWNER)
        told = Event.objects.get(action="asset.given_up")
        assert told.client_key == str(typed.client_id)

    def test_what_was_asked_for_it_is_not_green(
        self, typed: Asset, site: Website, factory: Factory
    ) -> None:
        draft = factory.make_grant(asset=typed, grantee=main_receiver())
        self.share(typed, site)
        draft.refresh_from_db()
        assert draft.state == State.EXPIRED
        assert on_accounts().live().get().state == State.FOUND

    def test_it_stays_as_an_access_owner_said(
        self, typed: Asset, site: Website, owner: User
    ) -> None:
        self.share(typed, site)
        wish = Wish(None, "It is theirs after all.", client=typed.client)
        adopt(wish, owner)
        sync_all()
        assert Asset.objects.get(pk=typed.pk).client == typed.client
        assert on_accounts().get().is_fresh

    def test_it_is_taken_from_nobody_meanwhile(
        self, theirs: Client, factory: Factory
    ) -> None:
        """Booked for a client between the list and its booking."""
        account = factory.make_ad_account(client=None, owner=Asset.Owner.UNKNOWN)
        other = factory.make_client()
        Asset.objects.filter(pk=account.pk).update(client=other, owner="client")
        row = type("Row", (), {"name": "Named"})
        giver = Asset.objects.get(client=theirs)
        found.refresh(account, row, giver=giver)
        assert Asset.objects.get(pk=account.pk).client == other


class TestListedElsewhere:
    """What one center gave us is on another's list."""

    @pytest.fixture
    def grant(
        self, our_side: Connection, tiktok: Simulated, factory: Factory
    ) -> RoleGrant:
        made = make_requested(tiktok, factory)
        work.carry_out(keys_of(made))
        return on_accounts().get(pk=made[0].pk)

    @pytest.fixture
    def foreign(self, grant: RoleGrant, site: Website, factory: Factory) -> Asset:
        """The center of another client, which lists it as shared with us."""
        center = factory.make_center(
            external_id=site.add_partner("Foreign", 1),
            owner="client",
            client=factory.make_client(name="Foreign"),
        )
        ours, account_id = site.center(AGENCY).bc_id, grant.asset.external_id
        site.world.shares.append(
            Share(center.external_id, ours, account_id, "OPERATOR", "ACCEPTED")
        )
        return center

    def unshare(self, grant: RoleGrant, site: Website) -> None:
        lang = grant.asset.center.external_id
        site.world.shares = [
            one
            for one in site.world.shares
            if (one.giver, one.asset_id) != (lang, grant.asset.external_id)
        ]

    @pytest.mark.matrix
    @pytest.mark.parametrize("lists_shares", [True, False])
    @pytest.mark.parametrize("state", [State.ACTIVE, State.LOST])
    def test_that_proves_nothing_and_an_access_owner_is_told(
        self,
        grant: RoleGrant,
        foreign: Asset,
        site: Website,
        state: str,
        lists_shares: bool,
    ) -> None:
        site.switch(shared_in_admin_get=lists_shares)
        self.unshare(grant, site)
        long_ago = timezone.now() - dt.timedelta(hours=30)
        on_accounts().filter(pk=grant.pk).update(state=state, verified_at=long_ago)
        grant.attempts.update(started_at=long_ago - dt.timedelta(minutes=1))
        for _ in range(3):
            sync_all()
            look_again()
        after = on_accounts().select_related("asset__center").get(pk=grant.pk)
        assert after.state in (State.DRIFTED, State.LOST)
        assert after.waits_on == WaitsOn.ACCESS_OWNER
        assert f"Business Center {foreign.external_id} lists it now" in after.problem
        assert after.asset.center == grant.asset.center
        assert after.asset.client == grant.asset.client

    def test_it_stays_green_while_its_own_center_lists_it(
        self, grant: RoleGrant, foreign: Asset
    ) -> None:
        sync_all()
        after = on_accounts().select_related("asset__center").get(pk=grant.pk)
        assert after.is_fresh
        assert after.observed_role == Role.OPERATOR
        assert after.asset.center == grant.asset.center


class TestACenterNobodySaidWhoseItIs:
    """A partner shares what was asked for a client, and its center is unknown."""

    @pytest.fixture
    def center(self, our_side: Connection, site: Website) -> Asset:
        site.add_partner("Fjord Coffee", 2)
        sync_all()
        return Asset.objects.get(name="Fjord Coffee", kind="center")

    def ask(self, client: Client, *accounts: str) -> None:
        """Want for the client what was found of these accounts."""
        for grant in on_accounts().filter(asset__name__in=accounts):
            Asset.objects.filter(pk=grant.asset_id).update(
                client=client, owner=Asset.Owner.CLIENT
            )
            grant.refresh_from_db()
            grants.take_in(grant, role=Role.OPERATOR, by=Actor.system("test"))

    def test_stays_nobodys_while_it_shares_what_nobody_asked_for(
        self, center: Asset, factory: Factory
    ) -> None:
        self.ask(factory.make_client(), "Fjord Coffee 0001")
        sync_all()
        center.refresh_from_db()
        assert (center.owner, center.client) == (Asset.Owner.UNKNOWN, None)

    def test_stays_nobodys_while_it_shares_what_two_clients_asked_for(
        self, center: Asset, factory: Factory
    ) -> None:
        self.ask(factory.make_client(), "Fjord Coffee 0001")
        self.ask(factory.make_client(), "Fjord Coffee 0002")
        sync_all()
        center.refresh_from_db()
        assert center.owner == Asset.Owner.UNKNOWN

    def test_is_no_clients_once_somebody_said_so(
        self, center: Asset, factory: Factory
    ) -> None:
        Asset.objects.filter(pk=center.pk).update(owner=Asset.Owner.THIRD_PARTY)
        self.ask(factory.make_client(), "Fjord Coffee 0001", "Fjord Coffee 0002")
        sync_all()
        center.refresh_from_db()
        assert center.owner == Asset.Owner.THIRD_PARTY

    def test_is_the_clients_when_all_of_it_is_read_back_as_asked(
        self, center: Asset, factory: Factory
    ) -> None:
        client = factory.make_client(name="Fjord Roasters")
        self.ask(client, "Fjord Coffee 0001", "Fjord Coffee 0002")
        assert not Event.objects.filter(action="center.claimed").exists()
        sync_all()
        center.refresh_from_db()
        assert (center.owner, center.client) == (Asset.Owner.CLIENT, client)
        assert center.as_grantee.standing == Grantee.Standing.CLIENT
        told = Event.objects.get(action="center.claimed")
        assert told.client_key == str(client.pk)
