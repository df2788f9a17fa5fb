"""What the client reads about an account that we give back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.flows import withdrawing
from accounts.models import Consent, RoleGrant
from accounts.trail import Actor
from tests.onboarding.visitor import Visitor
from tests.simulated import run_jobs

pytestmark = pytest.mark.long

BY = Actor.system("test")
HALDEN, DACH = "7301846225110446081", "7318820417735294978"


@pytest.fixture
def shared(visitor: Callable[..., Visitor]) -> Visitor:
    browser = visitor("sofia")
    browser.sign_in_and_back()
    browser.share(HALDEN, DACH)
    run_jobs()
    return browser


def give_back(*account_ids: str) -> None:
    for grant in RoleGrant.objects.filter(asset__external_id__in=account_ids):
        withdrawing.withdraw(grant, reason="The campaign ended.", by=BY)


def test_what_is_on_its_way_is_not_called_gone(shared: Visitor) -> None:
    give_back(HALDEN, DACH)
    page = shared.look().text
    assert "We are giving it back." in page
    assert "We gave it back" not in page


def test_what_only_the_client_can_end_is_said(shared: Visitor) -> None:
    Consent.objects.filter(purpose="client").update(state=Consent.State.WITHDRAWN)
    give_back(HALDEN)
    run_jobs()
    page = shared.look().text
    assert "Only you can end it: in your Business Center, under Partners." in page


def test_what_is_gone_waits_for_nobody(shared: Visitor) -> None:
    give_back(HALDEN)
    run_jobs()
    page = shared.look().text
    assert "We gave it back: gone from our side since" in page
    assert "Done. One account arrived." in page
    assert "wait." not in page


def test_when_all_is_gone_nothing_is_missing(shared: Visitor) -> None:
    give_back(HALDEN, DACH)
    run_jobs()
    page = shared.look().text
    assert "We gave it back." in page
    assert "what is missing" not in page
