"""Found grants: adopted by saying who it is for, which role and why; a read decides."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import adopting, deciding, grants, merging
from accounts.flows.wishes import CannotWish, Wish
from accounts.models import (
    Approval,
    Asset,
    Client,
    Connection,
    Event,
    GrantChange,
    RoleGrant,
    User,
)
from accounts.platforms.roles import Role
from accounts.roles import ACCESS_OWNERS
from accounts.trail import Actor
from tests.accounts.flows.test_kill_safety import make_requested, sweep_later
from tests.factory import Factory
from tests.simulated import Simulated, run_jobs

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
BY = Actor.system("test")
IN_A_MONTH = dt.timedelta(days=30)


@pytest.fixture
def mira(factory: Factory) -> User:
    return factory.make_user(name="Mira Okafor")


@pytest.fixture
def priya(factory: Factory) -> User:
    return factory.make_user(name="Priya Nair", role=ACCESS_OWNERS)


@pytest.fixture
def aurora(factory: Factory) -> Client:
    return factory.make_client(name="Aurora Wines")


def make_found(factory: Factory, role: str = "operator", **fields: Any) -> RoleGrant:
    return factory.make_grant(
        **{
            "state": State.FOUND,
            "source": RoleGrant.Source.FOUND,
            "asked_role": "",
            "observed_role": role,
            "observed_native": role.upper(),
            "verified_at": timezone.now(),
            "waits_on": WaitsOn.ACCOUNT_MANAGER,
            **fields,
        }
    )


def make_nobodys(factory: Factory, **fields: Any) -> RoleGrant:
    account = factory.make_ad_account(client=None, owner=Asset.Owner.UNKNOWN)
    return make_found(factory, asset=account, **fields)


@pytest.fixture
def found(factory: Factory) -> RoleGrant:
    return make_found(factory)


def fresh(grant: RoleGrant) -> RoleGrant:
    return RoleGrant.objects.get(pk=grant.pk)


def wish(role: str = "", **fields: Any) -> Wish:
    asked = Role(role) if role else None
    return Wish(asked, **{"reason": "Runs the spring campaign.", **fields})


def as_admin(**fields: Any) -> Wish:
    return wish("admin", ends_on=timezone.localdate() + IN_A_MONTH, **fields)


def adopt(found: list[RoleGrant], wish: Wish, *, user: User) -> list[GrantChange]:
    """Adopt as the preview says."""
    digest = adopting.preview(found, wish)
    return adopting.adopt(found, wish, digest=digest, user=user)


class TestItIsRefused:
    @pytest.mark.parametrize("state", [State.ACTIVE, State.WITHDRAWN, State.DRAFT])
    def test_unless_it_was_found(
        self, factory: Factory, mira: User, state: str
    ) -> None:
        with pytest.raises(CannotWish, match="adopted already, or no longer held"):
            adopt([factory.make_grant(state=state)], wish(), user=mira)

    @pytest.mark.parametrize("change", ["role", "client"])
    def test_as_anything_but_the_preview_said(
        self, found: RoleGrant, factory: Factory, mira: User, change: str
    ) -> None:
        digest = adopting.preview([found], wish())
        if change == "role":
            RoleGrant.objects.update(observed_role="analyst")
        else:
            Asset.objects.update(client=factory.make_client())
        with pytest.raises(CannotWish, match="changed since you looked"):
            adopting.adopt([found], wish(), digest=digest, user=mira)
        assert fresh(found).state == State.FOUND
        assert not GrantChange.objects.exists()

    def test_without_a_reason(self, found: RoleGrant, mira: User) -> None:
        with pytest.raises(CannotWish, match="Say why"):
            adopt([found], wish(reason=""), user=mira)
        assert fresh(found).state == State.FOUND

    def test_as_a_role_nobody_knows(self, factory: Factory, mira: User) -> None:
        odd = make_found(factory, "unknown", observed_native="SUPERVISOR")
        with pytest.raises(CannotWish, match="held as SUPERVISOR"):
            adopt([odd], wish(), user=mira)

    def test_for_another_client_than_its_accounts(
        self, found: RoleGrant, aurora: Client, priya: User
    ) -> None:
        with pytest.raises(CannotWish, match=f"belongs to {found.asset.client}"):
            adopt([found], wish(client=aurora), user=priya)

    def test_for_a_client_when_the_account_is_ours(
        self, factory: Factory, aurora: Client, priya: User
    ) -> None:
        ours = factory.make_ad_account(client=None, owner=Asset.Owner.AGENCY)
        with pytest.raises(CannotWish, match="belongs to ourselves"):
            adopt([make_found(factory, asset=ours)], wish(client=aurora), user=priya)

    def test_for_nobody_when_the_account_is_nobodys(
        self, factory: Factory, priya: User
    ) -> None:
        with pytest.raises(CannotWish, match="Say whose it is"):
            adopt([make_nobodys(factory)], wish(), user=priya)

    def test_by_an_account_manager_when_the_account_is_nobodys(
        self, factory: Factory, aurora: Client, mira: User
    ) -> None:
        grant = make_nobodys(factory)
        with pytest.raises(CannotWish, match="An access owner says whose it is"):
            adopt([grant], wish(client=aurora), user=mira)
        grant.asset.refresh_from_db()
        assert grant.asset.client is None

    def test_as_admin_without_a_last_day(
        self, factory: Factory, found: RoleGrant, mira: User
    ) -> None:
        admin = make_found(factory, "admin")
        with pytest.raises(CannotWish, match="last day"):
            adopt([found, admin], wish(), user=mira)
        assert fresh(found).state == State.FOUND  # all or none

    def test_while_an_access_owner_decides(self, found: RoleGrant, mira: User) -> None:
        adopt([found], as_admin(), user=mira)
        with pytest.raises(CannotWish, match="decides about"):
            adopt([found], wish(), user=mira)


class TestItIsWantedFromNowOn:
    def test_at_the_role_it_is_held_at(self, found: RoleGrant, mira: User) -> None:
        adopt([found], wish(), user=mira)
        after = fresh(found)
        assert (after.asked_role, after.reason) == (
            "operator",
            "Runs the spring campaign.",
        )
        assert after.source == RoleGrant.Source.FOUND

    def test_and_is_not_green_before_a_read(self, found: RoleGrant, mira: User) -> None:
        adopt([found], wish(), user=mira)
        after = fresh(found)
        assert (after.state, after.waits_on) == (State.UNVERIFIED, WaitsOn.PLATFORM)
        assert after.next_check_at <= timezone.now()
        assert not after.is_fresh

    def test_for_the_client_an_access_owner_names(
        self, factory: Factory, aurora: Client, priya: User
    ) -> None:
        grant = make_nobodys(factory)
        adopt([grant], wish(client=aurora), user=priya)
        asset = Asset.objects.get(pk=grant.asset_id)
        assert (asset.client, asset.owner) == (aurora, Asset.Owner.CLIENT)

    def test_for_nobody_when_the_account_is_ours(
        self, factory: Factory, priya: User
    ) -> None:
        ours = factory.make_ad_account(client=None, owner=Asset.Owner.AGENCY)
        grant = make_found(factory, asset=ours)
        adopt([grant], wish(), user=priya)
        assert fresh(grant).asked_role == "operator"

    def test_many_at_once_and_read_in_one_job(
        self, factory: Factory, mira: User
    ) -> None:
        many = [make_found(factory) for _ in range(3)]
        adopt(many, wish(), user=mira)
        assert run_jobs().count("accounts.tasks.carry_out_grants") == 1
        assert not GrantChange.objects.open().exists()

    def test_and_the_trail_says_so(self, found: RoleGrant, mira: User) -> None:
        adopt([found], wish(), user=mira)
        event = Event.objects.about(found).first()
        assert (event.action, event.client_key) == (
            "grant.adopted",
            str(found.asset.client_id),
        )


class TestAReadDecides:
    @pytest.fixture
    def held(self, our_side: Connection, tiktok: Simulated, factory: Factory) -> Any:
        """An account our center really holds, found and never asked for."""
        grant, *_ = make_requested(tiktok, factory)
        sweep_later()
        RoleGrant.objects.filter(pk=grant.pk).update(
            state=State.FOUND, asked_role="", source=RoleGrant.Source.FOUND
        )
        return fresh(grant)

    def test_it_is_active_when_held_as_wanted(
        self, held: RoleGrant, mira: User
    ) -> None:
        adopt([held], wish(), user=mira)
        run_jobs()
        assert fresh(held).is_fresh

    @pytest.mark.parametrize("role", ["analyst", "admin"])
    def test_it_has_drifted_when_held_at_another_role(
        self, held: RoleGrant, mira: User, priya: User, role: str
    ) -> None:
        day = timezone.localdate() + IN_A_MONTH
        (change,) = adopt([held], wish(role, ends_on=day), user=mira)
        if change.approval:
            deciding.decide(change.approval, yes=True, user=priya)
        run_jobs()
        after = fresh(held)
        assert (after.state, after.observed_role) == (State.DRIFTED, "operator")
        assert not after.is_fresh

    def test_it_is_not_green_when_it_is_gone(
        self, held: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        tiktok.control(
            "shares/undo",
            giver=tiktok.center("Lang Optics"),
            receiver=tiktok.center("Northlight Agency"),
        )
        adopt([held], wish(), user=mira)
        run_jobs()
        assert fresh(held).state == State.UNVERIFIED


class TestAdminWaitsForAnAccessOwner:
    @pytest.fixture
    def three(self, factory: Factory) -> list[RoleGrant]:
        return [make_found(factory, "admin") for _ in range(3)]

    @pytest.fixture
    def asked(self, three: list[RoleGrant], mira: User) -> list[GrantChange]:
        return adopt(three, as_admin(), user=mira)

    def test_all_in_one_approval(self, asked: list[GrantChange]) -> None:
        assert Approval.objects.count() == 1
        assert {fresh(change.grant).state for change in asked} == {State.FOUND}

    def test_the_ordinary_ones_do_not_wait_along(
        self, factory: Factory, mira: User
    ) -> None:
        ordinary, admin = make_found(factory), make_found(factory, "admin")
        day = timezone.localdate() + IN_A_MONTH
        adopt([ordinary, admin], wish(ends_on=day), user=mira)
        assert fresh(ordinary).asked_role == "operator"
        assert fresh(ordinary).ends_on is None
        assert fresh(admin).state == State.FOUND

    def test_a_yes_takes_them_all_in(
        self, asked: list[GrantChange], priya: User
    ) -> None:
        approval, _ = deciding.decide(asked[0].approval, yes=True, user=priya)
        for change in asked:
            grant = fresh(change.grant)
            assert (grant.state, grant.asked_role) == (State.UNVERIFIED, "admin")
            assert (grant.approval, grant.ends_on) == (approval, change.ends_on)
        assert run_jobs().count("accounts.tasks.carry_out_grants") == 1

    def test_a_no_leaves_them_found(
        self, asked: list[GrantChange], priya: User
    ) -> None:
        deciding.decide(asked[0].approval, yes=False, user=priya)
        assert {fresh(change.grant).state for change in asked} == {State.FOUND}
        assert not GrantChange.objects.open().exists()
        told = Event.objects.about(asked[0].grant).values_list("action", flat=True)
        assert "grant.change_refused" in told

    def test_an_edit_of_one_voids_all(
        self, asked: list[GrantChange], priya: User
    ) -> None:
        GrantChange.objects.filter(pk=asked[1].pk).update(reason="Another.")
        decided, _ = deciding.decide(asked[0].approval, yes=True, user=priya)
        assert decided.decision == Approval.Decision.VOID
        assert {fresh(change.grant).state for change in asked} == {State.FOUND}
        assert not GrantChange.objects.open().exists()

    def test_one_that_is_gone_does_not_hold_up_the_others(
        self, asked: list[GrantChange], priya: User
    ) -> None:
        grants.move(asked[0].grant, State.WITHDRAWN, by=BY)
        deciding.decide(asked[0].approval, yes=True, user=priya)
        states = [fresh(change.grant).state for change in asked]
        assert states == [State.WITHDRAWN, State.UNVERIFIED, State.UNVERIFIED]

    def test_a_merge_of_one_client_ends_the_question_about_all(
        self, asked: list[GrantChange], aurora: Client, mira: User, priya: User
    ) -> None:
        """The three accounts are of three clients; no wish stays without a question."""
        gone = asked[0].grant.asset.client
        seen = merging.preview(gone, aurora)
        merging.merge(gone, aurora, digest=seen.digest, user=priya)
        assert not GrantChange.objects.open().exists()
        again = [fresh(change.grant) for change in asked]
        adopt(again, as_admin(), user=mira)
        assert GrantChange.objects.open().count() == 3

    def test_one_whose_account_became_anothers_is_left_out(
        self, factory: Factory, aurora: Client, priya: User
    ) -> None:
        other = factory.make_user(role=ACCESS_OWNERS)
        grant = make_nobodys(factory, role="admin")
        (change,) = adopt([grant], as_admin(client=aurora), user=other)
        Asset.objects.filter(pk=grant.asset_id).update(client=factory.make_client())
        deciding.decide(change.approval, yes=True, user=priya)
        assert fresh(grant).state == State.FOUND
        assert not GrantChange.objects.open().exists()


class TestAskedForByARequest:
    """`want` meets a grant that was found."""

    def want(self, found: RoleGrant, role: str = "operator", **more: Any) -> RoleGrant:
        return grants.want(
            asset=found.asset,
            grantee=found.grantee,
            role=Role(role),
            source=RoleGrant.Source.LINK,
            by=BY,
            **more,
        )

    def test_it_is_wanted_from_then_on(self, found: RoleGrant) -> None:
        wanted = self.want(found, reason="Asked by link.")
        assert wanted == found
        after = fresh(found)
        assert (after.asked_role, after.source, after.reason) == (
            "operator",
            "link",
            "Asked by link.",
        )
        assert after.state == State.UNVERIFIED

    def test_as_admin_only_once_it_is_approved(
        self, found: RoleGrant, factory: Factory, priya: User
    ) -> None:
        approval = factory.make_approval()
        more = {"approval": approval, "reason": "Billing", "ends_on": dt.date.max}
        assert self.want(found, "admin", **more).state == State.FOUND
        Approval.objects.filter(pk=approval.pk).update(
            decision="approved", decided_by=priya, decided_at=timezone.now()
        )
        approval.refresh_from_db()
        assert self.want(found, "admin", **more).asked_role == "admin"

    def test_what_is_held_at_another_role_is_put_to_work(
        self, factory: Factory
    ) -> None:
        found = make_found(factory, "analyst")
        assert grants.request(self.want(found), by=BY)
        assert fresh(found).state == State.REQUESTING

    def test_what_is_held_as_wanted_is_only_read(self, found: RoleGrant) -> None:
        assert not grants.request(self.want(found), by=BY)
        assert fresh(found).state == State.UNVERIFIED

    def test_what_was_lost_is_shared_again(self, factory: Factory) -> None:
        lost = make_found(
            factory, state=State.LOST, asked_role="operator", missed_at=timezone.now()
        )
        assert grants.request(self.want(lost), by=BY)
        after = fresh(lost)
        assert (after.state, after.observed_native, after.missed_at) == (
            State.REQUESTING,
            "",
            None,
        )

    @pytest.mark.parametrize("state", [State.ACTIVE, State.WITHDRAWING, State.PENDING])
    def test_what_somebody_works_on_is_left_to_them(
        self, factory: Factory, state: str
    ) -> None:
        grant = factory.make_grant(state=state)
        assert not grants.request(grant, by=BY)
