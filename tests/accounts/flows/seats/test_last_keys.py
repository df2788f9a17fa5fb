"""The seat behind our last key to a center stays, and stays admin."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection as database

from accounts.flows import seat_rules, seats
from accounts.flows.wishes import CannotWish
from accounts.models import Asset, Member, Reach, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.trail import Actor
from tests.accounts.flows.reading import sync_all
from tests.accounts.flows.seats.seated import REMOVE, STANDARD, WHY, seat_of
from tests.factory import Factory
from tests.simulated import Simulated, connect_our_side, run_jobs
from tests.website import Website

pytestmark = pytest.mark.long

State = RoleGrant.State
Family = RoleGrant.Family


class TestOurLastKey:
    """Priya's login brought the only key there is."""

    @pytest.fixture
    def priya(self, center: Asset) -> RoleGrant:
        seat = seat_of("priya@northlight.example")
        RoleGrant.objects.filter(pk=seat.pk).update(state=State.DRIFTED)
        return seat_of("priya@northlight.example")

    def test_its_seat_is_not_taken_away(
        self, priya: RoleGrant, owner: User, tiktok: Simulated
    ) -> None:
        with pytest.raises(CannotWish, match="Priya Raman signed in with the only key"):
            seats.remove(priya, reason=WHY, by=Actor.staff(owner))
        assert tiktok.calls(REMOVE) == 0

    def test_it_stays_admin(self, priya: RoleGrant, owner: User) -> None:
        with pytest.raises(CannotWish, match="Another admin of Northlight Agency"):
            seats.change(priya, STANDARD, user=owner)

    def test_with_a_second_key_it_goes(
        self, priya: RoleGrant, owner: User, tiktok: Simulated
    ) -> None:
        connect_our_side(tiktok, owner, "mira")
        seats.remove(priya, reason=WHY, by=Actor.staff(owner))
        run_jobs()
        priya.refresh_from_db()
        assert priya.state == State.WITHDRAWN


class TestTwoKeys:
    """Priya's login and Mira's each brought a key."""

    @pytest.fixture
    def both(
        self, center: Asset, owner: User, tiktok: Simulated
    ) -> tuple[RoleGrant, RoleGrant]:
        connect_our_side(tiktok, owner, "mira")
        RoleGrant.objects.filter(family=Family.SEAT).update(
            state=State.DRIFTED, asked_role=Role.STANDARD
        )
        first, second = (f"{name}@northlight.example" for name in ("priya", "mira"))
        return seat_of(first), seat_of(second)

    @pytest.mark.parametrize("is_read", [False, True])
    def test_the_second_stays_when_the_first_goes(
        self, both: tuple[RoleGrant, RoleGrant], owner: User, is_read: bool
    ) -> None:
        first, second = both
        seats.remove(first, reason=WHY, by=Actor.staff(owner))
        if is_read:
            run_jobs()
        with pytest.raises(CannotWish, match="the only key of ours"):
            seats.remove(second, reason=WHY, by=Actor.staff(owner))

    def test_a_key_whose_seat_was_lowered_serves_no_more(
        self,
        both: tuple[RoleGrant, RoleGrant],
        center: Asset,
        owner: User,
        nora: Member,
        tiktok: Simulated,
    ) -> None:
        mira = both[1]
        world = Website(tiktok).world
        (theirs,) = (
            one
            for one in world.members
            if (one.bc_id, one.name) == (center.external_id, "Mira Okafor")
        )
        theirs.user_role = "STANDARD"
        sync_all()
        reach = Reach.objects.filter(asset=center)
        mine = reach.get(connection__external_user_id=mira.grantee.external_id)
        assert (mine.can_grant, "not an admin" in mine.why_not) == (False, True)
        with pytest.raises(CannotWish, match="the only key of ours"):
            seats.remove(both[0], reason=WHY, by=Actor.staff(owner))
        theirs.user_role = "ADMIN"
        sync_all()
        mine.refresh_from_db()
        assert mine.can_grant

    def test_where_one_login_may_not_the_other_one_asks(
        self,
        both: tuple[RoleGrant, RoleGrant],
        center: Asset,
        owner: User,
        nora: Member,
        tiktok: Simulated,
    ) -> None:
        site = Website(tiktok)
        site.world.members = [
            one for one in site.world.members if one.name != "Mira Okafor"
        ]
        seat = seats.invite(center, nora, STANDARD, user=owner).grant
        run_jobs()
        seat.refresh_from_db()
        assert seat.state == State.PENDING


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_two_who_take_the_last_two_keys_seats_at_once_leave_one(
    factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    center, owner = factory.make_receiver().center, factory.make_user()
    both = [factory.make_seat(asset=center, observed_role=Role.ADMIN) for _ in "ab"]
    for seat in both:
        key = factory.make_connection(external_user_id=seat.grantee.external_id)
        factory.make_consent(connection=key, user=owner)
        Reach.objects.create(connection=key, asset=center, can_grant=True)
    gate, asked = threading.Barrier(2), threading.Barrier(2)
    rule = seat_rules.why_not_remove

    def remove(seat: RoleGrant) -> bool:
        try:
            gate.wait()
            seats.remove(seat, reason=WHY, by=Actor.staff(owner))
        except CannotWish:
            return False
        finally:
            database.close()
        return True

    def once_both_have_asked(seat: RoleGrant) -> str:
        said = rule(seat)
        with suppress(threading.BrokenBarrierError):  # the other one has to wait
            asked.wait(0.2)
        return said

    monkeypatch.setattr(seat_rules, "why_not_remove", once_both_have_asked)
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, both)) == [False, True]
