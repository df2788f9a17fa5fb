from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from accounts.flows import work
from accounts.models import Connection, User
from accounts.outbound import door, throttle
from agencyportal.simulator import mishaps
from tests import simulated
from tests.base import HttpsClient
from tests.factory import Factory
from tests.faults.stage import NoWaiting, Stage
from tests.onboarding import conftest as onboarding
from tests.onboarding.visitor import Visitor
from tests.simulated import Simulated

running = simulated.running
tiktok = simulated.tiktok
owner = simulated.owner
our_side = simulated.our_side
asked = onboarding.asked
visitor = onboarding.visitor


@pytest.fixture
def stage(
    tiktok: Simulated,
    our_side: Connection,
    visitor: Callable[..., Visitor],
    factory: Factory,
    owner: User,
    monkeypatch: pytest.MonkeyPatch,
) -> Stage:
    """Both sides, our own connected; nobody waits or tries for long."""
    monkeypatch.setattr(work, "carry_out", partial(work.carry_out, waits=(0,)))
    monkeypatch.setattr(door, "TRIES", 2)
    monkeypatch.setattr(throttle, "time", NoWaiting(throttle.time))
    monkeypatch.setattr(mishaps, "SLOW_SECONDS", 0.01)
    staff = HttpsClient()
    staff.sign_in(owner)
    return Stage(tiktok, factory, owner, visitor, staff, monkeypatch)
