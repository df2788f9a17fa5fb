from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import Event
from accounts.signin.backend import StaffBackend
from tests.accounts.signin.people import (
    PASSWORD,
    is_in,
    make_user,
    sign_in,
    type_password,
)

pytestmark = pytest.mark.django_db
YESTERDAY = dt.timedelta(days=-1)


def end_yesterday(user):
    user.expires_on = user.today + YESTERDAY
    user.save()


def test_it_refuses_an_expired_colleague_at_the_door(client):
    user = make_user()
    end_yesterday(user)
    assert type_password(client, user).url == reverse("account_inactive")
    assert "_auth_user_id" not in client.session
    assert Event.objects.filter(action="signin.failed").exists()


def test_it_refuses_a_colleague_who_is_switched_off(client):
    user = make_user(is_active=False)
    assert type_password(client, user).url == reverse("account_inactive")


def test_it_refuses_an_expired_colleague_outside_allauth_too(rf):
    user = make_user()
    end_yesterday(user)
    backend = StaffBackend()
    assert (
        backend.authenticate(rf.post("/"), email=user.email, password=PASSWORD) is None
    )
    assert backend.get_user(user.pk) is None


def test_it_ends_an_open_session_the_day_after_the_last_day(client):
    user = make_user()
    sign_in(client, user)
    end_yesterday(user)
    client.get("/brand-new/")
    assert "_auth_user_id" not in client.session
    assert Event.objects.filter(action="user.expired").count() == 1


def test_it_does_not_bring_an_ended_session_back_to_life(client):
    user = make_user()
    sign_in(client, user)
    end_yesterday(user)
    client.get("/brand-new/")
    user.expires_on = None
    user.save()
    client.get("/brand-new/")
    assert "_auth_user_id" not in client.session


def test_it_lets_the_last_day_be_worked(client):
    user = make_user()
    user.expires_on = user.today
    user.save()
    sign_in(client, user)
    assert is_in(client)


def test_it_counts_the_last_day_by_the_colleagues_own_clock(monkeypatch):
    evening = dt.datetime(2026, 11, 22, 23, 30, tzinfo=dt.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: evening)
    last = dt.date(2026, 11, 22)
    assert make_user("a@x.example", expires_on=last, time_zone="Asia/Tokyo").has_expired
    assert not make_user(
        "b@x.example", expires_on=last, time_zone="America/Lima"
    ).has_expired
