from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.trail import Actor
from onboarding.flows import links, spark
from onboarding.models import AccessLink, RequestItem, SparkLink
from tests import simulated
from tests.factory import Factory
from tests.onboarding.creator import CreatorPhone
from tests.onboarding.visitor import Visitor
from tests.simulated import Simulated, main_receiver

running = simulated.running
tiktok = simulated.tiktok
owner = simulated.owner
our_side = simulated.our_side


@pytest.fixture
def asked(our_side: Any, factory: Factory) -> Callable[..., RequestItem]:
    """Ask a client for access; `asked(client=…, role=…)` overrides."""

    def ask(**fields: Any) -> RequestItem:
        request_fields = {
            name: fields.pop(name) for name in ("client", "contact") if name in fields
        }
        manager = factory.make_user()
        request = factory.make_request(asked_by=manager, **request_fields)
        receiver = fields.pop("receiver", None) or main_receiver()
        return factory.make_item(request=request, receiver=receiver, **fields)

    return ask


@pytest.fixture
def visitor(
    tiktok: Simulated, asked: Callable[..., RequestItem]
) -> Callable[..., Visitor]:
    """A browser with a fresh link: `visitor("sofia")`, of a new client by default."""

    def make(person: str = "sofia", **fields: Any) -> Visitor:
        item = fields.pop("item", None) or asked(**fields)
        handed = links.hand_out(
            item.request, AccessLink.HandOut.COPY, by=Actor.system()
        )
        return Visitor(tiktok, item, handed.url.split("/")[-2], person)

    return make


@pytest.fixture
def phone(tiktok: Simulated, factory: Factory) -> Callable[..., CreatorPhone]:
    """A phone with a fresh link for @aino.outdoors; `phone("nora")` signs in as her."""

    def make(login: str = "aino", **fields: Any) -> CreatorPhone:
        if "creator" not in fields:
            fields["creator"] = factory.make_creator(
                name="Aino Virta", handle="aino.outdoors", email="aino@example.org"
            )
        words = ["posts", "profile", "videos"]
        asked = factory.make_authorization(**{"asked": words, **fields})
        made = spark.hand_out(asked, SparkLink.HandOut.PAPER, by=Actor.system())
        return CreatorPhone(tiktok, asked, made.url.split("/")[-2], login)

    return make
