"""A job may be delivered again: what its first run left is what its last leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from django_q.models import OrmQ

from accounts import tasks
from accounts.flows import posts
from accounts.models import (
    Connection,
    Event,
    KeyNotice,
    PostAuthorization,
    RoleGrant,
    SparkAuthorization,
)
from tests.accounts.flows.posted import BY, Desk
from tests.accounts.flows.sparked import Spark
from tests.factory import Factory

pytestmark = pytest.mark.django_db


def left() -> dict[str, Any]:
    """Return all that a job leaves behind, but for what was read and when."""
    told = Event.objects.exclude(action__startswith="vault.")
    rows = (PostAuthorization, SparkAuthorization, RoleGrant, Connection)
    return {
        "states": [list(of.objects.values_list("pk", "state")) for of in rows],
        "story": list(told.order_by("pk").values_list("action", flat=True)),
        "letters": [(letter.to[0], letter.body) for letter in mail.outbox],
        "notices": KeyNotice.objects.count(),
        "jobs": OrmQ.objects.count(),
    }


def delivered_thrice(task: Callable[..., Any], *args: Any) -> dict[str, Any]:
    before = left()
    task(*args)
    first = left()
    assert first != before  # it had something to do
    for _ in range(2):
        task(*args)
        assert left() == first
    return first


def test_a_code_is_bound_once_and_taken_back_once(desk: Desk) -> None:
    post = desk.type_in()
    delivered_thrice(tasks.carry_out_posts, [str(post.pk)])
    assert desk.office.calls["authorize_post"] == 1
    posts.withdraw(post, reason="Over.", by=BY)
    delivered_thrice(tasks.carry_out_posts, [str(post.pk)])
    assert desk.office.calls["unbind_post"] == 1


def test_a_person_is_put_on_a_creators_account_once(sparks: Spark) -> None:
    asked = sparks.ask("posts", members=[sparks.person()])
    sparks.approve()
    delivered_thrice(tasks.carry_out_spark, [str(asked.pk)])
    assert sparks.seen(asked).state == SparkAuthorization.State.ACTIVE
    assert sparks.tiktok.calls("bc/asset/assign/") == 1


def test_a_code_that_ends_is_written_of_once(factory: Factory) -> None:
    mira = factory.make_user(name="Mira Okafor")
    client = factory.make_client()
    factory.make_assignment(client=client, user=mira)
    creator = factory.make_creator(email="aino@creator.example")
    asked = factory.make_authorization(client=client, creator=creator)
    factory.make_post(authorization=asked, ends_at=in_days(5))
    letters = delivered_thrice(tasks.remind_of_codes)["letters"]
    assert {to for to, _ in letters} == {mira.email, "aino@creator.example"}


def test_a_dead_key_is_told_of_once(factory: Factory) -> None:
    client = factory.make_client()
    factory.make_assignment(client=client, user=factory.make_user())
    key = factory.make_connection(
        state=Connection.State.NEEDS_REAUTHORIZATION, problem_at=in_days(-1)
    )
    factory.make_consent(connection=key, client=client)
    delivered_thrice(tasks.notify_of_keys)
    notice = KeyNotice.objects.get()
    letters = delivered_thrice(tasks.tell_of_keys, str(notice.pk))["letters"]
    assert len(letters) == 1


def in_days(days: int) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)
