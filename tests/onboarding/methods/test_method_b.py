"""Method B: the client invites us, and what it shares is taken into the request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import requests
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.flows import due, work
from accounts.flows import grants as ladder
from accounts.models import Asset, CenterSync, Event, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.trail import Actor
from onboarding import tasks, turns
from onboarding.flows import inviting, methods
from onboarding.flows.visits import VisitIsOver
from onboarding.models import AccessRequest, RequestItem
from tests.factory import Factory
from tests.onboarding.methods.asking import (
    DACH,
    NORDICS,
    Ask,
    grant_of,
    hand_out,
    read,
    stands,
    sync,
    turn_of,
)
from tests.simulated import Simulated

pytestmark = pytest.mark.long

Method = RequestItem.Method
State = RoleGrant.State


class TestMethodB:
    @pytest.fixture
    def invites(self, tiktok: Simulated) -> Callable[..., None]:
        """The client adds us as a partner on its center's page."""

        def invite(account_id: str = NORDICS, role: str = "OPERATOR") -> None:
            giver = tiktok.center("Halden Outdoor")
            form = {
                "decision": "share",
                "receiver": tiktok.center("Northlight Agency"),
                "asset_id": account_id,
                "role": role,
            }
            sent = requests.post(f"{tiktok.base_url}/bc/{giver}/", data=form)
            assert sent.status_code == 200, sent.text

        return invite

    def test_only_its_own_request_takes_the_clients_word(self, ask: Ask) -> None:
        link = hand_out(ask(Method.LINK))
        with pytest.raises(VisitIsOver):
            methods.invited(link, link.request.items.get())

    def test_the_word_waits_for_our_own_centers_accept(
        self, ask: Ask, invites: Any, tiktok: Simulated
    ) -> None:
        tiktok.control("switches", receiver_must_accept=True)
        item = ask(Method.METHOD_B)
        assert stands(grant_of(item)) == (State.DRAFT, "client")
        link = hand_out(item)
        invites()
        assert methods.invited(link, item)
        assert not methods.invited(link, item)
        assert Event.objects.filter(action="link.invited").count() == 1
        sync()
        grant = read(item)
        assert stands(grant) == (State.PENDING, "center_admin")
        assert "accepts it in Northlight Agency" in grant.problem

        pair = {
            "giver": tiktok.center("Halden Outdoor"),
            "receiver": tiktok.center("Northlight Agency"),
        }
        tiktok.control("shares/accept", **pair)
        sync()
        assert grant_of(item).state == State.ACTIVE

    def test_our_lists_are_read_soon_and_then_every_quarter_of_an_hour(
        self, ask: Ask
    ) -> None:
        item = ask(Method.METHOD_B)
        due.open_rows()
        later = timezone.now() + dt.timedelta(hours=6)
        ours = CenterSync.objects.filter(center=item.receiver.center)
        ours.update(due_at=later)
        inviting.sweep(timezone.now())
        assert ours.get().due_at == later
        methods.invited(hand_out(item), item)
        assert ours.get().due_at <= timezone.now()
        ours.update(due_at=later)
        inviting.sweep(timezone.now())
        assert ours.get().due_at <= timezone.now() + inviting.LOOK_EVERY

    @pytest.mark.parametrize(
        ("role", "state"), [("OPERATOR", State.ACTIVE), ("ANALYST", State.DRIFTED)]
    )
    def test_what_the_client_shares_is_taken_into_the_request(
        self,
        ask: Ask,
        invites: Any,
        tiktok: Simulated,
        factory: Factory,
        role: str,
        state: str,
    ) -> None:
        item = ask(Method.METHOD_B, account_ids=[])
        halden = tiktok.center("Halden Outdoor")
        factory.make_center(external_id=halden, owner="client", client=item.client)
        methods.invited(hand_out(item), item)
        assert turn_of(item) == turns.ACCEPT
        invites(DACH, role)
        sync()
        grant = grant_of(item)
        assert (grant.asset.external_id, grant.state) == (DACH, state)
        assert grant.source == RoleGrant.Source.METHOD_B

    def test_it_is_read_at_once_for_whoever_presses(
        self, ask: Ask, invites: Any, tiktok: Simulated, factory: Factory, manager: User
    ) -> None:
        item = ask(Method.METHOD_B, account_ids=[])
        halden = tiktok.center("Halden Outdoor")
        factory.make_center(external_id=halden, owner="client", client=item.client)
        invites(DACH)
        assert inviting.read_now(item, "", user=manager)
        assert inviting.look_in(item) == 1
        assert grant_of(item).asset.external_id == DACH

    def test_a_center_the_client_names_is_looked_for_and_nobodys_by_it(
        self, ask: Ask, invites: Any, tiktok: Simulated, manager: User
    ) -> None:
        item = ask(Method.METHOD_B, account_ids=[])
        halden = tiktok.center("Halden Outdoor")
        invites(DACH)
        inviting.read_now(item, halden, user=manager)
        assert inviting.look_in(item) == 0
        found = inviting.nobodys(item).get()
        assert (found.asset.external_id, found.asset.client) == (DACH, None)
        inviting.read_now(item, "7" * 19, user=manager)
        assert not inviting.nobodys(item).exists()
        assert Event.objects.filter(action="request.giver_named").count() == 2

    def test_the_sweep_asks_no_more_of_ten_open_requests_than_of_one(
        self, factory: Factory, django_assert_num_queries: Any
    ) -> None:
        def open_requests(n: int) -> None:
            for _ in range(n):
                asked = factory.make_request()
                receiver = factory.make_receiver()
                factory.make_item(request=asked, method="method_b", receiver=receiver)
                factory.make_link(request=asked, started_at=timezone.now())

        open_requests(1)
        with CaptureQueriesContext(connection) as of_one:
            inviting.sweep(timezone.now())
        open_requests(9)
        with django_assert_num_queries(len(of_one)):
            inviting.sweep(timezone.now())

    def test_what_an_owner_adopts_meanwhile_settles_the_request(
        self, ask: Ask, invites: Any
    ) -> None:
        item = ask(Method.METHOD_B, account_ids=[])
        invites(DACH)
        sync()
        found = RoleGrant.objects.get(asset__external_id=DACH)
        assert (found.state, found.item_grants.count()) == (State.FOUND, 0)
        whose = {"client": item.client, "owner": "client"}
        Asset.objects.filter(pk=found.asset_id).update(**whose)
        found = RoleGrant.objects.get(pk=found.pk)
        ladder.take_in(found, role=Role.OPERATOR, by=Actor.system("test"))
        work.sweep()
        tasks.sweep()
        assert grant_of(item) == found
        item.request.refresh_from_db()
        assert item.request.closed_because == AccessRequest.Closed.SETTLED
