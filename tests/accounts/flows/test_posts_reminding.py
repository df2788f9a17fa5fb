"""Letters about codes that end: who gets them, when, and never twice."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.flows import posts_reminding
from accounts.letters import LetterRefused, LetterUnsure
from accounts.models import Client, PostAuthorization, SparkAuthorization, User
from tests.factory import Factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_(factory: Factory) -> Client:
    return factory.make_client(name="Halden Outdoor")


@pytest.fixture
def manager(factory: Factory, client_: Client) -> User:
    return factory.make_user(name="Mira Okafor", serves=client_)


@pytest.fixture
def authorization(
    factory: Factory, client_: Client, manager: User
) -> SparkAuthorization:
    creator = factory.make_creator(name="Aino Virta", email="aino@creator.example")
    return factory.make_authorization(
        client=client_, creator=creator, campaign="Fjell launch"
    )


@pytest.fixture
def ending(factory: Factory, authorization: SparkAuthorization) -> Any:
    """Make a post whose code ends in so many days."""

    def make(days: int, **fields: Any) -> PostAuthorization:
        ends_at = timezone.now() + dt.timedelta(days=days)
        fields = {"authorization": authorization, "ends_at": ends_at, **fields}
        return factory.make_post(**fields)

    return make


def told() -> list[str]:
    """Return who was written to since last asked."""
    found = [letter.to[0] for letter in mail.outbox]
    mail.outbox.clear()
    return found


def later(days: int) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


@pytest.mark.parametrize(
    "state", ["waiting", "ended", "failed", "withdrawing", "withdrawn"]
)
def test_what_does_not_run_is_not_told_of(ending: Any, state: str) -> None:
    ending(5, state=state)
    assert posts_reminding.send_due(timezone.now()) == 0


def test_fifteen_days_before_is_too_early(ending: Any) -> None:
    ending(15)
    assert posts_reminding.send_due(timezone.now()) == 0


def test_nobody_hears_of_a_code_once_its_campaign_is_over(
    ending: Any, authorization: SparkAuthorization
) -> None:
    ending(5)
    SparkAuthorization.objects.update(
        campaign_ends_on=timezone.localdate() - dt.timedelta(days=2)
    )
    assert posts_reminding.send_due(timezone.now()) == 0


def test_both_are_told_14_7_and_1_days_before_and_never_twice(
    ending: Any, manager: User
) -> None:
    ending(16)
    mornings = {}
    for day in range(16):
        posts_reminding.send_due(later(day))
        posts_reminding.send_due(later(day))  # a task may run twice
        if letters := told():
            mornings[16 - day] = letters
    both = [manager.email, "aino@creator.example"]
    assert mornings == {14: both, 7: both, 1: both}


def test_one_letter_names_all_that_end(ending: Any, manager: User) -> None:
    ending(14, title="Fjell jacket")
    ending(6, title="Three layers")
    posts_reminding.send_due(timezone.now())
    ours, theirs = mail.outbox
    assert ours.subject == "2 codes of posts end soon"
    for letter in (ours, theirs):
        assert "Fjell jacket" in letter.body
        assert "Three layers" in letter.body
        assert "k3Q=" not in letter.body
    assert "Aino Virta chooses 365 days for this post." in ours.body
    assert "The campaign Fjell launch goes on to" in theirs.body
    assert "Hello Aino," in theirs.body


def test_a_creator_without_an_address_gets_none(ending: Any, manager: User) -> None:
    post = ending(5)
    creator = post.authorization.creator
    creator.email = ""
    creator.save()
    posts_reminding.send_due(timezone.now())
    assert told() == [manager.email]


def test_a_deputy_reads_it_while_the_manager_is_away(
    ending: Any, manager: User, client_: Client, factory: Factory
) -> None:
    deputy = factory.make_user()
    factory.make_assignment(client=client_, user=deputy, role="deputy")
    User.objects.filter(pk=manager.pk).update(
        away_until=timezone.localdate() + dt.timedelta(days=3)
    )
    ending(5)
    posts_reminding.send_due(timezone.now())
    assert told()[0] == deputy.email


class TestTheLetterDoesNotLeave:
    @pytest.fixture(autouse=True)
    def _post(self, ending: Any) -> None:
        ending(5)

    def test_a_refused_one_is_tried_the_next_morning(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._fail(monkeypatch, LetterRefused("The server is down."))
        assert posts_reminding.send_due(later(1)) == 2

    def test_one_that_perhaps_left_is_not_sent_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._fail(monkeypatch, LetterUnsure("The line broke."))
        assert posts_reminding.send_due(later(1)) == 0

    def test_a_worker_killed_on_the_way_sends_none_twice(
        self, monkeypatch: pytest.MonkeyPatch, manager: User
    ) -> None:
        class Killed(BaseException):
            pass

        self._fail(monkeypatch, Killed(), Killed)
        posts_reminding.send_due(timezone.now())
        assert told() == ["aino@creator.example"]  # the other one's is a claim apart

    def _fail(
        self,
        monkeypatch: pytest.MonkeyPatch,
        error: BaseException,
        raised: type[BaseException] = LetterRefused,
    ) -> None:
        def refuse(*args: Any, **kwargs: Any) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(posts_reminding, "send_letter", refuse)
            with pytest.raises(raised):
                posts_reminding.send_due(timezone.now())
