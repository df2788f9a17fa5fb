"""One simulator for the folder, in memory, reset to world "demo" for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agencyportal.simulator.server import Simulator
from tests.agencyportal.simulator.client import Client


def pytest_itemcollected(item: pytest.Item) -> None:
    """The simulator has no database: one turn of the suite is enough."""
    item.add_marker(pytest.mark.only_on("sqlite"))


@pytest.fixture(scope="session")
def running() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def tiktok(running: Simulator) -> Client:
    client = Client(running)
    assert client.control("reset").status == 200
    return client


@pytest.fixture
def sofia(tiktok: Client) -> str:
    """The token of the happy client."""
    return tiktok.token("sofia")


@pytest.fixture
def priya(tiktok: Client) -> str:
    """The token of the agency's admin."""
    return tiktok.token("priya")


@pytest.fixture
def halden(tiktok: Client) -> str:
    """The happy client's center."""
    return tiktok.center("Halden Outdoor")
