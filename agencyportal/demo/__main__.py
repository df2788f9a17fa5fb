"""Runs the whole demo in one terminal: `python -m agencyportal.demo`.

The books are brought up to date, then come the simulator, the invented agency, the
web server and the worker. Safe to run again: nothing that exists is made twice.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from agencyportal.firstrun import (
    SIMULATOR_PORT,
    SIMULATOR_URL,
    WEB_PORT,
    WEB_URL,
    NotADemo,
    addresses,
    prepare,
)
from agencyportal.supervisor import Stopped, Supervisor

ROOT = Path(__file__).resolve().parent.parent.parent
# What listens there, and the variable that moves it.
PORTS = {
    WEB_PORT: ("the web server", "PORTAL_PORT"),
    SIMULATOR_PORT: ("the simulator", "TIKTOK_PORT"),
    SIMULATOR_PORT + 1: ("the simulator", "TIKTOK_PORT"),
}
GRACE_SECONDS = 130  # longer than Q_CLUSTER["timeout"], the longest a job may take
STATE_FILE = "var/simulator.json"

MANAGE = (sys.executable, "manage.py")
SIMULATOR = (
    *(sys.executable, "-m", "agencyportal.simulator"),
    *("--port", str(SIMULATOR_PORT), "--state", STATE_FILE),
)
# No access log: link tokens are part of addresses and belong in no log.
WEB = (
    *(
        sys.executable,
        "-m",
        "gunicorn",
        "agencyportal.wsgi",
        "--bind",
        f"127.0.0.1:{WEB_PORT}",
    ),
    *("--worker-class", "gthread", "--threads", "8"),
    *("--no-control-socket", "--log-level", "warning"),
)


def taken_ports() -> list[int]:
    """Return the ports of ours that another program listens on."""
    taken = []
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                taken.append(port)
    return taken


def said_of(port: int) -> str:
    """Say who needs a port that is taken, and both ways out."""
    what, name = PORTS[port]
    return (
        f"Port {port} is taken, and {what} needs it: stop the program that uses it"
        f" (another demo?), or move {what}: {name}={port + 10} make demo."
    )


def play(supervisor: Supervisor) -> None:
    """Start everything, then watch until it is over; leave by raising Stopped."""
    supervisor.run("books", (*MANAGE, "migrate", "--verbosity", "0"))
    supervisor.run("books", (*MANAGE, "createcachetable"))
    supervisor.run("books", (*MANAGE, "sync_schedules"))
    supervisor.start("simulator", SIMULATOR, ready=SIMULATOR_URL)
    supervisor.run("books", (*MANAGE, "demo_data"))
    supervisor.start("web", WEB, ready=WEB_URL)
    supervisor.start("worker", (*MANAGE, "run_worker"))
    supervisor.say(f"The portal:         {WEB_URL}/")
    supervisor.say(f"Simulated TikTok:   {SIMULATOR_URL}/")
    supervisor.say("Ctrl-C stops it all; a running job may finish first.")
    supervisor.watch()


def main() -> int:
    try:
        prepare()
    except NotADemo as error:
        print(error, file=sys.stderr)
        return 1
    for port in taken_ports():
        print(said_of(port), file=sys.stderr)
        return 1
    os.environ.update(addresses())  # whatever ports the .env was written for
    os.chdir(ROOT)
    Path("staticfiles").mkdir(exist_ok=True)  # empty here, but looked for
    with Supervisor(grace=GRACE_SECONDS) as supervisor:
        try:
            play(supervisor)
        except Stopped as stopped:
            supervisor.say(str(stopped))
            return int(stopped.failed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
