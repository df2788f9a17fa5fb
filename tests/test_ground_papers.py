"""The papers at the top of the tree agree with the code."""

from __future__ import annotations

import re
from pathlib import Path

from tests.variables import suite_variables

ROOT = Path(__file__).resolve().parent.parent
READERS = r'(?:read_\w+|env\.\w+)\(\s*(?:env,\s*)?"([A-Z_]+)"'


def settings_names() -> set[str]:
    return set(re.findall(READERS, (ROOT / "agencyportal/settings.py").read_text()))


def example_names() -> list[str]:
    return re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M)


def test_the_example_names_every_variable_the_settings_read() -> None:
    assert set(example_names()) == settings_names()


def test_the_example_is_alphabetical() -> None:
    assert example_names() == sorted(example_names())


def test_the_suite_sets_every_variable_the_settings_read() -> None:
    assert settings_names() <= set(suite_variables())


def test_every_requirement_is_pinned() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            assert re.match(r"(#|-r |[\w.-]+(\[\w+\])?==\d)", line), line
