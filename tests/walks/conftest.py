"""A site for a browser to walk, and what there is to open."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.public import browser
from tests.factory import Factory
from tests.walks.tours import Tour, tours_of
from tests.walks.world import make_world


@pytest.fixture
def site(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The live server speaks http, where a browser takes no __Host- cookie."""
    monkeypatch.setattr(browser, "COOKIE", "portal_browser")
    return live_server.url


@pytest.fixture
def tours(site: str, factory: Factory) -> list[Tour]:
    """Books first, browser later: Playwright's thread may not touch the database."""
    return tours_of(make_world(factory), factory)
