"""One creator's posts for two clients: neither takes the other's code, or ends it."""

from __future__ import annotations

import pytest

from accounts.flows import posts
from accounts.models import PostAuthorization, SparkAuthorization
from accounts.outbound.secret import Secret
from accounts.trail import Actor
from tests.accounts.flows.post_office import CODE, ITEM
from tests.accounts.flows.posted import Desk, give_creators_key
from tests.factory import Factory

State = PostAuthorization.State


@pytest.fixture
def other(desk: Desk, factory: Factory) -> SparkAuthorization:
    """The creator's authorization for a second client, by the same key."""
    give_creators_key(desk.authorization, factory)
    client = factory.make_client(name="Kestrel")
    return factory.make_authorization(
        client=client,
        creator=desk.authorization.creator,
        connection=desk.authorization.connection,
        asked_by=factory.make_user(serves=client),
    )


def mint(other: SparkAuthorization) -> PostAuthorization:
    return posts.mint(other, ITEM, 7, None, user=other.asked_by)


def test_a_post_another_client_has_a_code_of_is_refused(
    desk: Desk, other: SparkAuthorization
) -> None:
    desk.worked(desk.mint())
    with pytest.raises(posts.CannotUse, match="for another campaign") as no:
        mint(other)
    assert str(desk.authorization.client) not in str(no.value)
    assert PostAuthorization.objects.count() == 1


def test_a_code_another_client_entered_is_not_taken_up(
    desk: Desk, other: SparkAuthorization
) -> None:
    desk.office.says("NOT_USED", desk.office.codes[CODE])
    posts.type_in(desk.authorization, desk.account, Secret(CODE), user=desk.user)
    theirs = desk.worked(mint(other))
    assert (theirs.state, theirs.code_digest) == (State.FAILED, "")
    assert "another campaign" in theirs.problem


@pytest.mark.parametrize("is_made", [True, False])
def test_a_code_another_entry_uses_is_not_deleted(
    desk: Desk, other: SparkAuthorization, factory: Factory, *, is_made: bool
) -> None:
    mine = desk.worked(desk.mint())
    same = {"code_digest": mine.code_digest, "code_end": mine.code_end}
    theirs = factory.make_post(
        authorization=other,
        source=PostAuthorization.Source.MINTED,
        item_id=ITEM,
        **(same if is_made else {}),
    )
    posts.withdraw(theirs, reason="not needed", by=Actor.staff(desk.user))
    theirs = desk.worked(theirs)
    assert theirs.state == State.WITHDRAWN
    assert desk.office.calls["forbid_post"] == 0
    assert "lives on" in theirs.problem
    posts.withdraw(desk.seen(mine), reason="over", by=Actor.staff(desk.user))
    assert desk.worked(mine).state == State.WITHDRAWN
    assert desk.office.calls["forbid_post"] == 1
