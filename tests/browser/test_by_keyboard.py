"""The client's journey and a colleague's request, by keyboard alone."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.browser.cast import BY_KEYBOARD, TYPED, TYPIST
from tests.browser.people import Guest, Staff
from tests.browser.stage import Stage
from tests.browser.town import Town

pytestmark = [
    pytest.mark.browser,
    pytest.mark.only_on("sqlite"),  # pages work alike on every database
]

MOST_TABS = 80
TOTP_SECONDS = 30
FOCUS = """() => {
  const it = document.activeElement;
  if (it === document.body) return { said: "", ring: false };
  const look = [getComputedStyle(it), getComputedStyle(it, "::after")];
  const row = it.closest("label") ?? it;
  const label = it.labels?.[0]?.innerText ?? "";
  return {
    said: row.innerText.trim() || it.value || label,
    ring: [...look, getComputedStyle(row)].some((one) => one.outlineStyle !== "none"),
  };
}"""


def test_a_client_gives_access(staff: Staff, guest: Guest, stage: Stage) -> None:
    page = guest.page
    guest.open(staff.asks(BY_KEYBOARD.client))
    guest.arrives("This takes about five minutes")
    enter(page, "Connect TikTok")
    page.wait_for_url(f"{stage.simulator_url}/**")
    sign_in_at_tiktok(page)
    page.wait_for_url(f"{stage.web_url}/**")

    guest.arrives("Which TikTok accounts may we use?")
    tab_to(page, BY_KEYBOARD.account)
    page.keyboard.press("Space")
    enter(page, "Share the ticked accounts")
    guest.arrives("Done. One account arrived.")


def test_a_colleague_signs_in_and_asks_for_access(town: Town) -> None:
    typist = town.at_the_door()
    page = typist.page
    typist.open("/accounts/login/")
    type_into(page, "Work e-mail", TYPIST.email)
    type_into(page, "Password", TYPIST.password)
    enter(page, "Continue to the second step")
    typist.arrives("Second step")
    type_into(page, "Six digits", code_of(TYPIST.secret))
    enter(page, "^Sign in$")
    page.wait_for_url("**/admin/")

    enter(page, "Ask a client for access")
    typist.arrives("Clients")
    enter(page, TYPED.client)
    typist.arrives(TYPED.client)
    enter(page, "Ask for access")
    typist.arrives(f"Ask {TYPED.client} for access")
    enter(page, "Make the request")
    typist.arrives("Hand out the link")
    enter(page, "^Copy$")
    expect(page.locator("[data-copy]")).to_have_text("Copied")


def enter(page: Page, words: str) -> None:
    tab_to(page, words)
    page.keyboard.press("Enter")


def type_into(page: Page, label: str, text: str) -> None:
    tab_to(page, label)
    page.keyboard.type(text)


def code_of(secret: str) -> str:
    """Return the six digits the colleague's app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // TOTP_SECONDS))


def sign_in_at_tiktok(page: Page) -> None:
    """TikTok's page has one group of radios, which the arrows walk."""
    tab_to(page, "^sofia$", has_ring=False)
    person = page.locator(f"#person-{BY_KEYBOARD.person}")
    for _ in range(MOST_TABS):
        page.keyboard.press("ArrowDown")
        if person.is_checked():
            break
    tab_to(page, "Authorize", has_ring=False)
    page.keyboard.press("Enter")


def tab_to(page: Page, words: str, *, has_ring: bool = True) -> None:
    """Press Tab until the thing with these words is reached, and seen to be."""
    seen = []
    for _ in range(MOST_TABS):
        focus = page.evaluate(FOCUS)
        seen.append(focus["said"])
        if re.search(words, focus["said"]):
            assert focus["ring"] or not has_ring, f"Nothing shows the focus on {words}"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {words}: {seen}")
