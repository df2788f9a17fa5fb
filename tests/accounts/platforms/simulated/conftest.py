"""The connector and the simulated TikTok it speaks to, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.outbound import Door, address
from accounts.outbound.secret import Secret
from accounts.platforms.tiktok.client import TikTok
from agencyportal.simulator.server import Simulator
from tests.agencyportal.simulator.client import Client


@pytest.fixture(scope="package")
def running() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def world(running: Simulator) -> Client:
    client = Client(running)
    assert client.control("reset").status == 200
    return client


@pytest.fixture
def tiktok(world: Client, running: Simulator) -> TikTok:
    app = world.app()
    return TikTok(
        app_id=app["app_id"],
        app_secret=Secret(app["secret"]),
        api_url=f"{running.base_url}/open_api/v1.3/",
        auth_url=f"{running.base_url}/portal/auth",
        creator_auth_url=f"{running.base_url}/v2/auth/authorize",
        door=Door({address(running.base_url)}),
    )


def key_of(tiktok: TikTok, world: Client, person: str) -> Secret:
    return tiktok.exchange_code(Secret(world.code(person))).access_token


@pytest.fixture
def sofia(tiktok: TikTok, world: Client) -> Secret:
    return key_of(tiktok, world, "sofia")


@pytest.fixture
def priya(tiktok: TikTok, world: Client) -> Secret:
    """The key of the agency's admin."""
    return key_of(tiktok, world, "priya")
