from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client, Contact, Grantee, Reach, User
from onboarding.models import AccessRequest
from tests.accounts.admin import conftest as desks
from tests.base import HttpsClient
from tests.factory import Factory

aurora = desks.aurora
mira = desks.mira
priya = desks.priya
noa = desks.noa
desk = desks.desk


@pytest.fixture
def sofia(factory: Factory, aurora: Client) -> Contact:
    """Who decides at Aurora Wines."""
    return factory.make_contact(
        client=aurora, name="Sofia Marin", email="sofia@aurora.example"
    )


@pytest.fixture
def receiver(factory: Factory, priya: User) -> Grantee:
    """Our Business Center, with a key that reads it."""
    center = factory.make_center(name="Northlight Main")
    key = factory.make_consent(user=priya).connection
    Reach.objects.create(connection=key, asset=center, can_grant=True)
    return factory.make_receiver(center=center)


@pytest.fixture
def form(sofia: Contact, receiver: Grantee) -> Callable[..., dict[str, str]]:
    """The form as the page offers it; keywords override."""
    today = timezone.localdate()

    def fill(**changes: str) -> dict[str, str]:
        return {
            "platform": "tiktok",
            "method": "link",
            "role": "operator",
            "contact": str(sofia.pk),
            "receiver": str(receiver.pk),
            "accounts": "",
            "message": "",
            "closes_on": str(today + dt.timedelta(days=7)),
            "remind_after": "2, 4, 6",
            "keep_token": "keep",
            "reason": "",
            "ends_on": "",
            **changes,
        }

    return fill


@pytest.fixture
def ask(
    desk: HttpsClient, aurora: Client, form: Callable[..., dict[str, str]]
) -> Callable[..., Any]:
    """Mira asks Aurora Wines for access; returns the answer."""
    url = reverse("admin:onboarding_ask", args=[aurora.pk])
    return lambda **changes: desk.post(url, form(**changes))


@pytest.fixture
def ask_for_admin(ask: Callable[..., Any]) -> Callable[[], AccessRequest]:
    def asked() -> AccessRequest:
        until = timezone.localdate() + dt.timedelta(days=30)
        answer = ask(role="admin", reason="Billing moves", ends_on=str(until))
        assert answer.status_code == 302
        return AccessRequest.objects.get()

    return asked
