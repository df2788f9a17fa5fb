"""Every page of the walk in Chromium: the policy refuses nothing, nothing runs over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.walks.tours import Tour
from tests.walks.visiting import open_context, walk_through

pytestmark = [
    pytest.mark.browser,
    pytest.mark.only_on("sqlite"),  # pages look alike on every database
    pytest.mark.django_db(transaction=True),
]

PHONE = {"width": 390, "height": 844}
NARROWEST = {"width": 320, "height": 640}
LISTEN = """
window.refused = [];
addEventListener("securitypolicyviolation", event => window.refused.push(
    event.effectiveDirective + " " + event.blockedURI + " " + event.sample));
"""
TOO_WIDE = "document.documentElement.scrollWidth > window.innerWidth"


@pytest.fixture
def phone(site: str, tours: list[Tour]) -> Iterator[Page]:
    with open_context(site, viewport=PHONE) as context:
        context.add_init_script(LISTEN)
        yield context.new_page()


def test_the_policy_refuses_nothing_and_nothing_runs_over(
    site: str, tours: list[Tour], phone: Page
) -> None:
    faults, opened = [], 0
    for tour in tours:
        for url in walk_through(site, tour, phone):
            opened += 1
            faults += [f"{url} refuses {what}" for what in phone.evaluate("refused")]
            faults += [f"{url} is wider than {width}" for width in too_wide(phone)]
    print(f"{opened} pages opened")
    assert faults == []
    assert opened > 120


def too_wide(phone: Page) -> list[int]:
    """Return the widths at which the page has to be scrolled sideways."""
    found = []
    for size in (NARROWEST, PHONE):
        phone.set_viewport_size(size)
        if phone.evaluate(TOO_WIDE):
            found.append(size["width"])
    return found


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
    assert too_wide(phone) == [320, 390]
