"""Fifty browsers finish the same login at once, in threads on a real database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.models import Connection, Consent, RoleGrant, VaultSecret
from accounts.trail import Actor
from onboarding.flows import links, reading
from onboarding.models import AccessLink, LinkSession
from tests.onboarding.test_scenarios import choosable
from tests.onboarding.visitor import Visitor
from tests.simulated import Simulated, run_jobs

AT_ONCE = 50
THREADS = 10

pytestmark = pytest.mark.django_db(transaction=True)


def in_parallel(work: Callable[[Any], Any], things: list[Any]) -> list[Any]:
    """Run `work` on all things, released at the same moment, ten at a time."""
    gate = threading.Barrier(THREADS)

    def one(batch: list[Any]) -> list[Any]:
        try:
            gate.wait()
            return [work(thing) for thing in batch]
        finally:
            connection.close()

    batches = [things[start::THREADS] for start in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        return [answer for batch in pool.map(one, batches) for answer in batch]


@pytest.fixture
def browsers(visitor: Callable[..., Visitor]) -> list[Visitor]:
    """Fifty browsers with the same link, signed in as the same person."""
    first = visitor("elin")
    everybody = [
        Visitor(first.tiktok, first.item, first.token, "elin") for _ in range(AT_ONCE)
    ]
    for browser in everybody:
        browser.start()
    return everybody


@pytest.mark.long
def test_it_makes_one_connection_and_one_set_of_grants(
    browsers: list[Visitor], tiktok: Simulated
) -> None:
    trips = [(browser, browser.sign_in()) for browser in browsers]
    answers = in_parallel(lambda trip: trip[0].come_back(trip[1]), trips)
    assert {answer.status_code for answer in answers} == {303}
    sessions = list(LinkSession.objects.values_list("pk", flat=True))
    in_parallel(reading.read_accounts, sessions)
    assert Connection.objects.filter(label="Elin Strand").count() == 1
    assert Consent.objects.filter(purpose="client").count() == 1
    assert VaultSecret.objects.filter(reference__startswith="attempts/").count() == 0
    stages = set(LinkSession.objects.values_list("stage", flat=True))
    assert stages == {LinkSession.Stage.CHOOSING}

    ids = choosable(browsers[0].session)
    answers = in_parallel(lambda browser: browser.share(*ids), browsers)
    assert {answer.status_code for answer in answers} == {303}
    assert RoleGrant.objects.count() == len(ids) == 2
    run_jobs(most=200)
    assert {grant.state for grant in RoleGrant.objects.all()} == {"active"}
    assert tiktok.calls("bc/partner/add/") == 1
    assert {grant.attempts.count() for grant in RoleGrant.objects.all()} == {1}


def test_it_exchanges_a_code_once_for_fifty_callbacks_at_once(
    visitor: Callable[..., Visitor], tiktok: Simulated
) -> None:
    browser = visitor("elin")
    browser.start()
    location = browser.sign_in()
    tiktok.control("counters/reset")
    answers = in_parallel(lambda _: browser.come_back(location), list(range(AT_ONCE)))
    assert {answer.status_code for answer in answers} == {303}
    assert tiktok.calls("oauth2/access_token/") == 1
    assert run_jobs() == ["onboarding.tasks.read_accounts"]


def test_it_reads_the_accounts_of_a_visit_in_one_worker(
    visitor: Callable[..., Visitor], tiktok: Simulated
) -> None:
    browser = visitor("elin")
    browser.start()
    browser.come_back(browser.sign_in())
    tiktok.control("counters/reset")
    done = in_parallel(reading.read_accounts, [browser.session.pk] * THREADS)
    assert done.count(True) == 1
    assert tiktok.calls("user/info/") == 1


def test_it_hands_out_as_many_links_as_are_asked_for(
    visitor: Callable[..., Visitor],
) -> None:
    browser = visitor("elin")
    request = browser.item.request
    made = in_parallel(
        lambda _: links.hand_out(request, AccessLink.HandOut.COPY, by=Actor.system()),
        list(range(AT_ONCE)),
    )
    assert len({handed.url for handed in made}) == AT_ONCE
