"""`python -m tests.ci lint|test|ci`: what the Makefile's checks are made of.

Standard library only: `ci` begins by making the virtualenv that the rest runs in.
"""

from __future__ import annotations

import os
import shutil
import sys

from tests.ci.parts import Part, run_parts
from tests.variables import suite_variables

PYTHON = ".venv/bin/python"
PROCESSORS = os.cpu_count() or 1
PYTEST = (PYTHON, "-m", "pytest", "--dist", "loadgroup", "-n")
AT_WORK = (*PYTEST, str(min(PROCESSORS, 4)))
# One more than the processors: who waits for a browser works little.
WITH_BROWSERS = (*PYTEST, str(min(PROCESSORS + 1, 4)))
ON_POSTGRES = (PYTHON, "-m", "tests.postgres")
CHROMIUM = (
    *("sh", "-ec"),
    "as_root=$([ $(id -u) = 0 ] || echo sudo); $as_root apt-get update -q;"
    " $as_root env DEBIAN_FRONTEND=noninteractive"
    " apt-get install -qy --no-install-recommends chromium fonts-dejavu-core",
)
QUICK = "not browser and not long"
AGAIN = QUICK + " and not once"
STRICT = {"NOTHING_LEFT_OUT": "1"}


def lint_parts() -> list[Part]:
    return [
        Part("lint", (PYTHON, "-m", "ruff", "check", ".")),
        Part("format", (PYTHON, "-m", "ruff", "format", "--check", ".")),
        Part("types", (PYTHON, "-m", "mypy"), env=suite_variables()),
    ]


def test_parts() -> list[Part]:
    """The suite twice, with one browser test: what a developer waits for."""
    return [
        Part("tests on SQLite", (*AT_WORK, "-m", QUICK + " or happy_path")),
        Part("tests on PostgreSQL", (*ON_POSTGRES, *AT_WORK, "-m", AGAIN)),
    ]


def ci_parts() -> list[Part]:
    """Everything, from an empty clone, with nothing left out."""
    manage = (PYTHON, "manage.py")
    production = suite_variables()
    parts = [Part("install", ("make", "install"), needed=True)]
    if not shutil.which("chromium"):
        parts.append(Part("Chromium", CHROMIUM))
    return [
        *parts,
        *lint_parts(),
        Part(
            "migrations complete",
            (*manage, "makemigrations", "--check", "--dry-run"),
            env=production,
        ),
        Part(
            "production settings",
            (*manage, "check", "--deploy", "--fail-level", "WARNING"),
            env={**production, "DATABASE_URL": "sqlite:///var/check.sqlite3"},
        ),
        Part("suite on SQLite", WITH_BROWSERS, env=STRICT),
        Part("suite on PostgreSQL", (*ON_POSTGRES, *WITH_BROWSERS), env=STRICT),
    ]


VERBS = {"lint": lint_parts, "test": test_parts, "ci": ci_parts}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in VERBS:
        print(f"Say one of: {', '.join(VERBS)}", file=sys.stderr)
        return 2
    return run_parts(VERBS[arguments[0]]())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
