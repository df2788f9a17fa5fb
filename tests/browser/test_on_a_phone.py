"""A colleague's phone: the menu, the filters, and lists as cards."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import Staff
from tests.browser.town import Town

pytestmark = [
    pytest.mark.browser,
    pytest.mark.only_on("sqlite"),  # pages work alike on every database
]


@pytest.fixture
def phone(town: Town) -> Staff:
    """Mira's phone."""
    return town.staff("Mira Okafor", on_phone=True)


def menu_of(phone: Staff) -> Locator:
    return phone.page.locator("details.phone-menu")


def test_the_menu_opens_leads_on_and_marks_where_one_is(phone: Staff) -> None:
    menu = menu_of(phone)
    expect(menu.get_by_role("link", name="Role grants")).not_to_be_visible()
    phone.touch(menu.locator("summary"))
    expect(menu.locator("[aria-current=page]")).to_have_text("Today")
    phone.touch(menu.get_by_role("link", name="Role grants"))
    phone.arrives("Role grants")
    expect(menu.get_by_role("link", name="Role grants")).not_to_be_visible()
    phone.touch(menu.locator("summary"))
    expect(menu.locator("[aria-current=page]")).to_have_text("Role grants")


def test_the_menu_closes_by_escape_and_by_a_touch_elsewhere(phone: Staff) -> None:
    menu, summary = menu_of(phone), menu_of(phone).locator("summary")
    summary.press("Enter")
    expect(menu).to_have_attribute("open", "")
    phone.page.keyboard.press("Tab")
    phone.page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()
    phone.touch(summary)
    phone.page.mouse.click(30, 400)  # left of the menu
    expect(menu).not_to_have_attribute("open", "")


def test_the_menu_works_without_a_script(town: Town) -> None:
    phone = town.staff("Mira Okafor", on_phone=True, has_script=False)
    phone.touch(menu_of(phone).locator("summary"))
    phone.touch(menu_of(phone).get_by_role("link", name="Clients", exact=True))
    phone.arrives("Clients")


def test_one_signs_out_from_the_menu(phone: Staff) -> None:
    phone.touch(menu_of(phone).locator("summary"))
    phone.touch(menu_of(phone).get_by_role("button", name="Sign out"))
    phone.page.wait_for_url("**/accounts/login/**")


def test_a_list_is_filtered_on_a_phone(phone: Staff) -> None:
    phone.open("/admin/accounts/client/")
    phone.arrives("Clients")
    row = phone.page.locator("#result_list tbody tr").first
    expect(row.locator("td").first).to_have_attribute("data-label", "Status")
    status = phone.page.locator("#changelist-filter details").first
    expect(status.get_by_role("link", name="Former")).not_to_be_visible()
    phone.touch(status.locator("summary"))
    phone.touch(status.get_by_role("link", name="Former"))
    phone.arrives("Clients")
    phone.sees("Nothing matches.")
