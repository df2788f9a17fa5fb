"""Which fix card a request needs: told by the client's last visit, or by silence."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import RoleGrant
from onboarding import fixes, rows
from onboarding.models import AccessRequest, ItemGrant, LinkSession, RequestItem
from tests.factory import Factory

Method = RequestItem.Method
Stage = LinkSession.Stage
LONG_AGO = dt.timedelta(days=2, minutes=1)


@pytest.fixture
def item(factory: Factory) -> RequestItem:
    return factory.make_item()


def key_of(asked: AccessRequest) -> str:
    found = fixes.of(read(asked))
    return found[0].key if found else ""


def read(asked: AccessRequest) -> AccessRequest:
    return rows.for_rows(AccessRequest.objects.filter(pk=asked.pk)).get()


def visit(
    factory: Factory, item: RequestItem, *, problem: str = "", **more: object
) -> LinkSession:
    link = factory.make_link(request=item.request, started_at=timezone.now())
    return LinkSession.objects.create(
        link=link,
        item=item,
        browser_hash="x",
        problem=problem,
        **{"stage": Stage.STOPPED if problem else Stage.SHARED, **more},
    )


def hand_out(factory: Factory, item: RequestItem, ago: dt.timedelta, **more: object):
    made_at = timezone.now() - ago
    return factory.make_link(request=item.request, made_at=made_at, **more)


def test_who_was_asked_yesterday_is_left_alone(factory: Factory, item) -> None:
    hand_out(factory, item, dt.timedelta(days=1))
    assert key_of(item.request) == ""


def test_what_was_never_handed_out_is_not_waited_for(item) -> None:
    assert key_of(item.request) == ""


def test_silence_after_the_last_hand_out_is_told(factory: Factory, item) -> None:
    hand_out(factory, item, dt.timedelta(days=6))
    assert key_of(item.request) == "not_received"
    hand_out(factory, item, dt.timedelta(hours=1))  # a reminder begins it anew
    assert key_of(item.request) == ""


def test_ten_requests_are_looked_at_with_as_many_queries_as_one(
    factory: Factory, django_assert_num_queries: Any
) -> None:
    client = factory.make_client()

    def ask(n: int) -> None:
        for number in range(n):
            request = factory.make_request(client=client)
            more = {"method": Method.METHOD_A, "sent_at": timezone.now()}
            receiver = factory.make_receiver()
            item = factory.make_item(
                request=request, receiver=receiver, **(more if number % 2 else {})
            )
            visit(factory, item, problem="not_admin")

    def look() -> None:
        asked = list(rows.for_rows(AccessRequest.objects.filter(client=client)))
        fixes.fetch_visits(asked)
        assert {fixes.of(one)[0].key for one in asked} == {"not_admin"}

    ask(2)
    with CaptureQueriesContext(connection) as of_two:
        look()
    ask(8)
    with django_assert_num_queries(len(of_two)):
        look()


def test_who_has_begun_has_received_it(factory: Factory, item) -> None:
    hand_out(factory, item, LONG_AGO, started_at=timezone.now())
    assert key_of(item.request) == ""


@pytest.mark.parametrize(
    ("state", "key"), [("pending", "not_received"), ("active", ""), ("declined", "")]
)
def test_method_a_without_the_owners_yes_is_told(
    factory: Factory, state: str, key: str
) -> None:
    sent_at = timezone.now() - LONG_AGO
    item = factory.make_item(method=Method.METHOD_A, sent_at=sent_at)
    waits_on = RoleGrant.WaitsOn.CLIENT if state == "pending" else ""
    grant = factory.make_grant(state=state, waits_on=waits_on)
    ItemGrant.objects.create(item=item, grant=grant)
    assert key_of(item.request) == key


def test_a_closed_request_needs_no_card(factory: Factory, item) -> None:
    hand_out(factory, item, LONG_AGO)
    item.request.closed_at = timezone.now()
    item.request.save()
    assert key_of(item.request) == ""


@pytest.mark.parametrize(
    ("problem", "key"),
    [
        ("not_admin", "not_admin"),
        ("missing_scopes", "missing_scopes"),
        ("no_center", "no_center"),
        ("agency_login", "wrong_login"),
        ("other_client", "wrong_login"),
        ("wrong_person", "wrong_login"),
        ("platform_down", ""),
    ],
)
def test_why_a_visit_stopped_is_told(
    factory: Factory, item, problem: str, key: str
) -> None:
    visit(factory, item, problem=problem)
    assert key_of(item.request) == key


@pytest.mark.parametrize(
    ("owned_by", "key"),
    [("person", "owned_by_person"), ("company", "only_shared"), ("", "")],
)
def test_who_owns_what_cannot_be_shared_is_told_and_no_account_is_named(
    factory: Factory, item, owned_by: str, key: str
) -> None:
    row = {"external_id": "7399", "name": "Secret shop", "owned_by": owned_by}
    candidates = [{"center_id": "72", "rows": [row]}]
    visit(factory, item, problem="none_shareable", candidates=candidates)
    assert key_of(item.request) == key
    assert "Secret shop" not in str(fixes.words_of(read(item.request)))


def test_who_shared_in_the_end_met_nothing(factory: Factory, item) -> None:
    earlier = timezone.now() - dt.timedelta(hours=1)
    visit(factory, item, problem="not_admin", started_at=earlier)
    visit(factory, item)
    assert key_of(item.request) == ""
