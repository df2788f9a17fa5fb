"""A client's browser: opens a link, signs in at the simulated TikTok, chooses."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from onboarding.models import LinkSession, RequestItem
from tests.base import HttpsClient
from tests.simulated import Simulated, run_jobs


@dataclass
class Visitor:
    """One browser with one link; `person` is who signs in at TikTok."""

    tiktok: Simulated
    item: RequestItem
    token: str
    person: str = "sofia"
    browser: HttpsClient = field(default_factory=HttpsClient)
    visit_url: str = ""

    def open(self) -> Any:
        return self.browser.get(f"/l/{self.token}/")

    def start(self) -> Any:
        """Press Start and follow to the hop page."""
        answer = self.browser.post(f"/l/{self.token}/start/{self.item.pk}/")
        assert answer.status_code == 303, answer.content
        self.visit_url = answer["Location"].removesuffix("leave/")
        return self.browser.get(answer["Location"])

    def state(self) -> str:
        """Return the state on the hop page's link."""
        page = html.unescape(self.browser.get(self.visit_url + "leave/").text)
        found = re.search(r'href="(http[^"]*/portal/auth\?[^"]*)"', page)
        assert found, page
        return parse_qs(urlsplit(found[1]).query)["state"][0]

    def sign_in(self, **more: Any) -> str:
        """Press the button at TikTok; return the address it sends the browser to."""
        return self.tiktok.consent(
            self.person, state=self.state(), purpose="client", **more
        )

    def come_back(self, location: str) -> Any:
        parts = urlsplit(location)
        return self.browser.get(f"{parts.path}?{parts.query}")

    def sign_in_and_back(self, **more: Any) -> Any:
        """Everything from Start to the first page after TikTok, jobs included."""
        self.start()
        answer = self.come_back(self.sign_in(**more))
        assert answer.status_code == 303, answer.content
        run_jobs()
        return self.look()

    def look(self) -> Any:
        return self.browser.get(self.visit_url)

    def share(self, *account_ids: str) -> Any:
        """Tick and press Share; the jobs stay in the queue."""
        return self.browser.post(self.visit_url, {"accounts": account_ids})

    @property
    def session(self) -> LinkSession:
        return LinkSession.objects.get(pk=self.visit_url.split("/")[-2])
