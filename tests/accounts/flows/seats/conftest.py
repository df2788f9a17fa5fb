"""Our main center, somebody to invite to it, and a seat held as wanted."""

from __future__ import annotations

import pytest

from accounts.models import Asset, Connection, Member, RoleGrant, User
from accounts.platforms.roles import Role
from tests.accounts.flows.reading import sync_all
from tests.accounts.flows.seats.seated import jonas

State = RoleGrant.State


@pytest.fixture(autouse=True)
def no_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.flows.proof.time.sleep", lambda seconds: None)


@pytest.fixture
def center(our_side: Connection) -> Asset:
    """Our main center, with whoever sits there found."""
    sync_all()
    return Asset.objects.get(name="Northlight Agency")


@pytest.fixture
def nora(db: None) -> Member:
    return Member.objects.create(name="Nora Vik", email="Nora@northlight.example")


@pytest.fixture
def adopted(center: Asset, owner: User) -> RoleGrant:
    """Jonas's seat, wanted as it is held."""
    grant = jonas()
    RoleGrant.objects.filter(pk=grant.pk).update(
        state=State.ACTIVE, asked_role=Role.STANDARD, since=grant.since
    )
    return jonas()
