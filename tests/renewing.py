"""Creators' keys by the dozen or the thousand, and workers that renew them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connections as databases
from django.db.models.functions import Now
from django.test import override_settings
from django.utils import timezone

from accounts.models import Connection
from accounts.outbound.models import PlatformApp
from accounts.trail import Actor
from accounts.vault import Secret, vault
from tests.provider import Provider, serving
from tests.simulated import open_the_tap

BY = Actor.task("test")
APP = {"platform": "tiktok", "app_id": "7000000000000000001"}


@contextmanager
def provided(**how: Any) -> Iterator[Provider]:
    """Let the settings point at a provider, and the bucket be no bound."""
    with serving(Provider(**how)) as provider:
        there = {**settings.TIKTOK, "app_id": APP["app_id"], "api_url": provider.url}
        with override_settings(TIKTOK=there):
            open_the_tap()
            yield provider


def make_keys(provider: Provider, how_many: int = 1, **fields: Any) -> list[Connection]:
    """Make creators' keys that are due, and their families at the provider."""
    start = len(provider.families)
    keys = Connection.objects.bulk_create(
        Connection(
            **APP,
            kind=Connection.Kind.CREATOR,
            external_user_id=f"creator-{number}",
            label=f"@creator{number}",
            **{
                "vault_ref": f"connections/{number}/access-token",
                "refresh_ref": f"connections/{number}/refresh-token",
                "refresh_due_at": timezone.now(),
                "access_until": timezone.now(),
                **fields,
            },
        )
        for number in range(start, start + how_many)
    )
    for first in range(0, how_many, 500):
        some = keys[first : first + 500]
        vault().set_many({key.vault_ref: Secret("act.old") for key in some}, by=BY)
        vault().set_many(
            {
                key.refresh_ref: Secret(provider.add(key.external_user_id))
                for key in some
            },
            by=BY,
        )
    return keys


def age_leases() -> None:
    """Let what a dead worker held be free at once."""
    Connection.objects.filter(lease_until__isnull=False).update(lease_until=Now())


def make_due() -> None:
    Connection.objects.live().exclude(refresh_ref="").update(
        refresh_due_at=timezone.now()
    )


def the_app() -> PlatformApp:
    return PlatformApp.objects.get(**APP)


def fork(work: Callable[[], object]) -> int:
    """Do the work in a process of its own; return its id."""
    databases.close_all()  # a connection belongs to one process
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def wait_until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    ends_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends_at, "It never came to this"
        time.sleep(0.002)
