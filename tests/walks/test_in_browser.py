"""Every page of the walk in Chromium: nothing refused, too wide, or grave to axe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.walks.looking import (
    DESK,
    LISTEN,
    Judge,
    faults_of,
    refusals_of,
    too_wide,
)
from tests.walks.tours import Tour
from tests.walks.visiting import open_context, walk_through

pytestmark = [
    pytest.mark.browser,
    pytest.mark.only_on("sqlite"),  # pages look alike on every database
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def window(site: str, tours: list[Tour]) -> Iterator[Page]:
    # Colours that still turn from light to dark have no contrast of their own.
    with open_context(site, viewport=DESK, reduced_motion="reduce") as context:
        context.add_init_script(LISTEN)
        yield context.new_page()


def test_every_page_is_allowed_narrow_and_accessible(
    site: str, tours: list[Tour], window: Page
) -> None:
    faults, opened, judge = [], 0, Judge()
    for tour in tours:
        for url in walk_through(site, tour, window):
            opened += 1
            found = refusals_of(window) + too_wide(window) + judge.faults_of(window)
            faults += [f"{url} {fault}" for fault in found]
    print(f"{opened} pages opened, {judge.judged} had something new for axe")
    assert not faults, "\n".join(faults)
    assert opened > 120


def test_a_planted_fault_is_noticed(site: str, tours: list[Tour], window: Page) -> None:
    window.goto(f"{site}/accounts/login/")
    window.evaluate(
        "() => { const box = document.createElement('div');"
        " box.setAttribute('style', 'color: red'); box.className = 'wide';"
        " document.body.append(box); const sheet = new CSSStyleSheet();"
        " sheet.replaceSync('.wide { width: 900px; height: 9px }');"
        " document.adoptedStyleSheets = [sheet]; }"
    )
    assert refusals_of(window) != []
    assert too_wide(window) == ["is wider than 320", "is wider than 390"]


def test_axe_notices_a_planted_fault(
    site: str, tours: list[Tour], window: Page
) -> None:
    window.goto(f"{site}/accounts/login/")
    assert faults_of(window) == []
    window.evaluate("document.querySelectorAll('label').forEach(it => it.remove())")
    assert any("label" in fault for fault in faults_of(window))
