"""The vault's trouble on the front page, for those who see to our own side."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from agencyportal.today import vault
from tests.base import HttpsClient
from tests.factory import Factory

BEHIND = "Infisical is behind: 3 secrets stay encrypted in the database."


@pytest.fixture
def behind(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.INFISICAL = {"url": "https://infisical.example"}
    monkeypatch.setattr(vault, "vault_trouble", lambda: BEHIND)


def titles_of(factory: Factory, role: str) -> list[str]:
    browser = HttpsClient()
    browser.sign_in(factory.make_user(role=role))
    page = browser.get(reverse("admin:index"))
    return [row["title"] for row in page.context["needs_you"]]


def test_without_infisical_nobody_asks(
    factory: Factory, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INFISICAL = {}
    monkeypatch.setattr(vault, "vault_trouble", lambda: pytest.fail("asked"))
    assert titles_of(factory, "Access owners") == []


def test_an_access_owner_reads_what_is_wrong(factory: Factory, behind: None) -> None:
    assert titles_of(factory, "Access owners") == ["The vault"]


def test_a_manager_cannot_mend_it_and_is_not_told(
    factory: Factory, behind: None
) -> None:
    assert titles_of(factory, "Account managers") == []
