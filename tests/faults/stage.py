"""The stage every fault case is played on: both sides, the minute's jobs, the pages."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.flows import sync, work
from accounts.models import (
    CenterSync,
    Client,
    Connection,
    PlatformApp,
    RoleGrant,
    User,
)
from accounts.outbound import transport
from onboarding.tasks import sweep as sweep_visits
from tests.base import HttpsClient
from tests.factory import Factory
from tests.onboarding.visitor import Visitor
from tests.simulated import Simulated, connect_our_side, open_the_tap, run_jobs

OUR_PERSON = "priya"


@dataclass
class Stage:
    """`told_staff` and `told_client` are the pages shown while the fault lasted."""

    tiktok: Simulated
    factory: Factory
    owner: User
    visitor: Callable[..., Visitor]
    staff: HttpsClient
    monkeypatch: pytest.MonkeyPatch
    told_staff: list[str] = field(default_factory=list)
    told_client: list[str] = field(default_factory=list)

    def arm(self, fault: str, place: str) -> None:
        """Let the fault begin; for an answer that never comes nobody waits long."""
        self.tiktok.control("faults", endpoint=place, fault=fault)
        if fault == "stalled":
            self.monkeypatch.setattr(transport, "READ_SECONDS", 0.3)

    def disarm(self) -> None:
        """The fault, which was met, is over, and so are the pauses it caused."""
        assert all(armed["met"] for armed in self.tiktok.look("faults")["waiting"])
        self.tiktok.control("faults/clear")
        self.monkeypatch.setattr(transport, "READ_SECONDS", 20)
        PlatformApp.objects.update(paused_until=None)
        open_the_tap()

    def sweep(self) -> None:
        """Let all that waits fall due, and run the minute's jobs."""
        waiting = RoleGrant.objects.filter(next_check_at__isnull=False)
        waiting.update(next_check_at=timezone.now())
        work.sweep()
        sweep_visits()
        run_jobs()

    def sync(self) -> None:
        """Let every list fall due, and read them all."""
        CenterSync.objects.update(due_at=timezone.now())
        sync.sweep()
        run_jobs()

    def mend_our_key(self) -> None:
        """Our own admin connects again, as the key's desk asks them to."""
        dead = Connection.State.NEEDS_REAUTHORIZATION
        if Connection.objects.filter(label="Priya Raman", state=dead).exists():
            connect_our_side(self.tiktok, self.owner, OUR_PERSON)

    def show_staff(self, url: str) -> str:
        """Open a page as the access owner; return what it says."""
        self.told_staff.append(read(self.staff.get(url, follow=True)))
        return self.told_staff[-1]

    def staff_pages(self) -> Iterator[str]:
        """Yield what was shown already, then what a colleague would open next."""
        yield from list(self.told_staff)
        yield self.show_staff(reverse("admin:index"))
        for name, rows in (
            ("rolegrant", RoleGrant.objects.filter(via=None)[:1]),
            ("connection", Connection.objects.exclude(problem="")),
            ("client", Client.objects.all()),
        ):
            for one in rows:
                url = reverse(f"admin:accounts_{name}_change", args=[one.pk])
                yield self.show_staff(url)


def read(answer: Any) -> str:
    """Return a page as people read it; it is never a fault of ours."""
    assert answer.status_code < 500, answer.content
    return html.unescape(answer.content.decode())


class NoWaiting:
    """The throttle's clock: where it would sleep, the pause is over at once."""

    def __init__(self, clock: Any) -> None:
        self.monotonic = clock.monotonic

    def sleep(self, seconds: float) -> None:
        passed = F("paused_until") - dt.timedelta(seconds=seconds)
        PlatformApp.objects.update(paused_until=passed)
        open_the_tap()
