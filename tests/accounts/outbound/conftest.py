from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.outbound import Call, Door, address
from accounts.outbound import door as door_module
from tests.accounts.outbound.stub import Stub, run_stub


@pytest.fixture
def stub() -> Iterator[Stub]:
    with run_stub() as stub:
        yield stub


@pytest.fixture
def door(stub: Stub) -> Door:
    return Door({address(stub.url)})


@pytest.fixture
def read(stub: Stub) -> Call:
    return Call("GET", f"{stub.url}/read/", is_read=True)


@pytest.fixture
def write(stub: Stub) -> Call:
    return Call("POST", f"{stub.url}/write/", json={"a": 1})


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between tries, which no test really waits for."""
    taken: list[float] = []
    monkeypatch.setattr(door_module.time, "sleep", taken.append)
    return taken
