"""A code that is too short: red in the ledger, in both letters, and in a calendar."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import Locator, expect

from tests.browser.cast import LEDGER
from tests.browser.people import Guest, Staff
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser

POST = "Gravel before work"
CREATOR = "tess@creator.example"
CODES = "/admin/accounts/postauthorization/"
DAYS = (sys.executable, "-m", "tests.browser.days", LEDGER.client)
CAMPAIGN = dt.timedelta(days=21)
EARLY = "14 days before the campaign"


def shares_account(staff: Staff, guest: Guest) -> None:
    guest.open(staff.asks(LEDGER.client))
    guest.consents(LEDGER.person)
    guest.shares(LEDGER.account)
    guest.arrives("Done. One account arrived.")


def asks_creator(staff: Staff) -> None:
    staff.opens_client(LEDGER.client)
    staff.press("Ask a creator", role="link")
    staff.arrives(f"Ask a creator for {LEDGER.client}")
    page = staff.page
    page.get_by_role("textbox", name="Name").fill("Tess Teal")
    page.get_by_role("textbox", name="Handle").fill("tess.teal")
    page.get_by_role("textbox", name="E-mail").fill(CREATOR)
    page.get_by_role("textbox", name="Campaign", exact=True).fill("Boots on ice")
    ends_on = dt.datetime.now(dt.UTC).date() + CAMPAIGN
    page.get_by_label("The campaign ends").fill(ends_on.isoformat())
    staff.press("Ask for it")
    staff.arrives("@tess.teal")


def makes_code(stage: Stage, days: int) -> str:
    """Have the creator make a code in the app; return it as she sends it."""
    [post] = [one for one in stage.look("posts") if one["text"] == POST]
    code: str = stage.control("posts/code", item_id=post["item_id"], days=days)["code"]
    return code


def enters(staff: Staff, code: str) -> None:
    staff.open(CODES)
    staff.press("Enter a code", role="link")
    staff.page.get_by_label("Creator and campaign").select_option(
        label=f"@tess.teal for {LEDGER.client}, Boots on ice"
    )
    staff.press("Go on")
    staff.arrives("Enter a code of @tess.teal")
    staff.page.get_by_label("Code", exact=True).fill(code)
    staff.press("Put it into the vault")


def is_in_use(staff: Staff) -> Locator:
    """Look again until a read shows it in use; return its row in the ledger."""
    row = staff.page.locator("#result_list tbody tr", has_text="@tess.teal")
    for _ in range(60):
        staff.open(f"{CODES}?q=tess")
        if "In use" in row.inner_text():
            break
        staff.page.wait_for_timeout(500)
    return row


def test_a_short_code_is_red_and_both_are_told(
    staff: Staff, guest: Guest, stage: Stage, tmp_path: Path
) -> None:
    shares_account(staff, guest)
    asks_creator(staff)
    code = makes_code(stage, days=7)
    enters(staff, code)
    row = is_in_use(staff)
    staff.arrives("Spark codes")
    expect(row).to_contain_text(POST)
    expect(row.locator(".note.bad")).to_have_text(EARLY)
    expect(row).to_contain_text("Tess Teal")
    assert code not in staff.page.content()
    row.get_by_role("link").first.click()
    staff.arrives(POST)
    staff.sees(f"The code ends {EARLY}.", "Tess Teal chooses 365 days for this post.")

    stage.supervisor.run("codes", (*DAYS, str(tmp_path), "--codes"))
    [letter] = tmp_path.glob(f"* {CREATOR}.html")
    paper = guest.context.new_page()
    paper.set_content(letter.read_text(encoding="utf-8"))
    body = paper.locator("body")
    expect(body).to_contain_text("Hello Tess,")
    expect(body).to_contain_text("365 days would cover it")
    assert list(tmp_path.glob("* mira.okafor@*.html"))


def test_what_ends_is_in_a_calendar_elsewhere_until_it_is_revoked(
    staff: Staff, guest: Guest
) -> None:
    staff.open(CODES)
    staff.press("Calendar", role="link")
    staff.press("Calendar address", role="link")
    staff.arrives("Your calendar address")
    staff.press("Make the address")
    staff.sees("This address is shown once.")
    url = staff.page.locator("#feed-field").input_value()

    def fetch() -> Any:
        return guest.context.request.get(url)

    answer = fetch()
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.body())
    titles = {str(event["SUMMARY"]) for event in calendar.walk("VEVENT")}
    assert not calendar.errors
    assert any(title.startswith("Campaign ends: ") for title in titles)
    staff.open(f"{CODES}calendar/address/")
    staff.sees("Last fetched")
    staff.press("Revoke it")
    staff.sees("You have no address yet.")
    assert fetch().status == 404
