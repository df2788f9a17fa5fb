"""Imports point left, in code and in disguise."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from accounts.platforms.registry import platforms
from tests.walks import layers
from tests.walks.layers import Source

ROOT = Path(__file__).resolve().parents[2]
RULES = {
    "apps": layers.apps_out_of_order,
    "names": layers.names_out_of_order,
    "rooms": layers.rooms_out_of_order,
    "trail": layers.trail_imports_too_much,
    "simulator": layers.simulator_imports_too_much,
    "doors": layers.doors_beside_the_one,
    "platforms": partial(layers.platforms_compared, platforms={"tiktok"}),
}


@pytest.fixture(scope="module")
def product() -> list[Source]:
    return layers.sources_under(ROOT)


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        ("apps", "accounts/flows/x.py", "from onboarding.flows import links"),
        ("apps", "onboarding/tasks.py", "import audit"),
        ("apps", "audit/admin/x.py", "def f():\n    from agencyportal import menu"),
        ("names", "accounts/admin/x.py", "reverse('admin:onboarding_ask')"),
        ("names", "accounts/flows/x.py", "async_task('onboarding.tasks.sweep')"),
        ("names", "onboarding/rows.py", "PAGE = 'audit/trail.html'"),
        ("names", "accounts/admin/x.py", "user.has_perm('audit.view_review')"),
        ("rooms", "accounts/models/x.py", "from accounts.flows import grants"),
        ("rooms", "accounts/vault/x.py", "from accounts.models import User"),
        ("rooms", "accounts/platforms/tiktok/x.py", "from ...models import User"),
        ("rooms", "accounts/newroom/x.py", "import json"),
        ("trail", "accounts/trail/x.py", "from accounts.roles import has_role"),
        ("trail", "accounts/trail/x.py", "import allauth.account"),
        ("simulator", "agencyportal/simulator/x.py", "import django"),
        ("simulator", "agencyportal/simulator/x.py", "from accounts import roles"),
        ("simulator", "agencyportal/simulator/x.py", "from agencyportal import menu"),
        ("doors", "accounts/flows/x.py", "import requests"),
        ("doors", "onboarding/flows/x.py", "from requests import get"),
        ("platforms", "onboarding/rows.py", "if key == 'tiktok': pass"),
        ("platforms", "accounts/flows/x.py", "if key in ('tiktok', 'meta'): pass"),
        ("platforms", "accounts/flows/x.py", "match key:\n  case 'tiktok': pass"),
    ],
)
def test_it_finds_a_planted_fault(rule: str, path: str, text: str) -> None:
    assert len(RULES[rule]([Source(path, text)])) == 1


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        ("names", "accounts/trail/x.py", '"""react("a", "onboarding.tasks.x")"""'),
        ("names", "accounts/apps.py", "react('a', 'onboarding.tasks.settled')"),
        ("names", "accounts/apps.py", "add_panel('a', Panel('b', 'audit/c.html'))"),
        ("names", "agencyportal/menu.py", "M = 'admin:accounts_event_changelist'"),
        ("names", "accounts/flows/x.py", "S = 'Onboarding starts here.'"),
        ("names", "accounts/flows/x.py", "S = 'portal@agencyportal.example'"),
        ("doors", "accounts/outbound/door.py", "import requests"),
        ("platforms", "accounts/platforms/x.py", "if key == 'tiktok': pass"),
        ("apps", "onboarding/flows/x.py", "from accounts.trail import record"),
    ],
)
def test_it_leaves_alone_what_is_allowed(rule: str, path: str, text: str) -> None:
    assert RULES[rule]([Source(path, text)]) == []


@pytest.mark.parametrize("rule", RULES)
def test_it_finds_no_fault_in_the_product(rule: str, product: list[Source]) -> None:
    assert RULES[rule](product) == []


def test_it_reads_every_room_of_the_product(product: list[Source]) -> None:
    assert {source.app for source in product} == set(layers.APPS)
    assert {"tiktok"} == set(platforms())
    rooms = {room for row in layers.ACCOUNTS_ROOMS for room in row}
    there = {source.room for source in product if source.app == "accounts"}
    assert rooms == there - {"__init__"}
