"""The simulator for tests: one for the run, in threads, spoken to over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from accounts.flows import agency, consent
from accounts.models import Connection, Consent, Grantee, PlatformApp, User
from accounts.roles import ACCESS_OWNERS
from accounts.trail import Actor
from agencyportal.simulator import control, server
from agencyportal.simulator.server import Simulator
from agencyportal.simulator.wire import Request, Response
from tests.factory import Factory

PREFIX = "/open_api/v1.3/"
Route = Callable[[Request], Response]
Disturbance = Callable[[Request, Route], Response]


class Simulated:
    """The simulated TikTok with its controls; `base_url` as a client sees it."""

    def __init__(self, running: Simulator) -> None:
        self.running = running
        self.base_url = running.base_url

    def reset(self) -> None:
        self.control("reset", world="demo")
        base = settings.SITE_URL
        self.control(
            "app",
            redirect_uris=[
                f"{base}/connect/agency/tiktok/",
                f"{base}/connect/client/tiktok/",
                f"{base}/connect/creator/tiktok/",
            ],
        )

    def settings(self) -> dict[str, str]:
        """Return what settings.TIKTOK must be for the portal to speak to it."""
        app = self.look("app")
        return {
            "app_id": app["app_id"],
            "app_secret": app["secret"],
            "api_url": self.base_url + PREFIX,
            "auth_url": self.base_url + "/portal/auth",
            "creator_auth_url": self.base_url + "/v2/auth/authorize",
        }

    def control(self, name: str, /, **body: Any) -> Any:
        return self._pull("POST", name, json.dumps(body).encode())

    def look(self, name: str) -> Any:
        return self._pull("GET", name)

    def _pull(self, method: str, name: str, body: bytes = b"") -> Any:
        """Do what the control door does, without a call: every test begins so."""
        request = Request(
            method,
            f"/_control/{name}",
            {},
            {"content-type": "application/json"},
            body,
        )
        answer = control.handle(self.running.context, request)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def calls(self, endpoint: str) -> int:
        """Return how often an endpoint was called since the reset."""
        return self.look("counters").get(endpoint, {"calls": 0})["calls"]

    def all_calls(self) -> int:
        return sum(counter["calls"] for counter in self.look("counters").values())

    def consent(self, person: str, *, state: str, purpose: str, **more: Any) -> str:
        """Press the person's button on the consent page; return where it leads."""
        return self.control(
            "consent",
            person=person,
            state=state,
            redirect_uri=consent.redirect_uri("tiktok", purpose),
            **more,
        )["location"]

    def creator_consent(self, creator: str, *, state: str, **more: Any) -> str:
        """Press the creator's button on the consent page; return where it leads."""
        return self.control(
            "creators/consent",
            creator=creator,
            state=state,
            redirect_uri=consent.redirect_uri("tiktok", Consent.Purpose.CREATOR),
            **more,
        )["location"]

    def center(self, name: str) -> str:
        return next(c["bc_id"] for c in self.look("centers") if c["name"] == name)

    def accounts_of(self, center: str) -> list[str]:
        """Return the ids of the accounts a center owns, by the center's name."""
        bc_id = self.center(center)
        return [
            account["advertiser_id"]
            for account in self.look("accounts")
            if account["owner_bc_id"] == bc_id
        ]

    @contextmanager
    def disturbed(self, endpoint: str, how: Disturbance) -> Iterator[list[Request]]:
        """Answer the calls of one endpoint as `how` says; yield what came in."""
        usual = server.route
        seen: list[Request] = []

        def route(context: Any, request: Request) -> Response:
            if request.path != PREFIX + endpoint:
                return usual(context, request)
            seen.append(request)
            return how(request, lambda one: usual(context, one))

        server.route = route
        try:
            yield seen
        finally:
            server.route = usual


def never_arrives(request: Request, route: Route) -> Response:
    """Fail with HTTP 500 before anything was done."""
    return Response(b"", 500, "text/plain")


def loses_the_answer(request: Request, route: Route) -> Response:
    """Do what was asked, then fail with HTTP 500."""
    lost = route(request)
    return Response(b"", 500, "text/plain", on_sent=lost.on_sent)


def says(body: bytes) -> Disturbance:
    """Answer these bytes and do nothing."""
    return lambda request, route: Response(body)


def once(how: Disturbance) -> Disturbance:
    """Disturb the first call alone."""
    lock, left = threading.Lock(), [how]

    def turn(request: Request, route: Route) -> Response:
        with lock:
            disturb = left.pop() if left else None
        return disturb(request, route) if disturb else route(request)

    return turn


def open_the_tap() -> None:
    """Give the app so many calls a second that no test waits for one."""
    PlatformApp.objects.update_or_create(
        platform="tiktok",
        app_id=settings.TIKTOK["app_id"],
        defaults={"rate_per_second": 100_000.0, "tokens": 100_000.0},
    )


def connect_our_side(
    tiktok: Simulated, user: User, person: str = "priya"
) -> Connection:
    """Sign in with a login of ours, without a browser."""
    attempt = consent.begin(
        platform="tiktok",
        purpose=Consent.Purpose.AGENCY,
        browser="staff browser",
        by=Actor.staff(user),
        user=user,
    )
    location = tiktok.consent(
        person, state=consent.state_of(attempt), purpose=Consent.Purpose.AGENCY
    )
    came = parse_qs(urlsplit(location).query)
    claimed = consent.claim(
        state=came["state"][0],
        platform="tiktok",
        purpose=Consent.Purpose.AGENCY,
        browser="staff browser",
        user=user,
    )
    consent.exchange(claimed, came["auth_code"][0], by=Actor.staff(user))
    return agency.connect(claimed, user=user)


def main_receiver() -> Grantee:
    return Grantee.objects.get(label="Northlight Agency")


def run_jobs(most: int = 100) -> list[str]:
    """Run what waits in the queue, and what that queues; return the tasks' names."""
    done = []
    while job := OrmQ.objects.order_by("pk").first():
        assert len(done) < most, f"Jobs without end: {done[-5:]}"
        task = SignedPackage.loads(job.payload)
        job.delete()
        import_string(task["func"])(*task["args"], **task["kwargs"])
        done.append(task["func"])
    return done


# Fixtures: a folder's conftest imports those it uses.


@pytest.fixture(scope="session")
def running() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def tiktok(running: Simulator, settings: Any, db: None) -> Simulated:
    """A fresh simulated TikTok that the settings point at."""
    simulated = Simulated(running)
    simulated.reset()
    settings.TIKTOK = simulated.settings()
    open_the_tap()
    return simulated


@pytest.fixture
def owner(factory: Factory) -> User:
    """An access owner."""
    return factory.make_user(role=ACCESS_OWNERS)


@pytest.fixture
def our_side(tiktok: Simulated, owner: User) -> Connection:
    """Our own admin's login, connected: both our centers can be read."""
    return connect_our_side(tiktok, owner)
