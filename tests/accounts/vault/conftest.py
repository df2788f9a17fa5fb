from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.vault.infisical import Infisical, login, open_infisical
from tests.infisical import Fake, running_fake

OLD, NEW = b"o" * 32, b"n" * 32
LIVE = "LIVE_INFISICAL_"


@pytest.fixture(autouse=True)
def keys(settings: Any) -> Any:
    settings.VAULT_KEYS = {"old": OLD}
    return settings


@pytest.fixture
def new_key(settings: Any) -> Any:
    """A second key put first, as the operator does before rotating."""
    settings.VAULT_KEYS = {"new": NEW, "old": OLD}
    return settings


@pytest.fixture
def fake(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """A stand-in for Infisical that the settings point at, and where secrets rest."""
    monkeypatch.setattr(login, "_held", {})
    with running_fake() as fake:
        settings.VAULT = "infisical"
        settings.INFISICAL = fake.settings()
        yield fake


def servers() -> list[str]:
    """Return the stand-in, and a live server when the environment names one."""
    return ["fake", "live"] if os.environ.get(f"{LIVE}URL") else ["fake"]


@pytest.fixture(params=servers())
def infisical(request: pytest.FixtureRequest, settings: Any) -> Infisical:
    """A client of a folder of its own."""
    if request.param == "fake":
        request.getfixturevalue("fake")
    else:
        settings.INFISICAL = live_settings()
    return open_infisical()


def live_settings() -> dict[str, str]:
    def said(part: str) -> str:
        return os.environ.get(LIVE + part, "")

    return {
        "url": said("URL"),
        "project": said("PROJECT_ID"),
        "environment": said("ENVIRONMENT") or "prod",
        "client_id": said("CLIENT_ID"),
        "client_secret": said("CLIENT_SECRET"),
        "tenant": f"tests-{secrets.token_hex(6)}",
    }
