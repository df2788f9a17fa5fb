"""The browsers of one test, each a person's own, under one watcher."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import Browser, BrowserContext, Error, sync_playwright

from tests.browser.people import Guest, Person, Staff
from tests.browser.stage import Stage
from tests.browser.watcher import Watcher
from tests.chromium import find_chromium

PATIENCE_MS = 20_000
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1400, "height": 900}


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Start the installed Chromium. It runs as root in a container, too."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


class Town:
    def __init__(self, browser: Browser, stage: Stage) -> None:
        self.browser = browser
        self.stage = stage
        self.watcher = Watcher(stage.hosts)
        self.people: list[Person] = []

    def guest(self, *, has_script: bool = True) -> Guest:
        """Somebody at a client with a phone of their own."""
        context = self.browser.new_context(
            viewport=PHONE,  # type: ignore[arg-type]
            java_script_enabled=has_script,
        )
        guest = Guest(self._watched(context), self.stage)
        self.people.append(guest)
        return guest

    def staff(
        self, name: str, *, on_phone: bool = False, has_script: bool = True
    ) -> Staff:
        """A colleague, signed in."""
        colleague = self.at_the_door(on_phone=on_phone, has_script=has_script)
        colleague.signs_in(name)
        return colleague

    def at_the_door(self, *, on_phone: bool = False, has_script: bool = True) -> Staff:
        """A colleague who has not signed in yet."""
        context = self.browser.new_context(
            viewport=PHONE if on_phone else DESK,  # type: ignore[arg-type]
            java_script_enabled=has_script,
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        colleague = Staff(self._watched(context), self.stage)
        self.people.append(colleague)
        return colleague

    def tell(self) -> list[str]:
        """Return what every browser shows, for the report of a failure."""
        told = []
        for person in self.people:
            with suppress(Error):
                text = person.page.inner_text("body", timeout=1000)
                told.append(f"{person.page.url}\n{text}")
        return told

    def close(self) -> None:
        for person in self.people:
            person.context.close()

    def _watched(self, context: BrowserContext) -> BrowserContext:
        context.set_default_timeout(PATIENCE_MS)
        self.watcher.watch(context)
        return context
