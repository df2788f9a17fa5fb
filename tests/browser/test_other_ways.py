"""The same journey for people without a script, a center, or the link."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import expect

from tests.browser.cast import (
    ADMIN_ROLE,
    OTHER_BROWSER,
    PREVIEWED,
    WITHOUT_SCRIPT,
)
from tests.browser.people import Guest, Staff
from tests.browser.stage import Stage
from tests.browser.town import Town

pytestmark = pytest.mark.browser


def test_it_shows_staff_a_preview_they_cannot_start(staff: Staff) -> None:
    staff.open(staff.asks(PREVIEWED.client))
    staff.arrives("This takes about five minutes")
    expect(staff.page.get_by_role("note")).to_contain_text("Preview.")
    button = staff.page.get_by_role("button", name="Connect TikTok")
    expect(button).to_be_disabled()
    button.evaluate("button => { button.disabled = false; }")
    button.click()
    staff.arrives("This browser belongs to a colleague of ours")


def test_it_does_not_go_on_in_another_browser(
    staff: Staff, guest: Guest, town: Town
) -> None:
    guest.open(staff.asks(OTHER_BROWSER.client))
    guest.goes_to_tiktok()
    trip = guest.page.url
    guest.answers_tiktok(OTHER_BROWSER.person)
    guest.arrives("Which TikTok accounts may we use?")

    other = town.guest()
    other.open(guest.page.url)
    other.arrives("This link leads nowhere now")
    other.sees_no(OTHER_BROWSER.client, OTHER_BROWSER.account)
    other.open(trip)
    other.answers_tiktok(OTHER_BROWSER.person)
    other.arrives("You came back in another browser")
    other.sees_no(OTHER_BROWSER.client, OTHER_BROWSER.account)


def test_it_hands_out_no_admin_link_before_another_person_agrees(
    staff: Staff, guest: Guest, town: Town
) -> None:
    staff.opens_client(ADMIN_ROLE.client)
    staff.press("Ask for access", role="link")
    staff.page.get_by_role("radio", name="Admin").check()
    staff.page.get_by_label("Why Admin").fill("The client leaves billing to us.")
    until = dt.date.today() + dt.timedelta(days=30)
    staff.page.get_by_label("Admin until").fill(until.isoformat())
    staff.press("Send it to an access owner")
    staff.sees("Next: an access owner decides about Admin.", "No link before that.")
    expect(staff.page.get_by_text("Hand out a link")).to_have_count(0)
    request = staff.page.url

    owner = town.staff("Priya Raman")
    owner.open(request)
    owner.press("See and decide", role="link")
    owner.arrives(f"Admin for {ADMIN_ROLE.client}?")
    owner.sees("The client leaves billing to us.")
    owner.press("Approve exactly this")
    owner.sees("Approved.")

    staff.page.reload()
    staff.press("Hand out a link", role="link")
    staff.press("Make a link to copy")
    guest.open(staff.copies_link())
    guest.sees("decide who else has access")
    guest.consents(ADMIN_ROLE.person)
    guest.shares(ADMIN_ROLE.account)
    guest.arrives("Done. One account arrived.")
    expect(guest.row(ADMIN_ROLE.account)).to_contain_text("Gave us Admin")


def test_it_takes_an_account_id_where_there_is_no_center(
    staff: Staff, guest: Guest, stage: Stage
) -> None:
    guest.open(staff.asks("Maren Home"))
    guest.consents("maren")
    guest.arrives("You have no Business Center, and that is fine")
    guest.page.get_by_label("Ad account id").fill("12345")
    guest.press("Send the number")
    guest.sees("An ad account id has 15 to 20 digits")
    account = next(
        one["advertiser_id"]
        for one in stage.look("accounts")
        if one["name"] == "Maren Home Living"
    )
    guest.page.get_by_label("Ad account id").fill(account)
    guest.press("Send the number")
    guest.arrives("Thank you. Your part is done for now.")
    guest.sees(account, "You will be asked to agree.")

    staff.opens_client("Maren Home")
    staff.sees("Do by hand", f"request access to {account} as Operator.")


def test_it_works_without_a_script(staff: Staff, town: Town) -> None:
    guest = town.guest(has_script=False)
    guest.open(staff.asks(WITHOUT_SCRIPT.client))
    guest.arrives("This takes about five minutes")
    guest.consents(WITHOUT_SCRIPT.person)
    guest.shares(WITHOUT_SCRIPT.account)
    guest.arrives("Done. One account arrived.")
    expect(guest.row(WITHOUT_SCRIPT.account)).to_contain_text("Gave us Operator")
