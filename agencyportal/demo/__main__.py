"""Runs the whole demo in one terminal: `python -m agencyportal.demo`.

The books are brought up to date, then come the simulator, the invented agency, the
web server and the worker. Safe to run again: nothing that exists is made twice.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from agencyportal.firstrun import SIMULATOR_URL, WEB_URL, NotADemo, prepare
from agencyportal.supervisor import Stopped, Supervisor

ROOT = Path(__file__).resolve().parent.parent.parent
PORTS = {8000: "the web server", 8100: "the simulator", 8101: "the simulator"}
GRACE_SECONDS = 130  # longer than Q_CLUSTER["timeout"], the longest a job may take
STATE_FILE = "var/simulator.json"

MANAGE = (sys.executable, "manage.py")
SIMULATOR = (
    *(sys.executable, "-m", "agencyportal.simulator"),
    *("--port", "8100", "--state", STATE_FILE),
)
# No access log: link tokens are part of addresses and belong in no log.
WEB = (
    *(
        sys.executable,
        "-m",
        "gunicorn",
        "agencyportal.wsgi",
        "--bind",
        "127.0.0.1:8000",
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
        print(
            f"Port {port} is taken, and {PORTS[port]} needs it: stop the program that"
            " uses it (another demo?), then run `make demo` again.",
            file=sys.stderr,
        )
        return 1
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
