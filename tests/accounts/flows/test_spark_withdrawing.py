"""A creator's account is taken back from the outside in, each part read gone."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.flows import connections, spark_withdrawing, spark_work
from accounts.models import (
    Connection,
    RoleGrant,
    SparkAdAccount,
    SparkAuthorization,
)
from tests.accounts.flows.sparked import Spark, ours_in_center
from tests.accounts.flows.test_kill_safety import Killed
from tests.simulated import loses_the_answer, run_jobs, says

pytestmark = pytest.mark.long

State = SparkAuthorization.State
DELETE = "bc/asset/admin/delete/"
REVOKE = "tt_user/oauth2/revoke/"
REFUSED = b'{"code": 40001, "message": "an ad runs with it", "data": {}}'


@pytest.fixture
def held(sparks: Spark) -> SparkAuthorization:
    """Both doors went open; Jonas is on it, and an ad account uses it."""
    sparks.approve()
    asked = sparks.ask(members=[sparks.person()], ad_accounts=[ours_in_center(sparks)])
    sparks.connect(asked)
    return sparks.seen(asked)


def take_back(sparks: Spark, held: SparkAuthorization) -> SparkAuthorization:
    done = spark_withdrawing.withdraw(held, reason="It is over.", user=sparks.user)
    assert done
    run_jobs()
    return sparks.seen(held)


def test_it_says_first_what_uses_it(sparks: Spark, held: SparkAuthorization) -> None:
    post = sparks.factory.make_post(authorization=held)
    uses = spark_withdrawing.uses_of(held)
    assert uses.stops
    assert [str(link.ad_account) for link in uses.ad_accounts] == ["Halden NO"]
    assert uses.posts == [post]


def test_it_ends_when_every_part_is_read_gone(
    sparks: Spark, held: SparkAuthorization
) -> None:
    gone = take_back(sparks, held)
    assert (gone.state, gone.granted) == (State.WITHDRAWN, [])
    assert gone.center_gone_at is not None
    assert sparks.hold() == {}
    assert gone.ad_accounts.get().state == SparkAdAccount.State.ENDED
    assert RoleGrant.objects.get(family="creator_account").state == "withdrawn"
    assert Connection.objects.get(pk=held.connection_id).state == "revoked"


def test_a_key_from_before_is_given_back_too(
    sparks: Spark, held: SparkAuthorization
) -> None:
    sparks.connect(held, "nora")  # the creator's second login
    assert take_back(sparks, held).state == State.WITHDRAWN
    keys = Connection.objects.filter(kind="creator")
    assert list(keys.values_list("state", flat=True)) == ["revoked", "revoked"]


def test_the_key_is_given_back_last(sparks: Spark, held: SparkAuthorization) -> None:
    with sparks.tiktok.disturbed(DELETE, says(REFUSED)):
        stuck = take_back(sparks, held)
    assert (stuck.state, stuck.center_gone_at) == (State.WITHDRAWING, None)
    assert stuck.problem
    assert sparks.tiktok.calls(REVOKE) == 0


def test_what_was_refused_goes_on_by_itself(
    sparks: Spark, held: SparkAuthorization
) -> None:
    with sparks.tiktok.disturbed(DELETE, says(REFUSED)):
        take_back(sparks, held)
    assert sparks.look_again(held).state == State.WITHDRAWN


def test_a_lost_answer_is_no_second_call(
    sparks: Spark, held: SparkAuthorization
) -> None:
    with sparks.tiktok.disturbed(DELETE, loses_the_answer) as calls:
        gone = take_back(sparks, held)
    assert gone.state == State.WITHDRAWN
    assert len(calls) == 1


def test_another_clients_campaign_keeps_the_account_and_its_key(
    sparks: Spark, held: SparkAuthorization
) -> None:
    other = sparks.ask(client=sparks.factory.make_client(name="Kestrel"))
    SparkAuthorization.objects.filter(pk=other.pk).update(connection=held.connection)
    gone = take_back(sparks, held)
    assert (gone.state, gone.center_gone_at) == (State.WITHDRAWN, None)
    assert sparks.hold()["members"] == {}
    assert Connection.objects.get(pk=held.connection_id).state == "live"
    assert sparks.tiktok.calls(REVOKE) == 0


@pytest.mark.parametrize("call", range(1, 4))
@pytest.mark.matrix
def test_a_worker_killed_at_any_call_is_followed_by_another(
    sparks: Spark,
    held: SparkAuthorization,
    monkeypatch: pytest.MonkeyPatch,
    call: int,
) -> None:
    """After the call was made, before anything of it is written down."""
    usual, made = connections.call, []

    def killing(*args: object, **more: object) -> object:
        answer = usual(*args, **more)  # type: ignore[arg-type]
        made.append(more["purpose"])
        if len(made) == call:
            raise Killed
        return answer

    assert spark_withdrawing.withdraw(held, reason="Over.", user=sparks.user)
    monkeypatch.setattr(connections, "call", killing)
    with pytest.raises(Killed):
        spark_work.carry_out([held.pk])
    monkeypatch.undo()
    SparkAuthorization.objects.update(lease_until=None, next_check_at=timezone.now())
    RoleGrant.objects.update(lease_until=None)
    assert sparks.look_again(held).state == State.WITHDRAWN
    assert sparks.hold() == {}
