"""One stage a session, one Chromium a module, two fresh browsers a test.

Playwright keeps an event loop in this thread while it runs, and Django's ORM refuses
to work beside one: it is stopped before another module's tests begin.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.people import Guest, Staff
from tests.browser.stage import Stage, own_database, set_up
from tests.browser.town import Town, open_chromium

LOG_LINES = 60


def pytest_itemcollected(item: pytest.Item) -> None:
    """One worker plays them all, on one stage."""
    item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """On the database whose turn it is."""
    with ExitStack() as stack:
        postgres = os.environ.get("TEST_DATABASE_URL")
        url = stack.enter_context(own_database(postgres)) if postgres else None
        folder: Path = tmp_path_factory.mktemp("stage")
        yield stack.enter_context(set_up(folder, database_url=url))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def town(chromium: Browser, stage: Stage) -> Iterator[Town]:
    town = Town(chromium, stage)
    yield town
    town.close()
    assert town.watcher.trouble == []


@pytest.fixture
def staff(town: Town) -> Staff:
    """Mira, account manager of most clients, signed in."""
    return town.staff("Mira Okafor")


@pytest.fixture
def guest(town: Town) -> Guest:
    return town.guest()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[None]:
    """Show what the processes logged and what the browsers showed."""
    report = yield
    town = getattr(item, "funcargs", {}).get("town")
    if report.when == "call" and report.failed and town is not None:
        lines = town.stage.log.read_text(encoding="utf-8").splitlines()
        report.sections.append(("stage", "\n".join(lines[-LOG_LINES:])))
        report.sections.append(("pages", "\n\n".join(town.tell())))
    return report
