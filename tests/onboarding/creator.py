"""A creator's phone: opens a card's address, ticks, says yes at the simulation."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from accounts.models import SparkAuthorization
from onboarding.models import SparkVisit
from tests.base import HttpsClient
from tests.simulated import Simulated, run_jobs


@dataclass
class CreatorPhone:
    """One browser with one link; `login` is who signs in at TikTok."""

    tiktok: Simulated
    authorization: SparkAuthorization
    token: str
    login: str = "aino"
    browser: HttpsClient = field(default_factory=HttpsClient)
    visit_url: str = ""

    def open(self, **headers: str) -> Any:
        return self.browser.get(f"/s/{self.token}/", headers=headers)

    def connect(self, *words: str) -> Any:
        """Tick and press Connect; follow to the hop page."""
        answer = self.browser.post(f"/s/{self.token}/start/", {"words": words})
        assert answer.status_code == 303, answer.content
        self.visit_url = answer["Location"].removesuffix("leave/")
        return self.hop()

    def hop(self) -> Any:
        return self.browser.get(self.visit_url + "leave/")

    def asked(self) -> dict[str, str]:
        """Return what the hop page's link asks TikTok for."""
        found = re.search(r'href="(http[^"]*/v2/auth/[^"]*)"', self.hop().text)
        assert found, self.hop().text
        query = parse_qs(urlsplit(html.unescape(found[1])).query)
        return {name: values[0] for name, values in query.items()}

    def agree(self, **more: Any) -> str:
        """Press the button at TikTok; return the address it sends the browser to."""
        asked = self.asked()
        body = {
            "creator": self.login,
            "redirect_uri": asked["redirect_uri"],
            "state": asked["state"],
            "scopes": asked["scope"].split(","),
            **more,
        }
        return str(self.tiktok.control("creators/consent", **body)["location"])

    def come_back(self, location: str) -> Any:
        parts = urlsplit(location)
        return self.browser.get(f"{parts.path}?{parts.query}")

    def agree_and_back(self, *words: str, **more: Any) -> Any:
        """Everything from Connect to the first page after TikTok, jobs included."""
        self.connect(*words)
        answer = self.come_back(self.agree(**more))
        assert answer.status_code == 303, answer.content
        run_jobs()
        return self.look()

    def look(self) -> Any:
        return self.browser.get(self.visit_url)

    def press(self, act: str) -> Any:
        return self.browser.post(self.visit_url, {"act": act})

    @property
    def visit(self) -> SparkVisit:
        return SparkVisit.objects.get(pk=self.visit_url.split("/")[-2])

    @property
    def state(self) -> str:
        self.authorization.refresh_from_db()
        return self.authorization.state
