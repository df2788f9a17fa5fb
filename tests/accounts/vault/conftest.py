from __future__ import annotations

from typing import Any

import pytest

OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture(autouse=True)
def keys(settings: Any) -> Any:
    settings.VAULT_KEYS = {"old": OLD}
    return settings


@pytest.fixture
def new_key(settings: Any) -> Any:
    """A second key put first, as the operator does before rotating."""
    settings.VAULT_KEYS = {"new": NEW, "old": OLD}
    return settings
