"""Another method is taken: what is held stays, the rest is wanted anew."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import work
from accounts.models import Event, EventPayload, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.trail import Actor
from onboarding.flows import methods
from onboarding.flows.visits import VisitIsOver
from onboarding.models import RequestItem
from tests.factory import Factory
from tests.onboarding.methods.asking import DACH, NORDICS, Ask, grant_of, hand_out

Method = RequestItem.Method
State = RoleGrant.State


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
