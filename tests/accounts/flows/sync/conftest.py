"""The website, and two accounts shared with our center and read back."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.flows import work
from accounts.models import Connection, PlatformRead, RoleGrant
from tests.accounts.flows.reading import on_accounts
from tests.accounts.flows.test_kill_safety import keys_of, make_requested
from tests.factory import Factory
from tests.simulated import Simulated
from tests.website import Website

State = RoleGrant.State


@pytest.fixture
def site(tiktok: Simulated) -> Website:
    return Website(tiktok)


@pytest.fixture
def active(our_side: Connection, tiktok: Simulated, factory: Factory) -> Any:
    """Hugo's two accounts, shared with our center and read back."""
    grants = make_requested(tiktok, factory)
    work.carry_out(keys_of(grants))
    assert set(on_accounts().values_list("state", flat=True)) == {State.ACTIVE}
    tiktok.control("counters/reset")
    PlatformRead.objects.all().delete()
    return grants
