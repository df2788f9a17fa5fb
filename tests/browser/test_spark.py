"""A creator's minute: the card's code on a phone, a yes in part, and it is active."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from accounts.qr import qr_code
from tests.browser.people import Guest, Staff
from tests.browser.town import Town

pytestmark = pytest.mark.browser

DRAWN = re.compile(r'<path d="([^"]+)"')


def prints_card(staff: Staff, creator: str) -> str:
    """Make a card for the creator; return the address its code leads to."""
    staff.open("/admin/accounts/sparkauthorization/")
    staff.page.get_by_role("link", name=creator).first.click()
    staff.arrives(creator)
    staff.press("Hand out the link", role="link")
    staff.press("Make a card to print")
    staff.arrives(f"Hand out to {creator}")
    url = staff.page.locator("#link-field").input_value()
    drawn = staff.page.locator(".papercard .code path").first.get_attribute("d")
    assert DRAWN.findall(qr_code(url)) == [drawn]
    return url


def goes_to_tiktok(guest: Guest, *words: str) -> None:
    guest.ticks(*words)
    guest.goes_to_tiktok()


def answers(guest: Guest, creator: str, *, withholding: str = "") -> None:
    """Say yes as this creator, but for one scope."""
    guest.page.locator(f"#creator-{creator}").check()
    if withholding:
        guest.page.locator(f"[id='scope-{withholding}']").uncheck()
    guest.page.get_by_role("button", name="Allow").click()
    guest.page.wait_for_url(f"{guest.stage.web_url}/**")


def test_a_creator_consents_in_part_and_becomes_active(
    staff: Staff, guest: Guest, town: Town
) -> None:
    guest.open(prints_card(staff, "@aino.outdoors"))
    guest.arrives("Hello Aino. May we use your posts in ads?")
    goes_to_tiktok(guest, "Use posts", "See your profile", "See your public videos")
    answers(guest, "nora")
    guest.arrives("Is this the right account?")
    guest.sees("as @cucina.di.nora; we asked @aino.outdoors")
    guest.press("That is not me")
    guest.arrives("Another account signs in")

    guest.press("Start again")
    guest.page.wait_for_url(f"{guest.stage.simulator_url}/**")
    answers(guest, "aino", withholding="video.list")
    guest.arrives("Thank you, Aino. It arrived.")
    expect(guest.row("See your public videos")).to_contain_text("Not allowed")
    expect(guest.row("Use posts")).to_contain_text("Allowed")
    expect(guest.page.locator("[aria-current=step]")).to_contain_text("In part")

    staff.open("/admin/accounts/sparkauthorization/")
    staff.page.get_by_role("link", name="@aino.outdoors").first.click()
    staff.sees("Public videos", "Answered, today")


def test_it_works_without_a_script(staff: Staff, town: Town) -> None:
    guest = town.guest(has_script=False)
    guest.open(prints_card(staff, "@aino.outdoors"))
    goes_to_tiktok(guest, "Use posts", "See your profile")
    answers(guest, "aino")
    guest.arrives("Thank you, Aino. It arrived.")
