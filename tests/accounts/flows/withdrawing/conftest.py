"""What is held before it is taken back: two accounts, and a colleague on one."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.flows import work
from accounts.models import Connection, Grantee, RoleGrant
from accounts.platforms.roles import Role
from tests.accounts.flows.test_kill_safety import keys_of, make_requested, states
from tests.accounts.flows.withdrawing.taking_back import as_our_admin
from tests.factory import Factory
from tests.simulated import Simulated, main_receiver

State = RoleGrant.State


@pytest.fixture
def held(our_side: Connection, tiktok: Simulated, factory: Factory) -> list[RoleGrant]:
    """Two accounts of one client, shared and read back."""
    made = make_requested(tiktok, factory)
    work.carry_out(keys_of(made))
    assert states() == {State.ACTIVE}
    return list(RoleGrant.objects.order_by("asset__name"))


@pytest.fixture
def jonas(held: list[RoleGrant], tiktok: Simulated) -> RoleGrant:
    """A colleague's role on the first of them, booked under the center's."""
    [seat] = [
        member
        for center in tiktok.look("centers")
        if center["bc_id"] == main_receiver().external_id
        for member in center["members"]
        if member["name"] == "Jonas Lind"
    ]
    center = held[0]
    as_our_admin(
        lambda connector, token: connector.assign_member(
            token,
            center.grantee.external_id,
            center.asset.external_id,
            seat["user_id"],
            Role.OPERATOR,
        )
    )
    person = Grantee.objects.create(
        platform="tiktok",
        kind=Grantee.Kind.PERSON,
        external_id=seat["user_id"],
        label=seat["name"],
        standing=Grantee.Standing.OURS,
    )
    return RoleGrant.objects.create(
        asset=center.asset,
        grantee=person,
        via=center,
        asked_role="operator",
        observed_role="operator",
        observed_native="OPERATOR",
        state=State.ACTIVE,
        source=RoleGrant.Source.STAFFED,
        verified_at=timezone.now(),
    )
