"""A link nobody answers: what the manager sees of it, and what the letters say."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.cast import REMINDED
from tests.browser.people import Guest, Staff
from tests.browser.stage import Stage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.only_on("sqlite"),  # pages work alike on every database
]
DAYS = (sys.executable, "-m", "tests.browser.days", REMINDED.client)


@pytest.fixture
def carry_on(stage: Stage, tmp_path: Path) -> Callable[..., list[Path]]:
    """Let the next step come due, or a morning; return the letters so far."""

    def carry(*options: str) -> list[Path]:
        stage.supervisor.run("days", (*DAYS, str(tmp_path), *options))
        return sorted(tmp_path.glob("*.html"))

    return carry


def test_a_refused_letter_becomes_the_managers_turn(
    staff: Staff, guest: Guest, stage: Stage, carry_on: Callable[..., list[Path]]
) -> None:
    staff.opens_client(REMINDED.client)
    staff.press("Ask for access", role="link")
    days = staff.page.get_by_label("Remind after days")
    days.fill("soon")
    staff.press("Make the request")
    staff.sees("“soon” is no day: enter numbers from 1 to 10")
    days.fill("1, 2")
    staff.press("Make the request")
    staff.copies_link()
    staff.press("Back to the request", role="link")
    plan = staff.page.get_by_role("region", name="Reminders")
    expect(plan.get_by_text("To be sent")).to_have_count(3)
    request = staff.page.url

    with stage.resting_worker():
        carry_on("--refused", REMINDED.email)
        staff.open(request)
        staff.sees("Refused", "550 No such mailbox. Correct the address.")
        staff.sees("No address we have at Larch Rugs takes letters.")
        carry_on()
        staff.open(request)
        staff.sees("Next: call Lia Larch.")
        staff.open("/admin/")
        staff.sees("Lia Larch gets no letters: the mail server refuses the address.")

        *_, morning = carry_on("--morning", "Mira Okafor")
    guest.page.set_content(morning.read_text(encoding="utf-8"))
    expect(guest.page.locator("body")).to_contain_text("Good morning Mira,")
    row = guest.page.get_by_role("link", name=REMINDED.client)
    assert row.first.get_attribute("href") == request
