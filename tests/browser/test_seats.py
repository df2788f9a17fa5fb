"""Who sits in our center: invited by us, accepted on TikTok's page, taken out again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import Staff
from tests.browser.town import Town

pytestmark = pytest.mark.browser

NAME, EMAIL = "Nora Vik", "nora.vik@northlight.example"
CENTER = "Northlight Agency"


@pytest.fixture
def owner(town: Town) -> Staff:
    """Priya, access owner."""
    return town.staff("Priya Raman")


def opens_center(owner: Staff) -> None:
    owner.open("/admin/accounts/businesscenter/")
    owner.page.get_by_role("link", name=CENTER, exact=True).first.click()
    owner.arrives(CENTER)


def row_of(owner: Staff, name: str) -> Locator:
    return owner.page.locator(".seats > li", has_text=name).first


def becomes(owner: Staff, word: str) -> None:
    """Look again until the row says so: a job does it meanwhile."""

    def says() -> bool:
        opens_center(owner)
        return word in row_of(owner, NAME).inner_text()

    for _ in range(40):
        if says():
            return
        owner.page.wait_for_timeout(250)
    expect(row_of(owner, NAME)).to_contain_text(word)


def test_a_member_is_invited_accepts_and_is_taken_out(owner: Staff, town: Town) -> None:
    opens_center(owner)
    owner.press("Invite a member", role="link")
    owner.arrives("Invite to " + CENTER)
    owner.page.get_by_label("Name", exact=True).fill("Everybody")
    owner.page.get_by_label("E-mail").fill("ads@northlight.example")
    owner.page.get_by_label("In one sentence").fill("Joins the team")
    owner.press("See what happens")
    owner.sees("shared mailbox")
    owner.page.get_by_label("Name", exact=True).fill(NAME)
    owner.page.get_by_label("E-mail").fill(EMAIL)
    owner.press("See what happens")
    owner.arrives("Send the invitation?")
    owner.press("Send the invitation")
    becomes(owner, "Invited")

    invited = town.guest()
    invited.open(f"{town.stage.simulator_url}/bc/{town.stage.center(CENTER)}/")
    invited.page.locator(".card", has_text=EMAIL).get_by_role(
        "button", name="Accept the seat"
    ).click()

    row_of(owner, NAME).get_by_role("link", name=NAME, exact=True).click()
    owner.press("Read back now")
    owner.sees("Read back just now", "Standard")
    opens_center(owner)
    expect(row_of(owner, NAME)).to_contain_text("Active")

    row_of(owner, NAME).get_by_role("link", name=re.compile("^Remove")).click()
    owner.arrives(f"Take {NAME} out of {CENTER}?")
    owner.page.get_by_label("Why").fill("Left the team")
    owner.press("Take them out")
    for _ in range(40):
        opens_center(owner)
        if not row_of(owner, NAME).count():
            break
        owner.page.wait_for_timeout(250)
    expect(row_of(owner, NAME)).to_have_count(0)
