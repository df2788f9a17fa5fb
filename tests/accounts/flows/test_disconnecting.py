"""Keys are given back: nothing that needs one is left behind, and its end is seen."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import (
    disconnecting,
    proof,
    revoking,
    sharing,
    withdrawing,
    work,
)
from accounts.models import (
    Connection,
    Consent,
    Event,
    RoleGrant,
    User,
    VaultSecret,
)
from accounts.trail import Actor
from accounts.vault import Secret, vault
from tests.accounts.flows.test_kill_safety import (
    Killed,
    keys_of,
    killing,
    make_requested,
    states,
    sweep_later,
)
from tests.factory import Factory
from tests.simulated import (
    Simulated,
    connect_our_side,
    loses_the_answer,
    main_receiver,
    never_arrives,
    once,
    says,
)

pytestmark = pytest.mark.long

State = RoleGrant.State
REVOKE = "oauth2/revoke_token/"
WHO = "user/info/"
UNSHARE = "bc/partner/asset/delete/"
SAID_YES = b'{"code": 0, "message": "OK", "data": {}}'
BY = Actor.system("test")


@pytest.fixture
def held(our_side: Connection, tiktok: Simulated, factory: Factory) -> list[RoleGrant]:
    made = make_requested(tiktok, factory)
    work.carry_out(keys_of(made))
    assert states() == {State.ACTIVE}
    return list(RoleGrant.objects.all())


@pytest.fixture
def hugos(held: list[RoleGrant]) -> Consent:
    """The client's consent behind what is held."""
    return Consent.objects.get(purpose=Consent.Purpose.CLIENT)


def run() -> int:
    return disconnecting.carry_out(by=BY)


def end(consent: Consent) -> int:
    assert disconnecting.ask(consent, by=BY)
    return run()


def fresh(key: Connection) -> Connection:
    return Connection.objects.get(pk=key.pk)


def told(action: str) -> int:
    return Event.objects.filter(action=action).count()


