"""One odd row does not stop the others, in any sweep; and the job is seen failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import attempts, merging, proof, revoking, work
from accounts.flows.apart import PUT_OFF, in_turn
from accounts.models import Asset, Connection, Contact, GrantAttempt, RoleGrant
from accounts.tasks import drop_keys, gather_merged
from tests.accounts.flows.test_kill_safety import keys_of, make_requested
from tests.factory import Factory
from tests.simulated import Simulated, says

State = RoleGrant.State


class Odd(Exception):
    """What nobody has thought of."""


def odd_for(usual: Callable[..., Any], is_odd: Callable[..., bool]) -> Any:
    def do(*args: Any, **more: Any) -> Any:
        if is_odd(*args):
            raise Odd
        return usual(*args, **more)

    return do


def test_each_has_its_turn_and_the_first_failure_is_told() -> None:
    done = []

    def act(number: int) -> Callable[[], None]:
        def do() -> None:
            if number < 2:
                raise Odd(number)
            done.append(number)

        return do

    with pytest.raises(Odd, match="0"):
        in_turn(act(number) for number in range(4))
    assert done == [2, 3]


@pytest.mark.django_db
class TestGrants:
    @pytest.fixture
    def two_clients(
        self, our_side: Connection, tiktok: Simulated, factory: Factory
    ) -> tuple[list[RoleGrant], list[RoleGrant]]:
        hugos = make_requested(tiktok, factory, "hugo")
        return hugos, make_requested(tiktok, factory, "dana")

    @pytest.mark.parametrize(
        ("module", "name", "of"),
        [
            (attempts, "close", lambda attempt, *_: attempt.grant),
            (proof, "_judge", lambda grant, *_: grant),
        ],
    )
    def test_one_clients_do_not_stop_another_clients(
        self,
        two_clients: tuple[list[RoleGrant], list[RoleGrant]],
        monkeypatch: pytest.MonkeyPatch,
        module: Any,
        name: str,
        of: Any,
    ) -> None:
        odd, others = two_clients
        usual = getattr(module, name)
        is_odd = odd_for(usual, lambda *args: of(*args) in odd)
        monkeypatch.setattr(module, name, is_odd)
        before = timezone.now()
        with pytest.raises(Odd):
            work.sweep()
        pending = RoleGrant.objects.filter(pk__in=keys_of(others))
        assert set(pending.values_list("state", flat=True)) == {State.PENDING}
        for grant in RoleGrant.objects.filter(pk__in=keys_of(odd)):
            assert grant.lease_until is None
            assert grant.next_check_at >= before + PUT_OFF

    def test_an_answer_with_a_long_code_is_an_answer(
        self, our_side: Connection, tiktok: Simulated, factory: Factory
    ) -> None:
        grants = make_requested(tiktok, factory)
        long = b'{"code": 44444444444444444444, "message": "x", "data": {}}'
        with tiktok.disturbed("bc/partner/add/", says(long)):
            work.carry_out(keys_of(grants), waits=())
        tried = GrantAttempt.objects.values_list("outcome", flat=True)
        assert set(tried) == {GrantAttempt.Outcome.UNKNOWN}

    def test_what_came_back_is_cut_where_its_column_ends(
        self, factory: Factory
    ) -> None:
        attempt = GrantAttempt.objects.create(
            grant=factory.make_grant(),
            operation=GrantAttempt.Operation.SHARE,
            connection=factory.make_connection(),
        )
        told = {"answer": "a" * 400, "native_code": "4" * 40, "trace_id": "t" * 400}
        attempts.close(attempt, GrantAttempt.Outcome.REFUSED, **told)
        attempt.refresh_from_db()
        lengths = [len(getattr(attempt, name)) for name in told]
        assert lengths == [300, 16, 128]


@pytest.mark.django_db
class TestKeys:
    def test_one_that_cannot_be_ended_does_not_stop_the_others(
        self, factory: Factory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keys = [factory.make_connection(key_given_at=None) for _ in range(3)]
        Connection.objects.update(key_given_at=timezone.now() - PUT_OFF * 1000)
        is_odd = odd_for(revoking.end_key, lambda key: key.pk == keys[0].pk)
        monkeypatch.setattr(revoking, "end_key", is_odd)
        with pytest.raises(Odd):
            drop_keys()
        assert list(Connection.objects.standing()) == [keys[0]]


@pytest.mark.django_db
class TestMergedClients:
    def test_one_that_cannot_be_brought_on_does_not_stop_the_others(
        self, factory: Factory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = factory.make_client()
        gone = [factory.make_client(merged_into=kept) for _ in range(2)]
        for client in gone:
            factory.make_contact(client=client)
            factory.make_ad_account(client=client)
        is_odd = odd_for(merging._hold, lambda late, _: late.pk == gone[0].pk)
        monkeypatch.setattr(merging, "_hold", is_odd)
        with pytest.raises(Odd):
            gather_merged()
        assert Asset.objects.filter(client=kept).count() == 1
        assert Contact.objects.get(client=gone[0])
