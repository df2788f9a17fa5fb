"""Chromium on a tour of the site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.base import find_chromium
from tests.walks.tours import Tour

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 20_000


@contextmanager
def open_context(site: str, **options: Any) -> Iterator[BrowserContext]:
    """Open a window that no request leaves this machine from."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=SWITCHES
        )
        context = chromium.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        host = urlsplit(site).netloc
        context.route(  # 204: the hop page stays, and nothing leaves this machine
            lambda url: urlsplit(url).netloc != host,
            lambda route: route.fulfill(status=204),
        )
        yield context
        chromium.close()


def walk_through(site: str, tour: Tour, page: Page) -> Iterator[str]:
    """Open the tour's pages one after another as its person; yield each address."""
    page.context.clear_cookies()
    if tour.cookie:
        name, value = tour.cookie
        page.context.add_cookies([{"name": name, "value": value, "url": site}])
    for url in tour.urls:
        response = page.goto(site + url, wait_until="load")
        assert response is None or response.status < 500, url
        if response and "text/html" in response.headers["content-type"]:
            yield url
