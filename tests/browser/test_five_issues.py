"""The guide's five issues in Chromium: from what causes each to where it is over."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.cast import LESSER, LINKED, TRYING, UNHEARD, Extra
from tests.browser.people import PATIENCE_MS, Guest, Staff
from tests.browser.stage import Stage
from tests.browser.town import Town

pytestmark = [
    pytest.mark.browser,
    pytest.mark.only_on("sqlite"),  # pages work alike on every database
]

OURS = "Northlight Agency"
DAYS_AGO = (sys.executable, "-m", "tests.browser.ago")


def on_the_website(stage: Stage, guest: Guest, extra: Extra, **said: Any) -> None:
    """Do as the client's admin does in their own Business Center."""
    account = next(a for a in stage.look("accounts") if a["name"] == extra.account)
    told = {
        "asset_id": account["advertiser_id"],
        "receiver": stage.center(OURS),
        "role": "OPERATOR",
        **said,
    }
    url = f"{stage.simulator_url}/bc/{account['owner_bc_id']}/"
    assert guest.context.request.post(url, form=told).ok


def gives(staff: Staff, guest: Guest, extra: Extra) -> None:
    guest.open(staff.asks(extra.client))
    guest.consents(extra.person)
    guest.shares(extra.account)


def hands_out(staff: Staff, extra: Extra) -> str:
    """Copy a fresh link of the request that is open."""
    staff.opens_client(extra.client)
    staff.page.get_by_role("link", name="Operator on TikTok").first.click()
    staff.press("Hand out a link", role="link")
    staff.press("Make a link to copy")
    return staff.copies_link()


def card(staff: Staff, title: str) -> Any:
    return staff.page.get_by_role("region", name=title)


def test_linked_elsewhere_is_linked_to_us_too(
    staff: Staff, guest: Guest, town: Town, stage: Stage
) -> None:
    other = stage.center("Northlight Nordic")
    on_the_website(stage, guest, LINKED, decision="share", receiver=other)
    stage.control("switches", linked_elsewhere="refuse")
    gives(staff, guest, LINKED)
    guest.arrives("Thank you. Your part is done for now.")
    guest.sees("It did not go through. Your contact here looks at it.")
    staff.opens_client(LINKED.client)
    found = card(staff, f"{LINKED.account}: Linked to another Business Center")
    expect(found).to_contain_text("choose Link to Business Center")
    expect(found).to_contain_text(stage.center(OURS))
    found.get_by_text("Letter to Ola Oak").click()
    found.get_by_role("button", name="Copy the letter").click()
    letter = staff.page.evaluate("navigator.clipboard.readText()")
    assert letter.startswith("Hello Ola,")

    on_the_website(stage, guest, LINKED, decision="share")
    again = town.guest()
    again.open(hands_out(staff, LINKED))
    again.consents(LINKED.person)
    again.shares(LINKED.account)
    arrived = again.page.get_by_text("and hold Operator.")
    expect(arrived).to_be_visible(timeout=PATIENCE_MS)
    stage.control("switches", linked_elsewhere="share")
    staff.opens_client(LINKED.client)
    expect(found).to_have_count(0)


def test_what_was_not_received_is_turned_round(
    staff: Staff, guest: Guest, stage: Stage
) -> None:
    staff.asks(UNHEARD.client)
    staff.opens_client(UNHEARD.client)
    expect(card(staff, "Perhaps not received")).to_have_count(0)
    stage.supervisor.run(
        "ago", (sys.executable, "-m", "tests.browser.ago", UNHEARD.client)
    )
    staff.page.reload()
    found = card(staff, "Perhaps not received")
    expect(found).to_contain_text("Messages in Ads Manager")
    found.get_by_role("link", name="Ask another way").click()
    staff.page.get_by_role("radio", name="Method B").check()
    staff.press("Ask this way")
    guest.open(hands_out(staff, UNHEARD))
    guest.sees(stage.center(OURS))
    staff.opens_client(UNHEARD.client)
    expect(found).to_have_count(0)


def test_a_wrong_role_is_set_right(staff: Staff, guest: Guest, stage: Stage) -> None:
    gives(staff, guest, LESSER)
    guest.arrives("Done. One account arrived.")
    on_the_website(stage, guest, LESSER, decision="role", role="ANALYST")
    staff.opens_grant(LESSER.client, LESSER.account)
    staff.press("Read back now")
    found = card(staff, "Not as agreed")
    expect(found).to_contain_text(f"{OURS} holds Analyst; we asked for Operator.")
    on_the_website(stage, guest, LESSER, decision="role", role="OPERATOR")
    staff.press("Read back now")
    expect(found).to_have_count(0)
    staff.sees("Active")


def test_attribution_is_written_down_and_set_by_the_client(staff: Staff) -> None:
    title = "Attribution: only the client sets it"
    staff.opens_client(LESSER.client)
    staff.press("Write down what we recommend", role="link")
    staff.page.get_by_label("Click-through, days").fill("28")
    staff.press("Write it down")
    expect(card(staff, title)).to_contain_text("28 days after a click")
    staff.press("Change it, or note that it is set", role="link")
    staff.page.get_by_label("Set on").fill("2026-01-05")
    staff.press("Write it down")
    staff.sees(f"{LESSER.client} has set it, as they say.")
    expect(card(staff, title)).to_have_count(0)


def test_a_sandbox_says_what_it_may_spend(staff: Staff, guest: Guest) -> None:
    gives(staff, guest, TRYING)
    guest.arrives("Done. One account arrived.")
    staff.open(f"/admin/accounts/adaccount/?q={TRYING.account.replace(' ', '+')}")
    staff.page.get_by_role("link", name=TRYING.account).click()
    staff.press("Edit", role="link")
    staff.page.get_by_label("Is sandbox").check()
    staff.press("Save")
    staff.opens_grant(TRYING.client, TRYING.account)
    found = card(staff, "A sandbox account")
    expect(found).to_contain_text("at most 500 USD a day")
    staff.opens_client(TRYING.client)
    staff.sees(f"{TRYING.account}: A sandbox account")
    staff.open(f"/admin/accounts/adaccount/?q={TRYING.account.replace(' ', '+')}")
    staff.page.get_by_role("link", name=TRYING.account).click()
    staff.press("Edit", role="link")
    staff.page.get_by_label("Is sandbox").uncheck()
    staff.press("Save")
    staff.opens_client(TRYING.client)
    staff.sees_no("A sandbox account")
