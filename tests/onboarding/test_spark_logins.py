"""Whoever signs in is whom we asked, or says so; nobody is booked in silence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.utils import timezone

from accounts.models import Connection, Consent, SparkAuthorization
from accounts.platforms.tiktok.creators import Creators
from accounts.platforms.tiktok.spark_values import CreatorProfile
from accounts.tasks import drop_keys
from tests.base import HttpsClient
from tests.factory import Factory
from tests.onboarding.creator import CreatorPhone
from tests.simulated import run_jobs

pytestmark = pytest.mark.long

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


def test_another_handles_key_is_given_back_at_once(phone: Phones) -> None:
    phone("nora").agree_and_back(*ALL)
    assert Connection.objects.get().state == Connection.State.REVOKED


def test_that_is_not_me_ends_the_key_that_came(phone: Phones) -> None:
    aino = phone("nora")
    aino.agree_and_back(*ALL, withhold=NAMES)
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


def test_a_visit_that_is_refused_leaves_the_key_as_it_was(
    phone: Phones, factory: Factory
) -> None:
    phone().agree_and_back("posts", "profile")
    before = Connection.objects.values().get()
    other = phone(creator=factory.make_creator(handle=""))
    for words in ("profile",), ALL:
        assert "another creator" in other.agree_and_back(*words).text
        assert Connection.objects.values().get() == before


def test_a_name_that_looks_like_a_handle_proves_nothing(
    phone: Phones, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = factory.make_creator(name="@aino.outdoors", handle="aino.outdoors")
    ours = phone("nora", creator=named)
    page = ours.agree_and_back(*ALL, withhold=NAMES)
    assert "Is this your account?" in page.text
    theirs = CreatorProfile(display_name="@aino.outdoors", username="")
    monkeypatch.setattr(Creators, "creator_profile", lambda *_: theirs)
    page = phone("nora", creator=named).agree_and_back(*ALL)
    assert "Is this your account?" in page.text


def test_a_handle_told_on_a_later_trip_counts(phone: Phones) -> None:
    aino = phone("nora")
    aino.agree_and_back(*ALL, withhold=NAMES)
    aino.press("again")
    aino.come_back(aino.agree())
    run_jobs()
    assert "as @cucina.di.nora; we asked @aino.outdoors" in aino.look().text
    aino.press("mine")
    assert aino.state == State.WAITING


def test_who_may_be_anybody_does_not_displace_who_answered(phone: Phones) -> None:
    aino = phone()
    other = replace(aino, login="nora", browser=HttpsClient())
    aino.agree_and_back(*ALL)
    page = other.agree_and_back(*ALL, withhold=NAMES)
    assert "Another account has said yes already" in page.text
    other.press("mine")
    run_jobs()
    assert aino.state == State.ACTIVE
    assert str(Connection.objects.standing().get()) == "@aino.outdoors"


def test_of_two_who_may_be_anybody_the_first_to_confirm_stays(phone: Phones) -> None:
    first = phone("nora")
    second = replace(first, login="aino", browser=HttpsClient())
    for one in first, second:
        one.agree_and_back(*ALL, withhold=NAMES)
    first.press("mine")
    second.press("mine")
    run_jobs()
    assert "Another account has said yes already" in second.look().text
    assert Connection.objects.standing().get().consents.exists()


def test_a_second_login_with_the_handle_replaces_the_first_key(phone: Phones) -> None:
    aino = phone("nora")
    aino.agree_and_back(*ALL, withhold=NAMES)
    aino.press("mine")
    run_jobs()
    owner = replace(aino, login="aino", browser=HttpsClient())
    owner.agree_and_back(*ALL)
    assert aino.state == State.ACTIVE
    drop_keys()
    assert str(Connection.objects.standing().get()) == "@aino.outdoors"
    assert Consent.objects.standing().count() == 1


def test_a_yes_to_a_key_that_has_ended_is_not_booked(phone: Phones) -> None:
    aino = phone("nora")
    aino.agree_and_back(*ALL, withhold=NAMES)
    Connection.objects.update(key_given_at=timezone.now() - dt.timedelta(days=3))
    drop_keys()
    aino.press("mine")
    assert aino.state == State.WAITING
    assert not Consent.objects.exists()
    assert "took a little too long" in aino.look().text


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
    run_jobs()
    first.authorization.refresh_from_db()
    assert first.authorization.missing == []
    assert set(NAMES) < set(Connection.objects.get().scopes)


def test_a_yes_to_what_is_over_is_not_booked(phone: Phones) -> None:
    aino = phone()
    aino.connect(*ALL)
    aino.come_back(aino.agree())
    SparkAuthorization.objects.update(state=State.WITHDRAWN)
    run_jobs()
    assert aino.state == State.WITHDRAWN
    assert not Consent.objects.exists()
    assert aino.look().status_code == 404
