"""The people at the two browsers: what they press and what they see."""

from __future__ import annotations

import re
from re import Pattern

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.stage import Stage

NARROWEST = 320
PATIENCE_MS = 30_000


class Person:
    """Somebody with a browser; counts what they press on our own pages."""

    narrowest = 0

    def __init__(self, context: BrowserContext, stage: Stage) -> None:
        self.context = context
        self.stage = stage
        self.page: Page = context.new_page()
        self.presses = 0

    def open(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.stage.web_url + path)

    def press(self, name: str | Pattern[str], *, role: str = "button") -> None:
        self.touch(self.page.get_by_role(role, name=name).first)  # type: ignore[arg-type]

    def touch(self, thing: Locator) -> None:
        if self.page.url.startswith(self.stage.web_url):
            self.presses += 1
        thing.click()

    def arrives(self, heading: str | Pattern[str]) -> None:
        """Wait for the page with that heading; nobody scrolls it sideways."""
        expect(self.page.locator("h1")).to_contain_text(heading, timeout=PATIENCE_MS)
        self._fits()

    def sees(self, *words: str | Pattern[str]) -> None:
        for one in words:
            expect(self.page.locator("main").first).to_contain_text(one)

    def sees_no(self, *words: str) -> None:
        for one in words:
            expect(self.page.locator("main").first).not_to_contain_text(one)

    def _fits(self) -> None:
        size = self.page.viewport_size
        assert size is not None
        for width in filter(None, (size["width"], self.narrowest)):
            self.page.set_viewport_size({"width": width, "height": size["height"]})
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{self.page.url} is {wide} px wide at {width}"
        self.page.set_viewport_size(size)


class Guest(Person):
    """Somebody at the client: a phone, and no account here."""

    narrowest = NARROWEST

    def goes_to_tiktok(self) -> None:
        """Press Connect; the hop page leads on by itself."""
        self.press("Connect TikTok")
        self.page.wait_for_url(f"{self.stage.simulator_url}/**")

    def answers_tiktok(self, person: str, button: str = "Authorize") -> None:
        """Sign in at the simulated TikTok and decide."""
        self.page.locator(f"#person-{person}").check()
        self.page.get_by_role("button", name=button).click()
        self.page.wait_for_url(f"{self.stage.web_url}/**")

    def consents(self, person: str) -> None:
        self.goes_to_tiktok()
        self.answers_tiktok(person)

    def ticks(self, *accounts: str) -> None:
        for name in accounts:
            self.touch(self.page.locator("label.pick", has_text=name))

    def shares(self, *accounts: str) -> None:
        self.arrives("Which TikTok accounts may we use?")
        self.ticks(*accounts)
        self.press(re.compile("^Share the ticked accounts"))

    def row(self, account: str) -> Locator:
        return self.page.locator("ul.rows > li", has_text=account).first


class Staff(Person):
    """A colleague of the demo's cast."""

    def signs_in(self, name: str) -> None:
        self.open("/demo/")
        self.page.get_by_role("button", name=f"Sign in as {name}").click()
        self.page.wait_for_url("**/admin/**")

    def opens_client(self, name: str) -> None:
        self.open("/admin/accounts/client/?q=" + name.split()[0])
        self.page.get_by_role("link", name=name).click()
        self.arrives(name)

    def asks(self, client: str) -> str:
        """Ask with the usual choices, copy the link; return it."""
        self.opens_client(client)
        self.presses = 0
        self.press("Ask for access", role="link")
        self.arrives(f"Ask {client} for access")
        self.press("Make the request")
        return self.copies_link()

    def copies_link(self) -> str:
        self.arrives("Hand out the link")
        self.press("Copy")
        expect(self.page.locator("[data-copy]")).to_have_text("Copied")
        copied: str = self.page.evaluate("navigator.clipboard.readText()")
        assert copied == self.page.locator("#link-field").input_value()
        return copied

    def opens_grant(self, client: str, account: str) -> None:
        self.opens_client(client)
        accounts = self.page.locator(".rows.accounts, .rows.found")
        accounts.get_by_role("link", name=account, exact=True).click()
        self.arrives(account)

    def trail_of(self, client: str) -> list[str]:
        """Return the client's sentences on the trail, newest first."""
        self.opens_client(client)
        self.page.get_by_role("link", name="The whole trail").click()
        return self._sentences()

    def whole_trail(self) -> list[str]:
        """Return the newest sentences on the trail, whatever they are about."""
        self.open("/admin/accounts/event/")
        return self._sentences()

    def _sentences(self) -> list[str]:
        self.arrives(re.compile("trail"))
        sentences: list[str] = self.page.locator(
            "#result_list tbody tr > :first-child"
        ).all_inner_texts()
        return sentences
