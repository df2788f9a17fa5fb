"""The whole house on free ports: simulator, web and worker as real processes.

The web speaks as `localhost`, the simulator as 127.0.0.1, so the trip to TikTok and
back truly crosses sites and cookies must allow for it.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import requests

from agencyportal.firstrun import demo_values
from agencyportal.supervisor import Supervisor
from tests.browser.cast import EXTRA
from tests.variables import suite_variables

ROOT = Path(__file__).resolve().parents[2]
GRACE_SECONDS = 20
READY_SECONDS = 30

MANAGE = (sys.executable, "manage.py")
SIMULATOR = (
    *(sys.executable, "-m", "agencyportal.simulator"),
    *("--port", "0", "--fresh", "--state"),
)
WEB = (
    *(sys.executable, "-m", "gunicorn", "agencyportal.wsgi"),
    *("--worker-class", "gthread", "--threads", "8"),
    *("--no-control-socket", "--log-level", "warning", "--bind"),
)


@dataclass(frozen=True)
class Stage:
    """Where everything listens, and the file that all of it logs to."""

    web_url: str
    simulator_url: str
    second_url: str
    log: Path
    supervisor: Supervisor

    @property
    def hosts(self) -> set[str]:
        """The hosts a page may speak to; any other is a third party."""
        urls = (self.web_url, self.simulator_url, self.second_url)
        return {urlsplit(url).netloc for url in urls}

    def control(self, lever: str, /, **body: Any) -> Any:
        """Pull a lever of the simulator (GET /_control/ lists them)."""
        with _session() as session:
            answer = session.post(
                f"{self.simulator_url}/_control/{lever}", json=body, timeout=10
            )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def look(self, name: str) -> Any:
        with _session() as session:
            answer = session.get(f"{self.simulator_url}/_control/{name}", timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @contextmanager
    def resting_worker(self) -> Iterator[None]:
        """Let jobs wait, so that pages of work under way stand still."""
        worker = next(part for part in self.supervisor.parts if part.name == "worker")
        os.killpg(worker.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(worker.process.pid, signal.SIGCONT)

    def center(self, name: str) -> str:
        """Return the id of a Business Center at the simulator."""
        return next(c["bc_id"] for c in self.look("centers") if c["name"] == name)


@contextmanager
def set_up(folder: Path, *, database_url: str | None = None) -> Iterator[Stage]:
    """Start it all with an empty database and the demo's books; stop it at the end."""
    log = folder / "stage.log"
    port = _free_port()
    env = _environment(port) | {
        "DATABASE_URL": database_url or f"sqlite:///{folder / 'portal.sqlite3'}"
    }
    with log.open("w", encoding="utf-8") as out:
        supervisor = Supervisor(grace=GRACE_SECONDS, out=out, env=env)
        try:
            supervisor.start("simulator", (*SIMULATOR, str(folder / "simulator.json")))
            stage = _meet_simulator(supervisor, log, f"http://localhost:{port}")
            supervisor.env = env | {
                "TIKTOK_API_URL": f"{stage.simulator_url}/open_api/v1.3/",
                "TIKTOK_AUTH_URL": f"{stage.simulator_url}/portal/auth",
                "TIKTOK_CREATOR_AUTH_URL": f"{stage.simulator_url}/v2/auth/authorize",
            }
            _fill(supervisor, stage)
            supervisor.start(
                "web", (*WEB, f"127.0.0.1:{port}"), ready=f"{stage.web_url}/demo/"
            )
            supervisor.start("worker", (*MANAGE, "run_worker"))
            _wait_for(log, r"worker +\|.*running")
            yield stage
        finally:
            supervisor.stop()


@contextmanager
def own_database(url: str) -> Iterator[str]:
    """Make a database beside the suite's own on that PostgreSQL; drop it afterwards."""
    name = f"browser_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield url.replace("/postgres?", f"/{name}?")
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _environment(port: int) -> dict[str, str]:
    """The demo's variables; neither the suite's nor the developer's own reach it."""
    inherited = {k: v for k, v in os.environ.items() if k not in suite_variables()}
    return (
        inherited
        | demo_values()
        | {
            "READ_DOT_ENV": "0",
            "SITE_URL": f"http://localhost:{port}",
        }
    )


def _meet_simulator(supervisor: Supervisor, log: Path, web_url: str) -> Stage:
    """Read where the simulator listens and register our redirect addresses there."""
    found = _wait_for(log, r"Controls: (http://[^/]+)/")
    with _session() as session:
        told = session.get(f"{found[1]}/_control/", timeout=10).json()
    second_url = told["addresses"]["second_origin"]
    stage = Stage(web_url, found[1], second_url, log, supervisor)
    stage.control(
        "app",
        redirect_uris=[
            f"{web_url}/connect/{purpose}/tiktok/"
            for purpose in ("agency", "client", "creator")
        ],
    )
    for extra in EXTRA:
        stage.control(
            "people",
            id=extra.person,
            name=extra.contact,
            email=extra.email,
            scenario="happy",
        )
    return stage


def _fill(supervisor: Supervisor, stage: Stage) -> None:
    supervisor.run("books", (*MANAGE, "migrate", "--verbosity", "0"))
    supervisor.run("books", (*MANAGE, "createcachetable"))
    supervisor.run("books", (*MANAGE, "sync_schedules"))
    supervisor.run("books", (sys.executable, "-m", "tests.browser.books"))


def _wait_for(log: Path, words: str) -> re.Match[str]:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if found := re.search(words, log.read_text(encoding="utf-8")):
            return found
        time.sleep(0.05)
    raise AssertionError(f"No {words!r} in\n{log.read_text(encoding='utf-8')}")


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
