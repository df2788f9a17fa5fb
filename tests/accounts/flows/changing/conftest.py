"""Two grants held as Operator, and who asks for another role."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import changing
from accounts.models import Connection, GrantAttempt, RoleGrant, User
from tests.accounts.flows.changing.another_role import SOON, fresh
from tests.accounts.flows.test_kill_safety import make_requested, sweep_later
from tests.factory import Factory
from tests.simulated import Simulated

State = RoleGrant.State


@pytest.fixture
def mira(factory: Factory) -> User:
    return factory.make_user(name="Mira Okafor")


@pytest.fixture
def grants(our_side: Connection, tiktok: Simulated, factory: Factory) -> Any:
    """Two grants held as Operator, read back."""
    made = make_requested(tiktok, factory)
    sweep_later()
    tiktok.control("counters/reset")
    GrantAttempt.objects.all().update(started_at=timezone.now() - SOON)
    RoleGrant.objects.update(asked_at=timezone.now() - SOON / 2)
    return [fresh(grant) for grant in made]


@pytest.fixture
def grant(grants: list[RoleGrant]) -> RoleGrant:
    assert grants[0].state == State.ACTIVE
    return grants[0]


@pytest.fixture
def no_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a read shows is believed at once: nobody waits in these tests."""
    monkeypatch.setattr(changing, "SETTLES_IN", dt.timedelta(0))
