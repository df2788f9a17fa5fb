"""What is written down tells the agency's clock, whoever looks on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.admin.wishing import later_day
from accounts.flows import unassigning
from accounts.models import RoleGrant
from accounts.trail import Actor
from accounts.zones import house_clock, house_day
from tests.factory import Factory

NOON = dt.datetime(2031, 1, 31, 12, 0, tzinfo=dt.UTC)
# Between them they have left or reached our day, at any hour.
READERS = ("Pacific/Kiritimati", "Pacific/Pago_Pago")


@pytest.fixture(params=READERS)
def reader(request: Any) -> Any:
    with timezone.override(request.param):
        yield


def test_a_moment_that_is_kept_names_the_agencys_clock(reader: None) -> None:
    assert house_clock(NOON) == "31 January, 12:00 UTC"


def test_a_last_day_comes_after_the_agencys(reader: None) -> None:
    today = house_day()
    with pytest.raises(Exception, match="Choose a day after today"):
        later_day(today)
    assert later_day(today + dt.timedelta(days=1)) is not None


@pytest.mark.django_db
def test_the_client_is_asked_to_act_by_the_agencys_day(
    factory: Factory, reader: None
) -> None:
    grant = factory.make_grant(state=RoleGrant.State.WITHDRAWING)
    unassigning.ask_client(grant, by=Actor.system())
    assert grant.due_on == house_day() + unassigning.ANSWERS_IN
