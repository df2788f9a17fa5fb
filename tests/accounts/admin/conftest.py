from __future__ import annotations

import pytest

from accounts.models import Client, User
from accounts.roles import ACCESS_OWNERS, AUDITORS
from tests.base import HttpsClient
from tests.factory import Factory


@pytest.fixture
def aurora(factory: Factory) -> Client:
    return factory.make_client(name="Aurora Wines")


@pytest.fixture
def mira(factory: Factory, aurora: Client) -> User:
    """The account manager of Aurora Wines."""
    return factory.make_user(name="Mira Okafor", serves=aurora)


@pytest.fixture
def priya(factory: Factory) -> User:
    return factory.make_user(name="Priya Nair", role=ACCESS_OWNERS)


@pytest.fixture
def noa(factory: Factory) -> User:
    return factory.make_user(name="Noa Levi", role=AUDITORS)


@pytest.fixture
def desk(mira: User) -> HttpsClient:
    """Mira's browser."""
    return browser_of(mira)


@pytest.fixture
def owners_desk(priya: User) -> HttpsClient:
    """Priya's browser."""
    return browser_of(priya)


def browser_of(user: User) -> HttpsClient:
    browser = HttpsClient()
    browser.sign_in(user)
    return browser