class TestWhatItWaitsFor:
    @pytest.mark.parametrize("state", disconnecting.UNDER_WAY)
    def test_it_waits_while_a_grant_needs_the_key(
        self, hugos: Consent, held: list[RoleGrant], tiktok: Simulated, state: str
    ) -> None:
        RoleGrant.objects.filter(pk=held[0].pk).update(state=state)
        assert end(hugos) == 0
        assert tiktok.calls(REVOKE) == 0
        RoleGrant.objects.filter(pk=held[0].pk).update(state=State.ACTIVE)
        assert run() == 1

    def test_what_is_being_taken_back_is_finished_with_the_key(
        self, hugos: Consent, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        withdrawing.withdraw(held[0], reason="The campaign ended.", by=BY)
        assert end(hugos) == 0
        sweep_later()
        assert RoleGrant.objects.get(pk=held[0].pk).state == State.WITHDRAWN
        assert tiktok.calls(UNSHARE) == 1
        assert run() == 1

    def test_nothing_new_begins_with_the_key(
        self, hugos: Consent, held: list[RoleGrant]
    ) -> None:
        assert sharing.clients_key(held[0]) == hugos.connection
        disconnecting.ask(hugos, by=BY)
        assert sharing.clients_key(held[0]) is None

    def test_a_grant_of_another_client_is_not_waited_for(
        self, hugos: Consent, factory: Factory
    ) -> None:
        factory.make_grant(state=State.REQUESTING)
        assert end(hugos) == 1

    def test_it_can_be_called_back_while_it_waits(
        self, hugos: Consent, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        RoleGrant.objects.filter(pk=held[0].pk).update(state=State.REQUESTING)
        assert end(hugos) == 0
        assert disconnecting.call_back(hugos, by=BY)
        RoleGrant.objects.update(state=State.ACTIVE)
        assert run() == 0
        assert tiktok.calls(REVOKE) == 0
        assert told("consent.end_called_back") == 1

    @pytest.mark.parametrize("ends", [True, False])
    def test_it_is_not_called_back_while_its_key_ends(
        self, hugos: Consent, monkeypatch: pytest.MonkeyPatch, ends: bool
    ) -> None:
        answers = []

        def end_key(*args: Any, **more: Any) -> bool:
            answers.append(disconnecting.call_back(hugos, by=BY))
            return ends

        monkeypatch.setattr(revoking, "end_key", end_key)
        assert end(hugos) == ends
        assert answers == [False]
        assert disconnecting.call_back(hugos, by=BY) is not ends

    def test_it_is_not_ended_when_it_was_called_back_just_before(
        self, hugos: Consent, tiktok: Simulated, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waits_for = disconnecting.waits_for

        def keep(consent: Consent) -> Any:
            assert disconnecting.call_back(hugos, by=BY)
            return waits_for(consent)

        monkeypatch.setattr(disconnecting, "waits_for", keep)
        assert end(hugos) == 0
        assert tiktok.calls(REVOKE) == 0
        assert Consent.objects.standing().filter(pk=hugos.pk).exists()

    def test_what_is_over_is_not_called_back(self, hugos: Consent) -> None:
        assert end(hugos) == 1
        assert not disconnecting.call_back(hugos, by=BY)

    def test_it_is_asked_for_once(self, hugos: Consent) -> None:
        assert disconnecting.ask(hugos, by=BY)
        assert not disconnecting.ask(hugos, by=BY)
        assert told("consent.end_asked") == 1

    def test_a_key_given_anew_is_wanted_again(
        self, hugos: Consent, tiktok: Simulated
    ) -> None:
        disconnecting.ask(hugos, by=BY)
        Connection.objects.filter(pk=hugos.connection_id).update(
            key_given_at=timezone.now() + dt.timedelta(seconds=1)
        )
        assert run() == 0
        assert tiktok.calls(REVOKE) == 0
        hugos.refresh_from_db()
        assert hugos.end_asked_at is None


class TestItsEndIsSeen:
    def test_it_is_revoked_seen_refused_and_forgotten(
        self, hugos: Consent, tiktok: Simulated
    ) -> None:
        reference = hugos.connection.vault_ref
        tiktok.control("counters/reset")
        assert end(hugos) == 1
        key = fresh(hugos.connection)
        assert (key.state, key.vault_ref) == (Connection.State.REVOKED, "")
        assert (tiktok.calls(REVOKE), tiktok.calls(WHO)) == (1, 1)
        assert not VaultSecret.objects.filter(reference=reference).exists()
        assert told("connection.revoked") == 1
        assert told("consent.withdrawn") == 1
        assert told("connection.died") == 0

    def test_access_stays(self, hugos: Consent, held: list[RoleGrant]) -> None:
        assert end(hugos) == 1
        work.read_now(held, by=BY)
        assert states() == {State.ACTIVE}

    def test_it_is_tried_again_while_the_platform_is_down(
        self, hugos: Consent, tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(REVOKE, never_arrives):
            assert end(hugos) == 0
        key = fresh(hugos.connection)
        assert key.state == Connection.State.LIVE
        assert "HTTP 500" in key.problem
        assert run() == 1
        assert fresh(hugos.connection).problem == ""

    def test_a_key_that_still_answers_is_not_forgotten(
        self, hugos: Consent, tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(REVOKE, says(SAID_YES)):
            assert end(hugos) == 0
        key = fresh(hugos.connection)
        assert key.state == Connection.State.LIVE
        assert "yet it still answers" in key.problem
        assert VaultSecret.objects.filter(reference=key.vault_ref).exists()
        assert run() == 1

    def test_a_lost_answer_costs_nothing(
        self, hugos: Consent, tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(REVOKE, once(loses_the_answer)):
            assert end(hugos) == 0
            assert run() == 1
        assert fresh(hugos.connection).state == Connection.State.REVOKED

    def test_it_is_not_forgotten_unseen(
        self, hugos: Consent, tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(WHO, never_arrives):
            assert end(hugos) == 0
        assert fresh(hugos.connection).vault_ref
        assert run() == 1

    def test_a_key_that_is_dead_already_is_ended_too(
        self, hugos: Consent, tiktok: Simulated
    ) -> None:
        tiktok.control("tokens/revoke", person="hugo")
        assert end(hugos) == 1
        assert fresh(hugos.connection).state == Connection.State.REVOKED

    def test_a_key_the_vault_does_not_open_waits_for_the_operator(
        self, hugos: Consent, tiktok: Simulated
    ) -> None:
        VaultSecret.objects.filter(reference=hugos.connection.vault_ref).delete()
        assert end(hugos) == 0
        assert "vault" in fresh(hugos.connection).problem
        assert tiktok.calls(REVOKE) == 0

    def test_a_new_key_that_comes_meanwhile_is_kept(
        self, hugos: Consent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from accounts.flows import revoking

        def renewed(key: object) -> bool:
            vault().set(hugos.connection.vault_ref, Secret("new"), by=BY)
            Connection.objects.filter(pk=hugos.connection_id).update(version=7)
            return True

        monkeypatch.setattr(revoking, "_revoke", renewed)
        assert end(hugos) == 0
        key = fresh(hugos.connection)
        assert key.state == Connection.State.LIVE
        assert VaultSecret.objects.filter(reference=key.vault_ref).exists()


class TestWhoElseNeedsIt:
    def test_only_the_last_permission_ends_the_token(
        self, hugos: Consent, factory: Factory, tiktok: Simulated
    ) -> None:
        other = factory.make_consent(connection=hugos.connection)
        assert end(hugos) == 1
        assert tiktok.calls(REVOKE) == 0
        assert fresh(hugos.connection).state == Connection.State.LIVE
        assert end(other) == 1
        assert fresh(hugos.connection).state == Connection.State.REVOKED

    def test_our_last_key_waits_for_what_it_has_to_prove(
        self, our_side: Connection, held: list[RoleGrant], tiktok: Simulated
    ) -> None:
        RoleGrant.objects.filter(pk=held[0].pk).update(state=State.UNVERIFIED)
        ours = our_side.consents.get()
        assert end(ours) == 0
        proof.read_back([RoleGrant.objects.get(pk=held[0].pk)], by=BY, in_person=True)
        assert states() == {State.ACTIVE}
        assert run() == 1
        assert fresh(our_side).state == Connection.State.REVOKED

    def test_it_does_not_wait_where_another_key_of_ours_reads(
        self,
        our_side: Connection,
        held: list[RoleGrant],
        tiktok: Simulated,
        owner: User,
    ) -> None:
        RoleGrant.objects.filter(pk=held[0].pk).update(state=State.UNVERIFIED)
        connect_our_side(tiktok, owner, "mira")
        assert [str(c) for c in disconnecting.left_unread(our_side.consents.get())] == [
            "Northlight Nordic"
        ]
        assert end(our_side.consents.get()) == 1

    def test_a_key_about_to_end_reads_only_if_no_other_does(
        self,
        our_side: Connection,
        held: list[RoleGrant],
        tiktok: Simulated,
        owner: User,
    ) -> None:
        from accounts.flows import agency

        disconnecting.ask(our_side.consents.get(), by=BY)
        assert agency.keys_for(main_receiver()) == [our_side]
        other = connect_our_side(tiktok, owner, "mira")
        Connection.objects.filter(pk=other.pk).update(
            key_given_at=timezone.now() - dt.timedelta(days=1)
        )
        assert agency.keys_for(main_receiver()) == [other, our_side]


@pytest.mark.long
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", ["_revoke", "_forget"])
def test_it_ends_after_a_kill(
    hugos: Consent,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    after: bool,
) -> None:
    from accounts.flows import revoking

    reference = hugos.connection.vault_ref
    with monkeypatch.context() as patch:
        patch.setattr(revoking, step, killing(getattr(revoking, step), after=after))
        with pytest.raises(Killed):
            end(hugos)
    assert run() == 1
    assert fresh(hugos.connection).state == Connection.State.REVOKED
    assert not VaultSecret.objects.filter(reference=reference).exists()
    assert told("connection.revoked") == 1
