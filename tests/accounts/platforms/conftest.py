from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.outbound import Door, address
from accounts.outbound import door as door_module
from accounts.outbound.secret import Secret
from accounts.platforms.tiktok.client import TikTok
from tests.accounts.outbound.stub import Stub, run_stub

TOKEN = Secret("act.CANARY")
APP_SECRET = Secret("app-CANARY")


@pytest.fixture(autouse=True)
def no_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module.time, "sleep", lambda seconds: None)


@pytest.fixture
def stub() -> Iterator[Stub]:
    with run_stub() as stub:
        yield stub


@pytest.fixture
def tiktok(stub: Stub) -> TikTok:
    return TikTok(
        app_id="7001",
        app_secret=APP_SECRET,
        api_url=f"{stub.url}/open_api/v1.3/",
        auth_url=f"{stub.url}/portal/auth",
        creator_auth_url=f"{stub.url}/v2/auth/authorize",
        door=Door({address(stub.url)}),
    )


def envelope(data: Any = None, code: Any = 0, message: str = "OK") -> dict[str, Any]:
    body = {"code": code, "message": message, "request_id": "R1"}
    return body if data is None else {**body, "data": data}


def page(
    rows: list[Any], *, number: int = 1, of: int = 1, total: int | None = None
) -> dict[str, Any]:
    info = {
        "page": number,
        "page_size": 50,
        "total_number": len(rows) if total is None else total,
        "total_page": of,
    }
    return envelope({"list": rows, "page_info": info})
