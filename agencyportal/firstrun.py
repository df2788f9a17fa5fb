"""Writes the demo's `.env` with fresh random keys: `python -m agencyportal.firstrun`.

An existing `.env` is never touched. One that is not a demo's is refused, because the
demo fills the database it names with an invented agency.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
from pathlib import Path

from agencyportal.simulator.worlds import APP_ID, APP_SECRET

DOMAIN = "northlight.example"  # where the invented agency's people have their mail
ENV_FILE = Path(__file__).resolve().parent.parent / ".env"


def port(name: str, usual: int) -> int:
    """Return the port that the variable `name` moves, or the usual one."""
    told = os.environ.get(name, "").strip() or str(usual)
    if not told.isdecimal():
        raise SystemExit(f"{name} must be a port, like {usual}.")
    return int(told)


WEB_PORT = port("PORTAL_PORT", 8000)
SIMULATOR_PORT = port("TIKTOK_PORT", 8100)
WEB_URL = f"http://127.0.0.1:{WEB_PORT}"
SIMULATOR_URL = f"http://127.0.0.1:{SIMULATOR_PORT}"


class NotADemo(Exception):
    """The `.env` belongs to another installation; the message is for its owner."""


def prepare(path: Path = ENV_FILE) -> bool:
    """Write the demo's `.env` unless there is one; return True if it was written.

    Raise NotADemo if the file that is there does not say DEMO=1.
    """
    if path.exists():
        if "DEMO=1" not in path.read_text().split():
            raise NotADemo(
                f"{path.name} is not a demo's: it does not say DEMO=1. Move it away,"
                " then run `make demo` again."
            )
        return False
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("# The demo's settings, with keys made on its first run.\n")
        file.writelines(f"{name}={value}\n" for name, value in demo_values().items())
    return True


def demo_values() -> dict[str, str]:
    """Return the demo's variables; the app's credentials are the simulator's own."""
    return {
        "AGENCY_NAME": "Northlight Media",
        "DEMO": "1",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "STAFF_EMAIL_DOMAINS": DOMAIN,
        "TIKTOK_APP_ID": APP_ID,
        "TIKTOK_APP_SECRET": APP_SECRET,
        "VAULT_KEYS": "demo1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        **addresses(),
    }


def addresses() -> dict[str, str]:
    """Return the variables that say where both sides are, this time."""
    return {
        "SITE_URL": WEB_URL,
        "TIKTOK_API_URL": f"{SIMULATOR_URL}/open_api/v1.3/",
        "TIKTOK_AUTH_URL": f"{SIMULATOR_URL}/portal/auth",
        "TIKTOK_CREATOR_AUTH_URL": f"{SIMULATOR_URL}/v2/auth/authorize",
    }


def main() -> int:
    try:
        written = prepare()
    except NotADemo as error:
        print(error, file=sys.stderr)
        return 1
    if written:
        print(f"Wrote {ENV_FILE.name} with fresh keys.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
