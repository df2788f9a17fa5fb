"""Word about keys: one letter a colleague, each once, and nothing that was mended."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from accounts.flows import key_notices
from accounts.models import (
    Client,
    Connection,
    KeyNotice,
    SparkAuthorization,
    User,
)
from accounts.roles import ACCESS_OWNERS
from accounts.tasks import tell_of_keys
from tests.factory import Factory

State = Connection.State
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def mira(factory: Factory) -> User:
    return factory.make_user(name="Mira Okafor")


@pytest.fixture
def aurora(factory: Factory, mira: User) -> Client:
    client = factory.make_client(name="Aurora Wines")
    factory.make_assignment(client=client, user=mira)
    return client


def dead_key(factory: Factory, client: Client, **fields: Any) -> Connection:
    key = factory.make_connection(
        **{
            "state": State.NEEDS_REAUTHORIZATION,
            "problem": "It must connect again.",
            "problem_at": timezone.now() - HOUR,
            **fields,
        }
    )
    factory.make_consent(connection=key, client=client)
    return key


def sweep_and_send(now: dt.datetime | None = None) -> list[KeyNotice]:
    key_notices.sweep(now or timezone.now())
    notices = list(KeyNotice.objects.filter(sent_at=None))
    for notice in notices:
        tell_of_keys(str(notice.pk))
    return notices


def test_a_key_that_works_is_not_told_of(
    factory: Factory, aurora: Client, mailoutbox: list[Any]
) -> None:
    factory.make_consent(client=aurora)
    assert sweep_and_send() == []
    assert mailoutbox == []


def test_trouble_is_gathered_before_it_is_told(
    factory: Factory, aurora: Client
) -> None:
    """Keys that die together stand in one letter, not in one each."""
    dead_key(factory, aurora, problem_at=timezone.now())
    assert key_notices.sweep(timezone.now()) == 0
    assert key_notices.sweep(timezone.now() + key_notices.GATHER_FOR) == 1


def test_many_dead_keys_are_one_letter(
    factory: Factory, aurora: Client, mira: User, mailoutbox: list[Any]
) -> None:
    for _ in range(30):
        dead_key(factory, aurora)
    sweep_and_send()
    sweep_and_send()
    (letter,) = mailoutbox
    assert letter.to == [mira.email]
    assert letter.subject == "30 keys need a person"
    assert "And 10 more." in letter.body


def test_a_notice_delivered_three_times_is_one_letter(
    factory: Factory, aurora: Client, mailoutbox: list[Any]
) -> None:
    dead_key(factory, aurora)
    (notice,) = sweep_and_send()
    tell_of_keys(str(notice.pk))
    tell_of_keys(str(notice.pk))
    assert len(mailoutbox) == 1


def test_what_was_mended_meanwhile_is_not_told(
    factory: Factory, aurora: Client, mailoutbox: list[Any]
) -> None:
    key = dead_key(factory, aurora)
    key_notices.sweep(timezone.now())
    Connection.objects.filter(pk=key.pk).update(state=State.LIVE, problem="")
    tell_of_keys(str(KeyNotice.objects.get().pk))
    assert mailoutbox == []


def test_our_own_key_and_a_client_nobody_serves_are_the_owners(
    factory: Factory, aurora: Client, mailoutbox: list[Any]
) -> None:
    owner = factory.make_user(role=ACCESS_OWNERS)
    dead_key(factory, factory.make_client())
    sweep_and_send()
    (letter,) = mailoutbox
    assert letter.to == [owner.email]


def test_a_client_whose_campaign_ended_is_told_of_no_key_and_sees_none(
    factory: Factory, aurora: Client, mira: User, mailoutbox: list[Any]
) -> None:
    factory.make_user(role=ACCESS_OWNERS)
    key = dead_key(factory, factory.make_client())
    factory.make_authorization(client=aurora, connection=key)
    assert Connection.objects.visible_to(mira).exists()
    SparkAuthorization.objects.update(state=SparkAuthorization.State.WITHDRAWN)
    sweep_and_send()
    assert mira.email not in [to for one in mailoutbox for to in one.to]
    assert not Connection.objects.visible_to(mira).exists()


def test_an_end_is_told_thirty_fourteen_and_three_days_ahead(
    factory: Factory, aurora: Client, mailoutbox: list[Any]
) -> None:
    now = timezone.now()
    key = factory.make_connection(expires_at=now + dt.timedelta(days=29))
    factory.make_consent(connection=key, client=aurora)
    told = []
    for days in range(29):
        before = len(mailoutbox)
        sweep_and_send(now + dt.timedelta(days=days))
        if len(mailoutbox) > before:
            told.append(29 - days)
    assert told == [29, 14, 3]
    assert "A key needs a person" in mailoutbox[0].subject


def test_the_letters_are_queued_with_the_notice(
    factory: Factory, aurora: Client
) -> None:
    """Ids alone go into the queue: a worker killed at any moment loses no letter."""
    dead_key(factory, aurora)
    key_notices.sweep(timezone.now())
    tasks = [task.task for task in OrmQ.objects.all()]
    notice = KeyNotice.objects.get()
    assert [(task["func"], task["args"]) for task in tasks] == [
        ("accounts.tasks.tell_of_keys", (str(notice.pk),))
    ]
