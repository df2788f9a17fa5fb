"""Method A: a colleague sends the request, and our own list decides."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Event, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.trail import Actor
from onboarding import turns
from onboarding.flows import editing, methods, requests
from onboarding.models import RequestItem
from tests.onboarding.methods.asking import (
    NORDICS,
    Ask,
    grant_of,
    read,
    stands,
    turn_of,
)
from tests.simulated import Simulated

Method = RequestItem.Method
State = RoleGrant.State


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
