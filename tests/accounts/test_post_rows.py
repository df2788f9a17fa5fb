"""Whose turn it is on a post's code: the list and the row say the same."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from accounts import post_rows
from accounts.models import PostAuthorization, SparkAuthorization
from tests.accounts.flows.posted import give_creators_key
from tests.factory import Factory

pytestmark = pytest.mark.django_db

State = PostAuthorization.State
SHORT, LONG = 10, 60  # days; the campaign ends in 30
STALE = dt.timedelta(days=2)


def rows() -> Any:
    return post_rows.for_rows(PostAuthorization.objects.all())


def somebody_acts() -> set[Any]:
    """Return the posts whose row names a person."""
    turns = {post.pk: post_rows.turn_of(post).who for post in rows()}
    return {pk for pk, who in turns.items() if who not in ("", "The portal")}


def listed() -> set[Any]:
    return {post.pk for post in rows().filter(post_rows.ON_US)}


@pytest.mark.parametrize("has_key", [False, True])
def test_every_state_reads_alike_in_the_list_and_on_its_row(
    factory: Factory, has_key: bool
) -> None:
    authorization = factory.make_authorization()
    if has_key:
        give_creators_key(authorization, factory)
    for state, problem, days in product(State, ("", "Refused."), (SHORT, LONG, None)):
        ends_at = days and timezone.now() + dt.timedelta(days=days)
        fields = {"state": state, "problem": problem, "ends_at": ends_at}
        factory.make_post(authorization=authorization, **fields)
    factory.make_post(authorization=authorization, verified_at=timezone.now() - STALE)
    assert listed() == somebody_acts()
    assert 0 < len(listed()) < PostAuthorization.objects.count()


class TestRefused:
    @pytest.fixture
    def refused(self, factory: Factory) -> PostAuthorization:
        return factory.make_post(state=State.FAILED, item_id="", ends_at=None)

    def test_the_manager_enters_another(self, refused: PostAuthorization) -> None:
        assert listed() == {refused.pk}
        assert post_rows.turn_of(rows().get()).act == "Enters another code"

    def test_nobody_does_once_one_is_entered(
        self, refused: PostAuthorization, factory: Factory
    ) -> None:
        authorization = refused.authorization
        factory.make_post(authorization=authorization, state=State.WAITING, item_id="")
        assert listed() == somebody_acts() == set()

    def test_a_code_of_another_post_is_none(
        self, refused: PostAuthorization, factory: Factory
    ) -> None:
        PostAuthorization.objects.update(item_id="1")
        factory.make_post(authorization=refused.authorization, item_id="2")
        assert listed() == somebody_acts() == {refused.pk}

    @pytest.mark.parametrize(
        "over", [{"campaign_ends_on": dt.date(2026, 1, 1)}, {"state": "withdrawing"}]
    )
    def test_nobody_does_where_no_code_is_wanted_any_more(
        self, refused: PostAuthorization, over: dict[str, Any]
    ) -> None:
        SparkAuthorization.objects.update(**over)
        assert listed() == somebody_acts() == set()
