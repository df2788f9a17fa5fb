"""Whatever is on a page under axe, light and dark: nothing serious, nothing critical.

A page that has only what stood at the same place on pages before it was judged there.

axe evaluates its own script in the page, which our policy would refuse: this one
context bypasses the policy, which test_in_browser.py proves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.walks.tours import Tour
from tests.walks.visiting import open_context, walk_through

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.only_on("sqlite"),  # pages look alike on every database
    pytest.mark.django_db(transaction=True),
]

DESK = {"width": 1400, "height": 900}
GRAVE = {"serious", "critical"}
# Only rules about sounds and turned phones would fetch every sheet once more.
EVERYTHING = {"preload": False}
# What another colour scheme can change.
CONTRAST = {**EVERYTHING, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
# Every kind of element with the kinds it lies in; what it says does not matter, but
# that it says something does.
PLACES = """() => {
    const kind = it => [it.tagName, ...[...it.classList].sort(), it.type ?? "",
        ...it.getAttributeNames().sort(), Boolean(it.textContent.trim())].join(" ");
    const places = (it, above) => [`${above} > ${kind(it)}`].flatMap(here =>
        [here, ...[...it.children].flatMap(child => places(child, here))]);
    return [...new Set(places(document.body, ""))];
}"""


@pytest.fixture
def window(site: str, tours: list[Tour]) -> Iterator[Page]:
    # Colours that still turn from light to dark have no contrast of their own.
    options = {"viewport": DESK, "reduced_motion": "reduce", "bypass_csp": True}
    with open_context(site, **options) as context:
        yield context.new_page()


def faults_of(page: Page, options: dict[str, Any] = EVERYTHING) -> list[str]:
    """Return what axe calls grave, each with the first element it is about."""
    response: dict[str, Any] = Axe().run(page, options=options).response
    return [
        f"{found['impact']} {found['id']}: {found['nodes'][0]['html'][:160]}"
        for found in response["violations"]
        if found["impact"] in GRAVE
    ]


def test_axe_finds_nothing_grave(site: str, tours: list[Tour], window: Page) -> None:
    faults, opened, judged = [], 0, 0
    seen: set[str] = set()
    for tour in tours:
        for url in walk_through(site, tour, window):
            opened += 1
            places = set(window.evaluate(PLACES))
            if places <= seen:
                continue
            seen |= places
            judged += 1
            faults += [f"{url}: {it}" for it in faults_of(window)]
            window.emulate_media(color_scheme="dark")
            faults += [f"{url}, dark: {it}" for it in faults_of(window, CONTRAST)]
            window.emulate_media(color_scheme="light")
    print(f"{judged} of {opened} pages had something new; each light and dark")
    assert not faults, "\n".join(faults)


def test_axe_notices_a_planted_fault(
    site: str, tours: list[Tour], window: Page
) -> None:
    window.goto(f"{site}/accounts/login/")
    assert faults_of(window) == []
    window.evaluate("document.querySelectorAll('label').forEach(it => it.remove())")
    assert any("label" in fault for fault in faults_of(window))
