"""Every page of the walk in Chromium: the policy refuses nothing, nothing runs over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Page, sync_playwright

from accounts.public import browser
from tests.base import find_chromium
from tests.factory import Factory
from tests.walks.addresses import addresses
from tests.walks.expected import GROUPS
from tests.walks.world import VISITOR, World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LISTEN = """
window.refused = [];
addEventListener("securitypolicyviolation", event => window.refused.push(
    event.effectiveDirective + " " + event.blockedURI + " " + event.sample));
"""
TOO_WIDE = "document.documentElement.scrollWidth > window.innerWidth"


@dataclass(frozen=True)
class Tour:
    """What one person opens, and the cookie that makes them this person."""

    cookie: tuple[str, str]
    urls: list[str]


@pytest.fixture
def site(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The live server speaks http, where a browser takes no __Host- cookie."""
    monkeypatch.setattr(browser, "COOKIE", "portal_browser")
    return live_server.url


@pytest.fixture
def tours(site: str, factory: Factory) -> list[Tour]:
    """Books first, browser later: Playwright's thread may not touch the database."""
    world = make_world(factory)
    staff = world.browser("access owner").cookies[settings.SESSION_COOKIE_NAME]
    visitor = world.browser(VISITOR).cookies[browser.COOKIE]
    return [
        Tour((staff.key, staff.value), pages(world, "access owner")),
        Tour((visitor.key, visitor.value), pages(world, VISITOR)),
    ]


def pages(world: World, role: str) -> list[str]:
    """Return the addresses that show `role` a page; of refusals one of each kind."""
    shown: dict[str, str] = {}
    for address in addresses(world):
        answers = GROUPS[address.group].of(
            role, sees=world.sees(role, world.a), of_side=address.of_side
        )
        url = address.url(world.a, world)
        if answers == {200}:
            shown[url] = url
        elif answers & {403, 404, 410}:
            shown.setdefault(address.group, url)
    return list(shown.values())


@pytest.fixture
def phone(site: str, tours: list[Tour]) -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=SWITCHES
        )
        context = chromium.new_context(viewport=PHONE)
        context.set_default_timeout(10_000)
        context.add_init_script(LISTEN)
        host = urlsplit(site).netloc
        context.route(  # 204: the hop page stays, and nothing leaves this machine
            lambda url: urlsplit(url).netloc != host,
            lambda route: route.fulfill(status=204),
        )
        yield context.new_page()
        chromium.close()


def test_the_policy_refuses_nothing_and_nothing_runs_over(
    site: str, tours: list[Tour], phone: Page
) -> None:
    faults, opened = [], 0
    for tour in tours:
        phone.context.clear_cookies()
        name, value = tour.cookie
        phone.context.add_cookies([{"name": name, "value": value, "url": site}])
        for url in tour.urls:
            response = phone.goto(site + url, wait_until="load")
            if response is None or "text/html" not in response.headers["content-type"]:
                continue
            opened += 1
            faults += [f"{url} refuses {what}" for what in phone.evaluate("refused")]
            if phone.evaluate(TOO_WIDE):
                faults.append(f"{url} is wider than a phone")
    assert faults == []
    assert opened > 40


def test_a_planted_fault_is_noticed(site: str, tours: list[Tour], phone: Page) -> None:
    phone.goto(f"{site}/accounts/login/")
    phone.evaluate(
        "() => { const box = document.createElement('div');"
        " box.setAttribute('style', 'color: red'); box.className = 'wide';"
        " document.body.append(box); const sheet = new CSSStyleSheet();"
        " sheet.replaceSync('.wide { width: 900px; height: 9px }');"
        " document.adoptedStyleSheets = [sheet]; }"
    )
    assert phone.evaluate("refused") != []
    assert phone.evaluate(TOO_WIDE)
