"""Two accounts our center holds, who asks, and whom to put on them."""

from __future__ import annotations

import pytest

from accounts.flows import work
from accounts.models import Connection, Grantee, RoleGrant, User
from tests.accounts.flows.staffing.put_on import seat
from tests.accounts.flows.test_kill_safety import keys_of, make_requested
from tests.factory import Factory
from tests.simulated import Simulated, run_jobs


@pytest.fixture
def held(our_side: Connection, tiktok: Simulated, factory: Factory) -> list[RoleGrant]:
    """Two accounts our center holds as Operator, nobody on them."""
    made = make_requested(tiktok, factory)
    work.carry_out(keys_of(made))
    run_jobs()
    return list(RoleGrant.objects.order_by("asset__name"))


@pytest.fixture
def mira(factory: Factory) -> User:
    return factory.make_user(name="Mira Okafor")


@pytest.fixture
def jonas(held: list[RoleGrant], tiktok: Simulated, factory: Factory) -> Grantee:
    return seat("Jonas Lind", tiktok, factory)
