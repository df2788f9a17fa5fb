"""What is looked for on a page in the browser: refusals, width, and axe's verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

DESK = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 844}
NARROWEST = {"width": 320, "height": 640}
LISTEN = """
window.refused = [];
addEventListener("securitypolicyviolation", event => window.refused.push(
    event.effectiveDirective + " " + event.blockedURI + " " + event.sample));
"""
TOO_WIDE = "document.documentElement.scrollWidth > window.innerWidth"
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


def refusals_of(page: Page) -> list[str]:
    """Return what the policy refused since the page was opened."""
    return [f"refuses {what}" for what in page.evaluate("refused")]


def too_wide(page: Page) -> list[str]:
    """Return the widths at which the page has to be scrolled sideways."""
    found = []
    for size in (NARROWEST, PHONE):
        page.set_viewport_size(size)
        if page.evaluate(TOO_WIDE):
            found.append(f"is wider than {size['width']}")
    page.set_viewport_size(DESK)
    return found


def faults_of(page: Page, options: dict[str, Any] = EVERYTHING) -> list[str]:
    """Return what axe calls grave, each with the first element it is about."""
    response: dict[str, Any] = Axe().run(page, options=options).response
    return [
        f"{found['impact']} {found['id']}: {found['nodes'][0]['html'][:160]}"
        for found in response["violations"]
        if found["impact"] in GRAVE
    ]


@dataclass
class Judge:
    """Lets axe judge the pages that have something new, light and dark.

    A page that has only what stood at the same place on pages before was judged there.
    """

    judged: int = 0
    _seen: set[str] = field(default_factory=set)

    def faults_of(self, page: Page) -> list[str]:
        places = set(page.evaluate(PLACES))
        if places <= self._seen:
            return []
        self._seen |= places
        self.judged += 1
        faults = faults_of(page)
        page.emulate_media(color_scheme="dark")
        faults += [f"dark: {fault}" for fault in faults_of(page, CONTRAST)]
        page.emulate_media(color_scheme="light")
        return faults
