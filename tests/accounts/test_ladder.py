"""When each step of the ladder was reached: no moment of an earlier course."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.ladder import next_step, pill_of, read_at, steps_of
from accounts.models import PlatformRead, RoleGrant
from tests.factory import Factory

State = RoleGrant.State
NOW = timezone.now()


def ago(minutes: int) -> dt.datetime:
    return NOW - dt.timedelta(minutes=minutes)


def notes_of(grant: RoleGrant) -> dict[str, Any]:
    """Return what stands under each step that was reached."""
    return {
        str(step["word"]): step["note"]
        for step in steps_of(grant)
        if step["kind"] != "todo"
    }


@pytest.fixture
def read(factory: Factory) -> PlatformRead:
    """The newest read, ten minutes ago."""
    return PlatformRead.objects.create(
        connection=factory.make_connection(), list_name="x", read_at=ago(10)
    )


def test_what_was_accepted_before_it_was_asked_is_not_shown(factory: Factory) -> None:
    grant = factory.make_grant(
        state=State.REQUESTING, asked_at=ago(5), accepted_at=ago(9)
    )
    assert notes_of(grant) == {"Asked": ago(5), "Requesting": None}


def test_what_was_read_before_it_was_adopted_is_not_shown(factory: Factory) -> None:
    grant = factory.make_grant(
        state=State.UNVERIFIED,
        source="found",
        accepted_at=ago(60),
        verified_at=ago(30),
        asked_at=ago(5),
    )
    assert notes_of(grant) == {
        "Found": ago(60),
        "Adopted": ago(5),
        "Not read back yet": None,
    }


def test_it_is_found_first_and_adopted_then(factory: Factory) -> None:
    grant = factory.make_grant(
        state=State.ACTIVE,
        source="found",
        accepted_at=ago(60),
        asked_at=ago(30),
        verified_at=ago(20),
    )
    moments = list(notes_of(grant).values())
    assert moments == [ago(60), ago(30), ago(20), ago(20)]


@pytest.mark.parametrize("state", [State.DRIFTED, State.LOST])
def test_what_is_not_as_asked_was_read_by_the_read_that_said_so(
    factory: Factory, read: PlatformRead, state: str
) -> None:
    grant = factory.make_grant(
        state=state, asked_at=ago(99), verified_at=ago(60), last_read=read
    )
    assert read_at(grant) == ago(10)
    assert list(notes_of(grant).values())[-1] == ago(10)


def test_what_was_missed_was_read_by_the_read_that_missed_it(
    factory: Factory, read: PlatformRead
) -> None:
    grant = factory.make_grant(
        state=State.UNVERIFIED, verified_at=ago(60), missed_at=ago(10), last_read=read
    )
    assert read_at(grant) == ago(10)


@pytest.mark.parametrize(
    ("missed_at", "word"),
    [(None, "Not the role we asked for"), (ago(10), "Not listed, read again soon")],
)
def test_what_was_missed_is_held_at_no_role(
    factory: Factory, missed_at: dt.datetime | None, word: str
) -> None:
    grant = factory.make_grant(
        state=State.UNVERIFIED,
        observed_role="analyst",
        observed_native="ANALYST",
        missed_at=missed_at,
    )
    assert str(pill_of(grant)["word"]) == word


def test_what_is_removed_was_read_when_it_was_gone(
    factory: Factory, read: PlatformRead
) -> None:
    grant = factory.make_grant(
        state=State.WITHDRAWN, verified_at=ago(60), last_read=read, since=ago(9)
    )
    assert notes_of(grant) == {
        "Active": ago(60),
        "Removing": None,
        "Read back": ago(10),
        "Removed": ago(9),
    }


def test_what_is_as_asked_was_read_when_it_was_verified(
    factory: Factory, read: PlatformRead
) -> None:
    grant = factory.make_grant(state=State.ACTIVE, verified_at=ago(3), last_read=read)
    assert read_at(grant) == ago(3)


def test_what_was_found_on_our_own_account_is_for_an_access_owner(
    factory: Factory,
) -> None:
    """Whose it is is known; no account manager sees an account of no client."""
    grant = factory.make_grant(
        asset=factory.make_ad_account(client=None, owner="agency"),
        state=State.FOUND,
        waits_on=RoleGrant.WaitsOn.ACCESS_OWNER,
    )
    assert next_step(grant) == "An access owner adopts it or takes it back."
