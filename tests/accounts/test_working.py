"""An account works when our center and a person on it are read back, and says who."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts import working
from accounts.models import Grantee, Member, RoleGrant

OLD = dt.timedelta(hours=25)


def made(name: str, *, age: dt.timedelta = dt.timedelta(0)) -> RoleGrant:
    """Return an active grant that was read back so long ago; nothing is saved."""
    return RoleGrant(
        grantee=Grantee(label=name),
        state=RoleGrant.State.ACTIVE,
        asked_role="operator",
        observed_role="operator",
        verified_at=timezone.now() - age,
    )


CENTER = "Northlight Agency"


@pytest.mark.parametrize(
    ("center", "people", "words"),
    [
        (made(CENTER, age=OLD), [made("Ida")], "Works when our center is read back"),
        (made(CENTER), [], "Nobody is on it yet"),
        (made(CENTER), [made("Ida", age=OLD)], "Not read back yet"),
    ],
    ids=["the center is not read", "nobody is on it", "nobody is read"],
)
def test_it_does_not_work_while(
    center: RoleGrant, people: list[RoleGrant], words: str
) -> None:
    assert working.sentence(center, people).startswith(words)


@pytest.mark.parametrize(
    ("others", "who"),
    [(0, "Jonas Lind"), (1, "Jonas Lind and 1 other"), (2, "Jonas Lind and 2 others")],
)
def test_it_names_one_person_and_counts_the_others(others: int, who: str) -> None:
    people = [made("Jonas Lind"), *(made("Ida") for _ in range(others))]
    told = working.sentence(made(CENTER), people)
    assert told == f"Works: Operator for us, {who} on it"


def test_it_names_a_person_as_our_directory_does() -> None:
    person = made("jl_ads_77")
    person.grantee.member = Member(name="Jonas Lind")
    assert "Jonas Lind" in working.sentence(made(CENTER), [person])


def test_who_is_not_read_back_does_not_count() -> None:
    people = [made("Ida", age=OLD), made("Jonas Lind")]
    told = working.sentence(made(CENTER), people)
    assert told == "Works: Operator for us, Jonas Lind on it"
