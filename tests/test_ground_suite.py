"""What every test may rely on: the database it finds, and that nothing leaves."""

from __future__ import annotations

import pytest
import requests
from django.contrib.auth.models import Group

from accounts.models import PlatformLimit
from tests.base import as_migrated, empty_database
from tests.factory import Factory


@pytest.mark.django_db(transaction=True)
def test_it_leaves_the_database_as_after_migrate(factory: Factory) -> None:
    migrated = as_migrated()
    assert PlatformLimit.objects.exists()
    factory.make_grant()
    Group.objects.all().delete()
    PlatformLimit.objects.update(value=1)
    assert as_migrated() != migrated
    empty_database(migrated)
    assert as_migrated() == migrated


def test_it_fails_who_calls_another_host() -> None:
    with pytest.raises(pytest.fail.Exception, match="give it the simulator"):
        requests.get("https://tiktok.example/open_api/", timeout=1)
