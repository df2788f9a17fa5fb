"""Whatever happens to keys, in whatever order: none is sent twice, none dies unsaid."""

from __future__ import annotations

from contextlib import ExitStack, suppress

import pytest
from django.db.models import F, Sum
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.flows import refresh
from accounts.flows.refresh_batch import ask, connector_for
from accounts.flows.refresh_claims import Claim, claim_one
from accounts.models import Connection
from accounts.outbound import OutboundError
from accounts.outbound.models import PlatformApp
from accounts.vault import Secret, vault
from tests.provider import envelope, no_fault, says
from tests.renewing import APP, BY, age_leases, make_due, make_keys, provided

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.long,
    pytest.mark.only_on("sqlite"),
]
State = Connection.State
KEYS = 3
WHICH = st.integers(min_value=0, max_value=KEYS - 1)


class Renewing(RuleBasedStateMachine):
    """A few keys, a provider that does what it likes, and workers that die."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.unsure: set[str] = set()  # creators of whose last call nobody knows
        self.ended: set[str] = set()  # creators whose key the provider called dead

    @initialize(rotation=st.sampled_from(["none", "grace", "strict"]))
    def begin(self, rotation: str) -> None:
        Connection.objects.all().delete()
        PlatformApp.objects.all().delete()
        self.provider = self.stack.enter_context(provided(rotation=rotation))
        self.keys = make_keys(self.provider, KEYS)

    def teardown(self) -> None:
        self.stack.close()

    # What the provider does from now on.

    @rule()
    def it_works(self) -> None:
        self.provider.fault = no_fault

    @rule(answer=st.sampled_from([says(503), envelope(40100, "Too many: QPS")]))
    def it_has_trouble(self, answer: bytes) -> None:
        self.provider.fault = lambda token: answer

    @rule()
    def it_renews_and_its_answers_are_cut(self) -> None:
        def cut(token: str) -> bytes:
            self.unsure.add(creator(token))
            return self.provider.renew(token)[:-1]

        self.provider.fault = cut

    @rule()
    def it_ends_keys(self) -> None:
        def end(token: str) -> bytes:
            self.ended.add(creator(token))
            return envelope(40107, "The refresh token is invalid.")

        self.provider.fault = end

    # What the portal does.

    @rule()
    def a_worker_sweeps(self) -> None:
        refresh.sweep()

    @rule(which=WHICH)
    def somebody_needs_a_key(self, which: int) -> None:
        age_leases()
        with suppress(OutboundError):
            refresh.now(self.row(which), by=BY)

    @rule(which=WHICH)
    def a_worker_dies_before_its_call(self, which: int) -> None:
        self.claim(which)

    @rule(which=WHICH)
    def a_worker_dies_after_its_call(self, which: int) -> None:
        claim = self.claim(which)
        if claim is not None and isinstance(claim.secret, Secret):
            self.unsure.add(creator(claim.secret.reveal()))
            ask(connector_for(APP["platform"]), claim)

    @rule()
    def time_passes(self) -> None:
        age_leases()
        make_due()
        PlatformApp.objects.update(
            broken_until=None, paused_until=None, retry_credit=5.0
        )

    @rule(which=WHICH)
    def the_creator_consents_anew(self, which: int) -> None:
        name = f"again{len(self.provider.families)}"
        vault().set(
            self.keys[which].refresh_ref, Secret(self.provider.add(name)), by=BY
        )
        Connection.objects.filter(pk=self.keys[which].pk).update(
            version=F("version") + 1,
            state=State.LIVE,
            lease_until=None,
            refresh_due_at=timezone.now(),
            tries=0,
        )

    # What always holds.

    @invariant()
    def no_token_is_in_two_calls_and_no_replaced_one_is_sent(self) -> None:
        assert self.provider.counts["in parallel"] == 0
        assert self.provider.counts["replaced"] == 0
        resends = Connection.objects.aggregate(all=Sum("resends"))["all"]
        assert self.provider.counts["reused"] <= resends + len(self.unsure)

    @invariant()
    def what_lives_opens_unless_nobody_knows_what_became_of_a_call(self) -> None:
        for row in Connection.objects.live():
            token = vault().get(row.refresh_ref, purpose="look", by=BY).reveal()
            family = self.provider.families[token]
            if creator(token) not in self.unsure:
                assert token == family.newest
                assert not family.is_dead

    @invariant()
    def only_the_provider_ends_a_key(self) -> None:
        for row in Connection.objects.exclude(state=State.LIVE):
            token = vault().get(row.refresh_ref, purpose="look", by=BY).reveal()
            is_dead = self.provider.families[token].is_dead
            assert is_dead or creator(token) in self.ended
            assert row.problem

    def row(self, which: int) -> Connection:
        return Connection.objects.get(pk=self.keys[which].pk)

    def claim(self, which: int) -> Claim | None:
        try:
            return claim_one(self.row(which), by=BY)
        except OutboundError:
            return None


def creator(token: str) -> str:
    return token.split(".")[1]


def test_no_order_of_things_loses_a_key_unsaid() -> None:
    run_state_machine_as_test(
        Renewing,
        settings=settings(max_examples=25, stateful_step_count=25, deadline=None),
    )
