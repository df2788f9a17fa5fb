"""Methods A and B, and the switch between ways: what is said, and what is read."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.flows import due, work
from accounts.flows import grants as ladder
from accounts.flows import sync as rounds
from accounts.models import (
    Asset,
    CenterSync,
    Connection,
    Event,
    EventPayload,
    RoleGrant,
    User,
)
from accounts.platforms.roles import Role
from accounts.trail import Actor
from onboarding import tasks, turns
from onboarding.flows import closing, editing, inviting, links, methods, requests
from onboarding.flows.visits import VisitIsOver
from onboarding.models import AccessLink, AccessRequest, RequestItem
from tests.factory import Factory
from tests.simulated import Simulated, main_receiver, run_jobs

Method = RequestItem.Method
State = RoleGrant.State
NORDICS, DACH = "7301846225110446081", "7318820417735294978"
Ask = Callable[..., RequestItem]


@pytest.fixture
def manager(factory: Factory) -> User:
    return factory.make_user(name="Mira Okafor")


@pytest.fixture
def ask(our_side: Connection, factory: Factory, manager: User) -> Ask:
    """Ask Halden for access to its Nordics account, by Method A unless told."""

    def ask_it(method: str = Method.METHOD_A, **fields: Any) -> RequestItem:
        contact = factory.make_contact(client=factory.make_client(name="Halden"))
        wish = {
            "contact": contact,
            "platform": "tiktok",
            "receiver": main_receiver(),
            "role": Role.OPERATOR,
            "closes_at": timezone.now() + dt.timedelta(days=7),
            "account_ids": [NORDICS],
            "method": Method(method),
        }
        wished = requests.Wish(**wish | fields)
        return requests.ask(contact.client, wished, user=manager)

    return ask_it


@pytest.fixture
def site(tiktok: Simulated) -> Callable[..., None]:
    """What people press on the website: site("approve"), site("ask", role=…)."""

    def press(verb: str, account_id: str = NORDICS, role: str = "OPERATOR") -> None:
        ids = {"bc_id": tiktok.center("Northlight Agency"), "asset_id": account_id}
        if verb == "ask":
            tiktok.control("access", **ids, advertiser_role=role)
        else:
            tiktok.control(f"access/{verb}", **ids)

    return press


def grant_of(item: RequestItem) -> RoleGrant:
    return RoleGrant.objects.live().get(item_grants__item=item)


def last_of(item: RequestItem) -> RoleGrant:
    return RoleGrant.objects.filter(item_grants__item=item).order_by("-asked_at")[0]


def read(item: RequestItem) -> RoleGrant:
    work.read_now([last_of(item)], by=Actor.system("test"))
    return last_of(item)


def stands(grant: RoleGrant) -> tuple[str, str]:
    return grant.state, grant.waits_on


def turn_of(item: RequestItem) -> str:
    turned: Any = turns.with_turn(AccessRequest.objects.filter(items=item)).get()
    return str(turned.turn)


def hand_out(item: RequestItem) -> AccessLink:
    way = AccessLink.HandOut.COPY
    return links.hand_out(item.request, way, by=Actor.system("test")).link


def sync() -> None:
    """Read all our lists, and take in what they bring to light."""
    rounds.everything(at_once=1)
    tasks.sweep()
    work.sweep()
    run_jobs()


class TestMethodA:
    def test_it_is_a_colleagues_to_send(self, ask: Ask) -> None:
        item = ask()
        grant = grant_of(item)
        assert stands(grant) == (State.MANUAL, "account_manager")
        assert grant.source == RoleGrant.Source.METHOD_A
        assert f"request access to {NORDICS} as Operator" in grant.problem
        assert turn_of(item) == turns.SEND

    def test_it_is_nobodys_to_send_before_an_owner_agrees(
        self, ask: Ask, owner: User
    ) -> None:
        until = timezone.localdate() + dt.timedelta(days=30)
        item = ask(role=Role.ADMIN, reason="Billing", ends_on=until)
        assert grant_of(item).state == State.DRAFT
        requests.decide(item, yes=True, user=owner)
        assert grant_of(item).state == State.MANUAL

    def test_a_word_is_no_access_and_counts_once(self, ask: Ask, manager: User) -> None:
        item = ask()
        assert methods.sent(item.request, user=manager)
        item.refresh_from_db()
        assert (item.sent_by, stands(grant_of(item))) == (
            manager,
            (State.PENDING, "client"),
        )
        assert turn_of(item) == turns.AGREES
        assert not methods.sent(item.request, user=manager)
        assert Event.objects.filter(action="request.sent").count() == 1

    def test_a_request_that_is_over_is_not_sent(self, ask: Ask, manager: User) -> None:
        item = ask()
        requests.close(item.request, "cancelled", by=Actor.system("test"))
        with pytest.raises(editing.RequestIsOver):
            methods.sent(item.request, user=manager)
        with pytest.raises(editing.RequestIsOver):
            methods.switch(item.request, Method.LINK, [], user=manager)

    @pytest.mark.parametrize(
        ("pressed", "expected", "said"),
        [
            ([], (State.PENDING, "client"), "does not show it yet"),
            (["ask"], (State.PENDING, "client"), "TikTok shows our request"),
            (["ask", "refuse"], (State.DECLINED, "account_manager"), "Halden refused"),
            (["ask", "approve"], (State.ACTIVE, ""), ""),
            (
                ["ask", "approve", "unlink"],
                (State.DECLINED, "account_manager"),
                "has ended it since",
            ),
            (["ask", "cancel"], (State.PENDING, "client"), "does not show it yet"),
        ],
    )
    def test_our_own_list_decides(
        self,
        ask: Ask,
        manager: User,
        site: Any,
        pressed: list[str],
        expected: tuple[str, str],
        said: str,
    ) -> None:
        item = ask()
        methods.sent(item.request, user=manager)
        for verb in pressed:
            site(verb)
        grant = read(item)
        assert stands(grant) == expected
        assert said in grant.problem

    def test_an_approved_request_at_another_role_is_not_green(
        self, ask: Ask, manager: User, site: Any
    ) -> None:
        item = ask()
        methods.sent(item.request, user=manager)
        site("ask", role="ANALYST")
        site("approve")
        grant = read(item)
        assert stands(grant) == (State.UNVERIFIED, "client")
        assert "holds Analyst (ANALYST); we asked for Operator" in grant.problem

    def test_bound_without_a_role_in_any_list_proves_nothing(
        self, ask: Ask, manager: User, site: Any, tiktok: Simulated
    ) -> None:
        tiktok.control("switches", approved_in_partner_get=False)
        item = ask()
        methods.sent(item.request, user=manager)
        site("ask")
        site("approve")
        grant = read(item)
        assert stands(grant) == (State.UNVERIFIED, "center_admin")
        assert "no list tells at which role" in grant.problem

    def test_two_days_without_a_trace_it_asks_whether_it_was_sent(
        self, ask: Ask, manager: User
    ) -> None:
        item = ask()
        methods.sent(item.request, user=manager)
        RoleGrant.objects.update(
            asked_at=timezone.now() - dt.timedelta(days=2, hours=1)
        )
        grant = read(item)
        assert stands(grant) == (State.PENDING, "account_manager")
        assert "Was it sent?" in grant.problem

    def test_what_was_active_and_is_unlinked_is_lost_in_two_reads(
        self, ask: Ask, manager: User, site: Any
    ) -> None:
        item = ask()
        methods.sent(item.request, user=manager)
        site("ask")
        site("approve")
        assert read(item).state == State.ACTIVE
        site("unlink")
        assert read(item).state == State.UNVERIFIED
        RoleGrant.objects.update(next_check_at=timezone.now())
        assert read(item).state == State.LOST

    def test_it_is_asked_again_after_a_refusal(
        self, ask: Ask, manager: User, site: Any
    ) -> None:
        item = ask()
        methods.sent(item.request, user=manager)
        site("ask")
        site("refuse")
        read(item)
        assert turn_of(item) == turns.AGAIN
        assert methods.switch(item.request, Method.METHOD_A, [NORDICS], user=manager)
        assert stands(read(item)) == (State.MANUAL, "account_manager")
        assert turn_of(item) == turns.SEND


class TestOneOfTwoIsRefused:
    """What is held of a request settles nothing of what was refused."""

    @pytest.fixture
    def item(self, ask: Ask, manager: User, site: Any) -> RequestItem:
        item = ask(account_ids=[NORDICS, DACH])
        methods.sent(item.request, user=manager)
        for account_id, verb in ((NORDICS, "approve"), (DACH, "refuse")):
            site("ask", account_id)
            site(verb, account_id)
        work.read_now(RoleGrant.objects.all(), by=Actor.system("test"))
        run_jobs()
        return item

    @staticmethod
    def closed(item: RequestItem) -> str:
        return AccessRequest.objects.get(items=item).closed_because

    def refused(self) -> RoleGrant:
        return RoleGrant.objects.get(state=State.DECLINED)

    def test_it_waits_for_us_and_the_request_with_it(self, item: RequestItem) -> None:
        assert self.refused().stands == "us"
        assert self.closed(item) == ""
        assert turn_of(item) == turns.AGAIN

    def test_asked_again_it_waits_no_more_and_stays_in_the_books(
        self, item: RequestItem, manager: User
    ) -> None:
        asked = item.request
        named = [NORDICS, DACH]
        assert methods.switch(asked, Method.METHOD_A, named, user=manager)
        assert self.refused().stands == "over"
        anew = RoleGrant.objects.live().get(asset__external_id=DACH)
        assert stands(anew) == (State.MANUAL, "account_manager")
        assert Event.objects.filter(action="request.asked_again").count() == 1

    def test_closed_it_settles_the_request(
        self, item: RequestItem, manager: User
    ) -> None:
        assert closing.close(self.refused(), reason="A sister company", user=manager)
        assert self.refused().stands == "over"
        assert self.closed(item) == AccessRequest.Closed.SETTLED
        assert not closing.close(self.refused(), reason="", user=manager)
        assert Event.objects.filter(action="grant.let_go").count() == 1

    def test_a_request_that_is_cancelled_waits_for_nothing(
        self, item: RequestItem
    ) -> None:
        requests.close(item.request, "cancelled", by=Actor.system("test"))
        assert self.refused().stands == "over"

    def test_one_that_reached_its_date_leaves_it_to_us(self, item: RequestItem) -> None:
        requests.close(item.request, "expired", by=Actor.system("test"))
        assert self.refused().stands == "us"


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
            sent = tiktok._session.post(f"{tiktok.base_url}/bc/{giver}/", data=form)
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


class TestSwitch:
    def test_method_a_needs_accounts(self, ask: Ask, manager: User) -> None:
        item = ask(Method.LINK, account_ids=[])
        with pytest.raises(methods.NeedsAccounts):
            methods.switch(item.request, Method.METHOD_A, [], user=manager)

    def test_nothing_is_switched_to_what_it_is(self, ask: Ask, manager: User) -> None:
        item = ask()
        asked = item.request
        assert not methods.switch(asked, Method.METHOD_A, [NORDICS], user=manager)
        assert grant_of(item).state == State.MANUAL

    def test_no_earlier_link_works_where_other_accounts_are_asked_for(
        self, ask: Ask, manager: User
    ) -> None:
        item = ask(Method.LINK)
        link = hand_out(item)
        assert methods.switch(item.request, Method.LINK, [DACH], user=manager)
        link.refresh_from_db()
        assert link.revoked_at is not None

    def test_nobody_says_we_are_invited_before_an_access_owner_decides(
        self, ask: Ask, factory: Factory
    ) -> None:
        item = ask(Method.METHOD_B)
        link = hand_out(item)
        RequestItem.objects.filter(pk=item.pk).update(
            role=Role.ADMIN,
            approval=factory.make_approval(),
            reason="Billing",
            ends_on=timezone.localdate(),
        )
        with pytest.raises(VisitIsOver):
            methods.invited(link, item)
        assert grant_of(item).state == State.DRAFT

    @pytest.mark.parametrize(("before", "after"), list(permutations(Method, 2)))
    def test_what_is_not_held_is_wanted_anew(
        self, ask: Ask, manager: User, before: Method, after: Method
    ) -> None:
        item = ask(before)
        link, old = hand_out(item), grant_of(item)
        assert methods.switch(item.request, after, [NORDICS], user=manager)
        link.refresh_from_db()
        old.refresh_from_db()
        new = grant_of(item)
        assert link.revoked_at is not None
        assert (old.state, new.source) == (State.EXPIRED, after.value)
        assert (new.state == State.MANUAL) is (after == Method.METHOD_A)
        event = Event.objects.get(action="request.switched")
        told = json.loads(EventPayload.objects.get(event_id=event.pk).body)
        assert (told["before"], told["after"]) == (before.label, after.label)

    def test_what_is_held_stays(self, ask: Ask, manager: User, site: Any) -> None:
        item = ask(account_ids=[NORDICS, DACH])
        methods.sent(item.request, user=manager)
        site("ask")
        site("approve")
        held = RoleGrant.objects.get(asset__external_id=NORDICS)
        work.read_now([held], by=Actor.system("test"))
        asked = item.request
        methods.switch(asked, Method.METHOD_B, [NORDICS, DACH], user=manager)
        states = RoleGrant.objects.order_by("asked_at").values_list(
            "asset__external_id", "state"
        )
        assert sorted(states) == [
            (NORDICS, State.ACTIVE),
            (DACH, State.DRAFT),
            (DACH, State.EXPIRED),
        ]
