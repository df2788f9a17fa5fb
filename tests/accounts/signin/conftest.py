from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def new_page(settings):
    """Add a page nobody listed anywhere to the product's addresses."""
    settings.ROOT_URLCONF = "tests.accounts.signin.urls"
