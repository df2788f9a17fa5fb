"""Methods A and B: what no call does, done on TikTok's website and read back."""

from __future__ import annotations

import pytest

from tests.browser.cast import APPROVING, INVITING, REFUSING, Extra
from tests.browser.people import Guest, Person, Staff
from tests.browser.stage import Stage
from tests.browser.town import Town

pytestmark = pytest.mark.browser

OURS = "Northlight Agency"


def id_of(stage: Stage, account: str) -> str:
    found = (one for one in stage.look("accounts") if one["name"] == account)
    return str(next(found)["advertiser_id"])


def asks(staff: Staff, extra: Extra, way: str, account_id: str) -> None:
    staff.opens_client(extra.client)
    staff.press("Ask for access", role="link")
    staff.page.get_by_role("radio", name=way).check()
    staff.page.get_by_label("Ad account ids").fill(account_id)
    staff.press("Make the request")


def sends(person: Person, account_id: str) -> None:
    """Send the request on our center's page, as its steps say."""
    stage = person.stage
    person.open(f"{stage.simulator_url}/bc/{stage.center(OURS)}/requests/")
    person.page.get_by_label("Ad account ID").fill(account_id)
    person.press("Send request")
    person.sees(account_id, "waits for its owner")


def decides(person: Person, account_id: str, decision: str) -> None:
    person.open(f"{person.stage.simulator_url}/account/{account_id}/")
    person.press(decision)


def sent_by_hand(staff: Staff, town: Town, extra: Extra) -> str:
    """Ask by Method A up to the colleague's word; end on the account's grant page."""
    account_id = id_of(town.stage, extra.account)
    asks(staff, extra, "Method A", account_id)
    staff.arrives(f"Access to {extra.client}")
    staff.sees("Request access", "No tool can send Method A")
    sends(town.guest(), account_id)
    staff.press("I have sent it")
    staff.sees("Owner must agree")
    staff.page.locator("main a", has_text=account_id).first.click()
    staff.press("Read back now")
    staff.sees("TikTok shows our request.")
    return account_id


def test_a_request_of_ours_is_approved_and_read_back(staff: Staff, town: Town) -> None:
    account_id = sent_by_hand(staff, town, APPROVING)
    decides(town.guest(), account_id, "Approve")
    staff.press("Read back now")
    staff.sees(f"Read back just now: {OURS} holds Operator.")


def test_a_request_of_ours_is_refused_and_asked_again(staff: Staff, town: Town) -> None:
    account_id = sent_by_hand(staff, town, REFUSING)
    decides(town.guest(), account_id, "Refuse")
    staff.press("Read back now")
    staff.sees(f"{REFUSING.client} refused our request on TikTok.")
    staff.opens_client(REFUSING.client)
    staff.page.get_by_role("link", name="Operator on TikTok").first.click()
    staff.sees("Ask again")
    staff.press("Ask another way", role="link")
    staff.press("Ask this way")
    staff.sees("I have sent it")


def test_an_invitation_is_accepted_on_our_side(
    staff: Staff, guest: Guest, town: Town, stage: Stage
) -> None:
    account_id = id_of(stage, INVITING.account)
    stage.control(f"centers/{stage.center(INVITING.contact)}", shares_wait=True)
    asks(staff, INVITING, "Method B", account_id)
    guest.open(staff.copies_link())
    guest.arrives("You invite us as a partner.")
    guest.sees(account_id, "Add partner")

    client = town.guest()
    client.open(f"{stage.simulator_url}/bc/{stage.center(INVITING.contact)}/")
    card = client.page.locator(".card", has_text=account_id)
    card.get_by_role("button", name=f"Share with {OURS}", exact=True).click()
    guest.press("I have invited you")
    guest.sees("You told us so")

    staff.opens_client(INVITING.client)
    staff.page.get_by_role("link", name="Operator on TikTok").first.click()
    staff.sees("Accept us in", "Is there an invitation from")
    ours = town.guest()
    ours.open(f"{stage.simulator_url}/bc/{stage.center(OURS)}/")
    ours.page.locator(".card", has_text=account_id).get_by_role(
        "button", name="Accept"
    ).click()
    staff.page.locator("main a", has_text=account_id).first.click()
    staff.press("Read back now")
    staff.sees(f"Read back just now: {OURS} holds Operator.")
