"""The keys of platforms when they rest in Infisical: used, and never called dead."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.flows import agency, connections
from accounts.models import Connection
from accounts.outbound import OutboundError
from accounts.trail import Actor
from accounts.vault import carrying
from accounts.vault.models import VaultSecret
from tests import simulated
from tests.accounts.vault.test_resting import is_down
from tests.infisical import Fake
from tests.infisical.server import undisturbed
from tests.simulated import Simulated

pytestmark = pytest.mark.django_db
BY = Actor.task("tests.vault")

running = simulated.running
tiktok = simulated.tiktok
owner = simulated.owner


@pytest.fixture
def key(fake: Fake, tiktok: Simulated, owner: Any) -> Connection:
    """A login of ours whose key rests in Infisical alone."""
    connection = simulated.connect_our_side(tiktok, owner)
    carrying.sweep(by=BY)
    assert not VaultSecret.objects.exclude(blob=b"").exists()
    return connection


def centers(key: Connection) -> Any:
    return connections.call(
        key,
        lambda connector, token: connector.centers(token),
        purpose="check",
        by=BY,
        in_person=True,
    )


def test_it_waits_for_infisical_and_calls_no_key_dead(
    key: Connection, fake: Fake
) -> None:
    fake.disturb = is_down
    with pytest.raises(OutboundError) as caught:
        centers(key)
    assert not caught.value.permanent
    key.refresh_from_db()
    assert key.state == Connection.State.LIVE
    fake.disturb = undisturbed
    assert centers(key)


def test_it_leaves_only_what_a_key_needs_there(key: Connection, fake: Fake) -> None:
    assert len(fake.held()) == 1
    assert VaultSecret.objects.count() == 1


def test_what_a_sign_in_brings_stays_until_it_is_a_key(
    fake: Fake, tiktok: Simulated, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agency, "connect", lambda *a, **k: carrying.sweep(by=BY))
    simulated.connect_our_side(tiktok, owner)
    assert VaultSecret.objects.exclude(blob=b"").exists()
    assert not fake.held()
