"""Watches every page of a browser for what no page of ours may do."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Request,
    Response,
    WebError,
)

TELL_OF_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`));
"""
WITHOUT_HOST = {"about", "blob", "data"}


class Watcher:
    """Collects trouble; `visited` holds every host a page was asked of."""

    def __init__(self, hosts: set[str]) -> None:
        self.hosts = hosts
        self.visited: set[str] = set()
        self.trouble: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        context.add_init_script(TELL_OF_VIOLATIONS)
        context.on("console", self._note_console)
        context.on("weberror", self._note_error)
        context.on("request", self._note_request)
        context.on("response", self._note_response)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.trouble.append(f"{message.text} on {message.location.get('url')}")

    def _note_error(self, error: WebError) -> None:
        page = error.page
        self.trouble.append(f"{error.error} on {page.url if page else 'a page'}")

    def _note_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in WITHOUT_HOST:
            return
        self.visited.add(address.netloc)
        if address.netloc not in self.hosts:
            self.trouble.append(f"Third party: {address.scheme}://{address.netloc}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 500:
            self.trouble.append(f"HTTP {response.status}: {response.url}")
