"""Whoever signs in is whom we asked, or says so; nobody is booked in silence."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import Connection, Consent, SparkAuthorization
from tests.factory import Factory
from tests.onboarding.creator import CreatorPhone
from tests.simulated import run_jobs

State = SparkAuthorization.State
Phones = Callable[..., CreatorPhone]
ALL = ("posts", "profile", "videos")
NAMES = ["user.info.basic", "user.info.username", "user.info.profile"]


def test_another_handle_is_said_and_nothing_is_booked(phone: Phones) -> None:
    aino = phone("nora")
    page = aino.agree_and_back(*ALL)
    assert "as @cucina.di.nora; we asked @aino.outdoors" in page.text
    assert aino.state == State.WAITING
    assert not Consent.objects.exists()


def test_that_is_not_me_ends_the_key_that_came(phone: Phones) -> None:
    aino = phone("nora")
    aino.agree_and_back(*ALL)
    aino.press("not_me")
    run_jobs()
    assert Connection.objects.get().state == Connection.State.REVOKED
    assert "sign in as @aino.outdoors" in aino.look().text
    aino.login = "aino"
    aino.press("again")
    aino.come_back(aino.agree())
    run_jobs()
    assert aino.state == State.ACTIVE


def test_another_handle_is_not_confirmed_by_pressing(phone: Phones) -> None:
    aino = phone("nora")
    aino.agree_and_back(*ALL)
    aino.press("mine")
    assert aino.state == State.WAITING
    assert not Consent.objects.exists()


def test_a_login_of_another_creator_stays_theirs(
    phone: Phones, factory: Factory
) -> None:
    phone().agree_and_back(*ALL)
    other = phone(creator=factory.make_creator(handle=""))
    page = other.agree_and_back(*ALL)
    assert "another creator" in page.text
    other.press("not_me")
    run_jobs()
    assert other.state == State.WAITING
    assert Connection.objects.get().state == Connection.State.LIVE


def test_who_keeps_their_name_says_that_it_is_them(phone: Phones) -> None:
    aino = phone("nora")
    page = aino.agree_and_back(*ALL, withhold=NAMES)
    assert "Is this your account?" in page.text
    assert aino.state == State.WAITING
    aino.press("mine")
    run_jobs()
    assert aino.state == State.ACTIVE
    assert aino.authorization.missing == ["profile"]


def test_a_creator_without_a_handle_here_says_which_it_is(
    phone: Phones, factory: Factory
) -> None:
    aino = phone(creator=factory.make_creator(handle=""))
    assert "as @aino.outdoors" in aino.agree_and_back(*ALL).text
    assert aino.state == State.WAITING
    aino.press("mine")
    run_jobs()
    assert aino.state == State.ACTIVE


def test_for_a_second_client_the_same_yes_holds(phone: Phones) -> None:
    first = phone()
    first.agree_and_back(*ALL)
    second = phone(creator=first.authorization.creator)
    second.agree_and_back("posts")
    assert second.state == State.ACTIVE
    assert Consent.objects.count() == Connection.objects.count() == 1


def test_a_yes_to_what_is_over_is_not_booked(phone: Phones) -> None:
    aino = phone()
    aino.connect(*ALL)
    aino.come_back(aino.agree())
    SparkAuthorization.objects.update(state=State.WITHDRAWN)
    run_jobs()
    assert aino.state == State.WITHDRAWN
    assert not Consent.objects.exists()
    assert aino.look().status_code == 404
