"""Who asks Halden for access, by which method, and the website it happens on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Connection, User
from accounts.platforms.roles import Role
from onboarding.flows import requests
from onboarding.models import RequestItem
from tests.factory import Factory
from tests.onboarding.methods.asking import NORDICS, Ask
from tests.simulated import Simulated, main_receiver

Method = RequestItem.Method


@pytest.fixture
def manager(factory: Factory) -> User:
    return factory.make_user(name="Mira Okafor")


@pytest.fixture
def ask(our_side: Connection, factory: Factory, manager: User) -> Ask:
    """Ask Halden for access to its Nordics account, by Method A unless told."""

    def ask_it(method: str = Method.METHOD_A, **fields: Any) -> RequestItem:
        contact = factory.make_contact(client=factory.make_client(name="Halden"))
        wish = {
            "contact": contact,
            "platform": "tiktok",
            "receiver": main_receiver(),
            "role": Role.OPERATOR,
            "closes_at": timezone.now() + dt.timedelta(days=7),
            "account_ids": [NORDICS],
            "method": Method(method),
        }
        wished = requests.Wish(**wish | fields)
        return requests.ask(contact.client, wished, user=manager)

    return ask_it


@pytest.fixture
def site(tiktok: Simulated) -> Callable[..., None]:
    """What people press on the website: site("approve"), site("ask", role=…)."""

    def press(verb: str, account_id: str = NORDICS, role: str = "OPERATOR") -> None:
        ids = {"bc_id": tiktok.center("Northlight Agency"), "asset_id": account_id}
        if verb == "ask":
            tiktok.control("access", **ids, advertiser_role=role)
        else:
            tiktok.control(f"access/{verb}", **ids)

    return press
