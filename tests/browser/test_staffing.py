"""From "the client has shared" to "three named people work": a team is put on it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.cast import STAFFED
from tests.browser.people import Guest, Staff
from tests.browser.stage import MANAGE
from tests.browser.town import Town

pytestmark = pytest.mark.browser

TEAM = ("Jonas Lind", "Mira Okafor", "Priya Raman")


def works(staff: Staff) -> None:
    """Look again until the account's page says so: a job does it meanwhile."""
    for _ in range(40):
        staff.opens_grant(STAFFED.client, STAFFED.account)
        if "and 2 others on it" in staff.page.inner_text("main"):
            return
        staff.page.wait_for_timeout(250)
    staff.sees("Works: Operator for us", "and 2 others on it")


def test_a_team_is_put_on_an_account_until_it_works(
    staff: Staff, guest: Guest, town: Town
) -> None:
    guest.open(staff.asks(STAFFED.client))
    guest.consents(STAFFED.person)
    guest.shares(STAFFED.account)
    guest.arrives("Done. One account arrived.")
    staff.opens_grant(STAFFED.client, STAFFED.account)
    staff.sees("Nobody is on it yet")
    # Who sits in our center is read with everything else of it.
    town.stage.supervisor.run("books", (*MANAGE, "sync_platforms"))

    staff.opens_client(STAFFED.client)
    staff.press("Staff the accounts", role="link")
    staff.arrives(f"Put our people on {STAFFED.client}")
    staff.page.get_by_label("Jonas Lind").select_option("admin")
    staff.press("See what happens")
    staff.sees("An Admin role needs a last day.")
    staff.page.get_by_label("Team").select_option("DACH performance")
    staff.press("Fill in the team")
    expect(staff.page.get_by_label("Jonas Lind")).to_have_value("operator")
    staff.press("See what happens")
    staff.arrives(f"Put our people on {STAFFED.client}?")
    staff.sees(*(f"{name} as" for name in ("Jonas Lind", "Mira Okafor")))
    staff.press("Put them on")
    staff.arrives(STAFFED.client)
    staff.sees("3 on the way. Each is on when a read shows it.")
    works(staff)
    for name in TEAM:
        holder = staff.page.locator(".holders > li", has_text=name)
        expect(holder).to_contain_text("Active")

    buyer = town.staff("Jonas Lind")
    mine = buyer.page.locator("section", has=buyer.page.locator("#my-accounts"))
    expect(mine.locator(".rows > li")).to_have_count(1)
    for words in (STAFFED.account, STAFFED.client, "Operator", "Last read"):
        expect(mine).to_contain_text(words)
    buyer.touch(mine.get_by_role("link", name=STAFFED.account))
    buyer.arrives(STAFFED.account)
    buyer.sees("Jonas Lind")
    buyer.sees_no("Mira Okafor")
