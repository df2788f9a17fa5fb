"""How often the database is asked: no oftener for ten thousand rows than for a few."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import (
    AdAccount,
    Asset,
    BusinessCenter,
    Client,
    Connection,
    Consent,
    Event,
    EventPayload,
    RoleGrant,
    User,
)
from accounts.roles import ACCESS_OWNERS
from accounts.trail import Actor, record
from onboarding.models import AccessRequest, RequestItem
from tests.base import HttpsClient
from tests.factory import Factory

MANY = 10_000
FEW = 100

MOST_FOR_SIGN_IN = 4
MOST_OWN = 6
MOST_FOR_A_FULL_PAGE = 15  # sign-in and all


@dataclass
class Asked:
    """The queries of one page."""

    statements: list[str] = field(default_factory=list)

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        self.statements.append(sql)
        return execute(sql, *rest)


def queries_of(browser: HttpsClient, url: str) -> list[str]:
    asked = Asked()
    with connection.execute_wrapper(asked):
        assert browser.get(url).status_code == 200
    return asked.statements


@pytest.fixture
def owner(factory: Factory) -> User:
    return factory.make_user(role=ACCESS_OWNERS)


@pytest.fixture
def browser(owner: User) -> HttpsClient:
    browser = HttpsClient()
    browser.sign_in(owner)
    return browser


class Crowd:
    """Makes thousands of rows at once; `grow(n)` brings every table up to `n`."""

    def __init__(self, factory: Factory) -> None:
        self.factory = factory
        self.receiver = factory.make_receiver()
        self.manager = factory.make_user()
        self.count = 0

    def grow(self, count: int) -> None:
        numbers = range(self.count, count)
        self.count = count
        clients = Client.objects.bulk_create(
            Client(name=f"Client {n:05}") for n in numbers
        )
        lead = self.manager
        lead.assignments.bulk_create(
            lead.assignments.model(client=client, user=lead) for client in clients
        )
        self._assets(clients, numbers)
        self._connections(clients, numbers)
        self._requests(clients)
        self._events(clients)
        User.objects.bulk_create(
            User(email=f"crowd{n}@portal.example", name=f"Crowd {n}", password="!")
            for n in numbers
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as the database does by itself, later

    def _assets(self, clients: list[Client], numbers: range) -> None:
        accounts = AdAccount.objects.bulk_create(
            AdAccount(
                platform="tiktok",
                kind=Asset.Kind.AD_ACCOUNT,
                external_id=f"74{n:017}",
                name=f"Account {n:05}",
                owner=Asset.Owner.CLIENT,
                client=client,
            )
            for n, client in zip(numbers, clients, strict=True)
        )
        BusinessCenter.objects.bulk_create(
            BusinessCenter(
                platform="tiktok",
                kind=Asset.Kind.CENTER,
                external_id=f"75{n:017}",
                name=f"Center {n:05}",
                owner=Asset.Owner.AGENCY,
            )
            for n in numbers
        )
        waits_on = RoleGrant.WaitsOn.ACCOUNT_MANAGER
        RoleGrant.objects.bulk_create(
            RoleGrant(
                asset=account,
                grantee=self.receiver,
                asked_role="operator",
                source=RoleGrant.Source.LINK,
                state=RoleGrant.State.ACTIVE if n % 2 else RoleGrant.State.MANUAL,
                waits_on="" if n % 2 else waits_on,
                verified_at=timezone.now(),
            )
            for n, account in enumerate(accounts)
        )

    def _connections(self, clients: list[Client], numbers: range) -> None:
        keys = Connection.objects.bulk_create(
            Connection(platform="tiktok", app_id="1", external_user_id=f"u{n}")
            for n in numbers
        )
        Consent.objects.bulk_create(
            Consent(
                connection=key,
                client=client,
                purpose=Consent.Purpose.CLIENT,
                wording_version="1",
            )
            for key, client in zip(keys, clients, strict=True)
        )

    def _requests(self, clients: list[Client]) -> None:
        contact = self.factory.make_contact()
        asked = AccessRequest.objects.bulk_create(
            AccessRequest(
                client=client,
                contact=contact,
                asked_by=self.manager,
                closes_at=timezone.now() + dt.timedelta(days=7),
            )
            for client in clients
        )
        RequestItem.objects.bulk_create(
            RequestItem(
                request=one,
                client=one.client,
                platform="tiktok",
                receiver=self.receiver,
            )
            for one in asked
        )

    def _events(self, clients: list[Client]) -> None:
        last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        Event.objects.bulk_create(
            Event(
                action="client.added",
                actor_kind="system",
                actor_key="x",
                subject_type="accounts.client",
                subject_key=str(client.pk),
                client_key=str(client.pk),
                payload_hash="0" * 64,
            )
            for client in clients
        )
        EventPayload.objects.bulk_create(
            EventPayload(event_id=pk, salt=b"0" * 16, body='{"by": "x"}')
            for pk in Event.objects.filter(pk__gt=last).values_list("pk", flat=True)
        )


DESKS = (
    "accounts_client",
    "accounts_rolegrant",
    "accounts_adaccount",
    "accounts_businesscenter",
    "accounts_connection",
    "accounts_event",
    "accounts_user",
    "onboarding_accessrequest",
)


@pytest.fixture
def crowd(factory: Factory) -> Crowd:
    return Crowd(factory)


@pytest.mark.long
def test_a_list_costs_the_same_however_long_it_is(
    crowd: Crowd, browser: HttpsClient
) -> None:
    counts: dict[str, list[int]] = {desk: [] for desk in DESKS}
    for rows in (FEW, MANY):
        crowd.grow(rows)
        for desk in DESKS:
            asked = queries_of(browser, reverse(f"admin:{desk}_changelist"))
            counts[desk].append(len(asked) - MOST_FOR_SIGN_IN)
    print(counts)
    assert {desk: told for desk, told in counts.items() if len(set(told)) > 1} == {}
    assert {desk: told for desk, told in counts.items() if max(told) > MOST_OWN} == {}


def test_signing_in_costs_four(browser: HttpsClient) -> None:
    """Session, colleague, second factors, and the roles with what they may do."""
    asked = queries_of(browser, reverse("admin:accounts_client_changelist"))
    first = asked[: asked.index(next(sql for sql in asked if "COUNT(*)" in sql))]
    assert len(first) == MOST_FOR_SIGN_IN, first


@pytest.mark.parametrize("page", ["today", "client"])
def test_a_full_page_costs_the_same_however_many_grants(
    factory: Factory, page: str
) -> None:
    client = factory.make_client()
    manager = factory.make_user(serves=client)
    contact = factory.make_contact(client=client)
    asked = factory.make_request(client=client, contact=contact)
    factory.make_item(request=asked)
    factory.make_link(request=asked)
    factory.make_consent(client=client)
    tell(client)
    browser = HttpsClient()
    browser.sign_in(manager)
    url = reverse("admin:index")
    if page == "client":
        url = reverse("admin:accounts_client_change", args=[client.pk])
    receiver = factory.make_receiver()
    queries_of(browser, url)  # the first one warms what a process keeps
    counts = []
    for grants in (10, 1_000):
        add_grants(client, receiver, grants)
        counts.append(len(queries_of(browser, url)))
    print(page, counts)
    assert counts[0] == counts[1]
    assert counts[0] <= MOST_FOR_A_FULL_PAGE


def tell(client: Client) -> None:
    with transaction.atomic():
        record("grant.lost", by=Actor.system(), subject=client, client=client)


def add_grants(client: Client, receiver: Any, count: int) -> None:
    accounts = AdAccount.objects.bulk_create(
        AdAccount(
            platform="tiktok",
            kind=Asset.Kind.AD_ACCOUNT,
            external_id=f"{count}{n:017}",
            owner=Asset.Owner.CLIENT,
            client=client,
        )
        for n in range(count)
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(
            asset=account,
            grantee=receiver,
            asked_role="operator",
            source=RoleGrant.Source.LINK,
            state=RoleGrant.State.MANUAL,
            waits_on=RoleGrant.WaitsOn.ACCOUNT_MANAGER,
        )
        for account in accounts
    )
