"""The demo's `.env`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agencyportal.firstrun import NotADemo, demo_values, prepare

ROOT = Path(__file__).resolve().parent.parent


def test_it_refuses_an_env_that_is_not_a_demos(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("DEMO=0\nSITE_URL=https://portal.example\n")
    with pytest.raises(NotADemo, match="DEMO=1"):
        prepare(path)
    assert path.read_text() == "DEMO=0\nSITE_URL=https://portal.example\n"


def test_it_never_touches_an_env_that_exists(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("DEMO=1\nAGENCY_NAME=Mine\n")
    assert not prepare(path)
    assert path.read_text() == "DEMO=1\nAGENCY_NAME=Mine\n"


def test_it_writes_an_env_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    assert prepare(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_it_makes_fresh_keys_every_time() -> None:
    one, two = demo_values(), demo_values()
    assert one["SECRET_KEY"] != two["SECRET_KEY"]
    assert one["VAULT_KEYS"] != two["VAULT_KEYS"]


def test_the_settings_accept_what_it_writes(tmp_path: Path) -> None:
    bare = {"PATH": os.environ["PATH"], "READ_DOT_ENV": "0"}
    done = subprocess.run(
        [sys.executable, "-c", "import agencyportal.settings"],
        cwd=ROOT,
        env={**bare, **demo_values()},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def in_the_demo(statement: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", statement],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
    )


def test_a_port_that_is_none_is_refused_by_its_variable() -> None:
    done = in_the_demo("import agencyportal.firstrun", PORTAL_PORT="soon")
    assert done.stderr.strip() == "PORTAL_PORT must be a port, like 8000."


def test_ports_may_be_moved_by_variables() -> None:
    done = in_the_demo(
        "from agencyportal import firstrun; print(*firstrun.addresses().values())",
        PORTAL_PORT="18000",
        TIKTOK_PORT="18100",
    )
    assert done.stdout.split() == [
        "http://127.0.0.1:18000",
        "http://127.0.0.1:18100/open_api/v1.3/",
        "http://127.0.0.1:18100/portal/auth",
        "http://127.0.0.1:18100/v2/auth/authorize",
    ]


def test_a_taken_port_is_told_with_the_variable_that_moves_it() -> None:
    from agencyportal.demo.__main__ import said_of

    assert "TIKTOK_PORT=8110 make demo" in said_of(8100)
    assert "PORTAL_PORT=8010 make demo" in said_of(8000)
