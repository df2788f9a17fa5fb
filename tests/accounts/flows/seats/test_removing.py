"""With a seat goes all that is held by it, sent or not."""

from __future__ import annotations

import pytest

from accounts.flows import seats
from accounts.models import Asset, Connection, GrantAttempt, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.trail import Actor
from tests.accounts.flows.reading import look_again, sync_all
from tests.accounts.flows.seats.seated import UPDATE, WHY, as_role, jonas, said
from tests.factory import Factory
from tests.simulated import Simulated, run_jobs
from tests.website import Website

State = RoleGrant.State


def test_with_a_seat_goes_all_that_is_held_by_it(
    center: Asset, owner: User, tiktok: Simulated
) -> None:
    site = Website(tiktok)
    site.add_partner("Halo", 1)
    site.put_on(site.world.shares[-1].asset_id, "jonas")
    sync_all()
    sync_all()
    seat = jonas()
    (held,) = seats.held_by(seat)
    seats.remove(seat, reason=WHY, by=Actor.staff(owner))
    run_jobs()
    look_again()
    for grant in (seat, held):
        grant.refresh_from_db()
        assert grant.state == State.WITHDRAWN
    assert not seats.seated(center).filter(pk=seat.grantee_id).exists()


@pytest.mark.parametrize("state", [State.DRAFT, State.REQUESTING])
def test_with_a_seat_goes_what_is_not_sent_yet_and_what_waits_for_a_yes(
    adopted: RoleGrant, owner: User, tiktok: Simulated, factory: Factory, state: State
) -> None:
    wanted = factory.make_grant(
        grantee=adopted.grantee,
        via=factory.make_grant(grantee=adopted.asset.as_grantee, state=State.ACTIVE),
        source=RoleGrant.Source.STAFFED,
        state=state,
    )
    change = seats.give_finance(adopted, as_role(Role.MANAGER, days=9), user=owner)
    seats.remove(adopted, reason=WHY, by=Actor.staff(owner))
    run_jobs()
    wanted.refresh_from_db()
    change.refresh_from_db()
    assert (wanted.state, change.grant.state) == (State.EXPIRED, State.EXPIRED)
    said(change.approval, factory, yes=True)
    assert tiktok.calls(UPDATE) == 0


def test_what_was_sent_meanwhile_goes_with_the_seat_when_a_read_says_so(
    adopted: RoleGrant, owner: User, our_side: Connection, factory: Factory
) -> None:
    wanted = factory.make_grant(
        grantee=adopted.grantee,
        via=factory.make_grant(grantee=adopted.asset.as_grantee, state=State.ACTIVE),
        source=RoleGrant.Source.STAFFED,
        state=State.REQUESTING,
    )
    assign = GrantAttempt.Operation.ASSIGN
    GrantAttempt.objects.create(grant=wanted, operation=assign, connection=our_side)
    seats.remove(adopted, reason=WHY, by=Actor.staff(owner))
    wanted.refresh_from_db()
    assert wanted.state == State.WITHDRAWING
