"""Fixtures and rules for the whole suite.

A test that cannot run here is *left out* and named at the end; with
NOTHING_LEFT_OUT=1 (`make ci`) it fails instead. A test made for one database only is
marked `only_on("sqlite")` or `only_on("postgresql")` and runs in that database's turn;
one that touches none runs in SQLite's. So do pages, journeys and what people do in a
browser, but for the happy path and for what commits.
"""

from __future__ import annotations

import gc
import os
import socket
import types
from collections.abc import Iterator, Sequence, Sized
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import TransactionTestCase, override_settings

from accounts.flows import proof, spark_work
from accounts.outbound import door
from tests.base import HttpsClient, as_migrated, empty_database, find_chromium
from tests.factory import Factory

EASY_TO_TEST = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "SECURE_SSL_REDIRECT": False,
    "STORAGES": {
        **django_settings.STORAGES,
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        },
    },
}
# This machine, and the one other server somebody may run tests against.
LIVE = urlsplit(os.environ.get("LIVE_INFISICAL_URL", "")).hostname
HERE = (None, "", "localhost", "127.0.0.1", "::1", LIVE)
NOTHING_LEFT_OUT = os.environ.get("NOTHING_LEFT_OUT") == "1"
LEFT_TO_CI = {
    "browser": "in the browser",
    "long": "taking long",
    "once": "that SQLite's turn runs",
}
# Pages and journeys are alike on every database while nobody commits: SQLite, whose
# rows have no order here but the one that is asked for, speaks for both.
PAGES = {"admin", "agencyportal", "audit", "onboarding", "signin", "walks"}
# What flows do is played on both, but `make test` leaves to SQLite what rolls back.
FLOWS = "flows"
ACTING = {FLOWS, "admin", "onboarding"}
DATABASES = {"db", "transactional_db", "live_server"}
_unwanted: list[list[str]] = []
_begun: set[str] = set()


@pytest.fixture(scope="session", autouse=True)
def easy_to_test() -> Iterator[None]:
    """Fast passwords, plain http for whoever asks, and no collected static files."""
    with override_settings(**EASY_TO_TEST):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tests that commit leave what `migrate` made: the groups, the first limits."""
    with django_db_blocker.unblock():
        kept = as_migrated()
    patch = pytest.MonkeyPatch()
    patch.setattr(
        TransactionTestCase, "_fixture_teardown", lambda _self: empty_database(kept)
    )
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def nobody_waits() -> Iterator[None]:
    """No test sits out the waits between reads, or those between tries."""
    patch = pytest.MonkeyPatch()
    at_once = types.SimpleNamespace(sleep=lambda seconds: None)
    patch.setattr(proof, "time", at_once)
    patch.setattr(spark_work, "time", at_once)
    patch.setattr(door, "random", types.SimpleNamespace(uniform=lambda *bounds: 0))
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def nobody_calls_out() -> Iterator[None]:
    """A test speaks to this machine alone; another host fails it, at once."""
    usual = socket.getaddrinfo

    def here_only(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in HERE:
            pytest.fail(f"This test calls {host}: give it the simulator, `tiktok`")
        return usual(host, *args, **kwargs)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket, "getaddrinfo", here_only)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """Keep SQLite's test database in a file, so threads meet as processes do.

    Rows that nobody ordered come the other way round than they were made: who counts
    on their order finds out here, as on PostgreSQL.
    """
    if connection.vendor == "sqlite":
        folder: Path = tmp_path_factory.mktemp("database")
        database = django_settings.DATABASES["default"]
        database["TEST"]["NAME"] = folder / "test.sqlite3"
        database["OPTIONS"]["init_command"] += "PRAGMA reverse_unordered_selects=ON;"


@pytest.fixture
def client() -> HttpsClient:
    """A browser nobody has signed in with; `client.sign_in(user)` does."""
    return HttpsClient()


@pytest.fixture
def factory(db: None) -> Factory:
    return Factory()


def pytest_itemcollected(item: pytest.Item) -> None:
    if FLOWS in _rooms(item) and not _commits(item):
        item.add_marker(pytest.mark.once)
    if _is_case_of_many(item) and not _is_first_case(item):
        item.add_marker(pytest.mark.long)


def _is_case_of_many(item: pytest.Item) -> bool:
    """True for what acts on the simulated TikTok, and for what says `matrix`."""
    acts = not ACTING.isdisjoint(_rooms(item)) and "tiktok" in _fixtures(item)
    return acts or item.get_closest_marker("matrix") is not None


def _is_first_case(item: pytest.Item) -> bool:
    """True once for every test, whatever it is parametrized with."""
    test = item.nodeid.partition("[")[0]
    is_first = test not in _begun
    _begun.add(test)
    return is_first


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    elsewhere = [item for item in items if not _belongs_here(item)]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if _belongs_here(item)]
    items.sort(key=_is_short)  # nobody waits in the end for one that takes minutes


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over the thousands of tests, which all stay."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _belongs_here(item: pytest.Item) -> bool:
    if marker := item.get_closest_marker("only_on"):
        return connection.vendor in marker.args
    if connection.vendor == "sqlite" or item.get_closest_marker("happy_path"):
        return True
    return _touches_a_database(item) and not _is_told_by_sqlite(item)


def _is_told_by_sqlite(item: pytest.Item) -> bool:
    """True for a browser's tests, and for pages and journeys while nobody commits."""
    is_page = not PAGES.isdisjoint(_rooms(item)) and not _commits(item)
    return is_page or item.get_closest_marker("browser") is not None


def _fixtures(item: pytest.Item) -> Sequence[str]:
    return getattr(item, "fixturenames", ())


def _rooms(item: pytest.Item) -> tuple[str, ...]:
    return item.path.relative_to(item.config.rootpath).parts


def _touches_a_database(item: pytest.Item) -> bool:
    """False where pytest-django refuses every query; a browser's processes have one."""
    marked = map(item.get_closest_marker, ("django_db", "browser"))
    return any(marked) or not DATABASES.isdisjoint(_fixtures(item))


def _commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or (
        "transactional_db" in _fixtures(item)
    )


def _is_short(item: pytest.Item) -> tuple[bool, bool]:
    return (
        item.get_closest_marker("browser") is None,
        item.get_closest_marker("long") is None,
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and not find_chromium():
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")


def pytest_deselected(items: list[pytest.Item]) -> None:
    for item in filter(_belongs_here, items):
        if kinds := list(filter(item.get_closest_marker, LEFT_TO_CI)):
            _unwanted.append([item.nodeid, kinds[0]])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly what was left out, here and to whoever runs several suites."""
    if hasattr(terminalreporter.config, "workeroutput"):
        return  # a parallel worker; the process that started it speaks for all
    if played := _fault_cases(terminalreporter):
        terminalreporter.write_line(f"{connection.vendor}: {played}")
    lines = [f"{what}: {why}" for why, what in _skipped(terminalreporter).items()]
    for kind, words in LEFT_TO_CI.items():
        left = [nodeid for nodeid, why in _unwanted if why == kind]
        if left:
            lines.append(f"{_many(left)} {words}: `make ci` runs them all")
    for line in lines:
        terminalreporter.write_line(f"Left out: {line}")
    if NOTHING_LEFT_OUT and terminalreporter.getreports("skipped"):
        terminalreporter.write_line("Nothing may be left out here: the run fails.")
    if note := os.environ.get("LEFT_OUT_NOTE"):
        with Path(note).open("a") as file:
            file.writelines(f"{line}\n" for line in lines)


def _fault_cases(terminalreporter: pytest.TerminalReporter) -> str:
    """Say how many cases of the fault matrix were played, and in how many all held."""
    outcomes = {
        report.nodeid: outcome
        for outcome in ("passed", "failed", "error")
        for report in terminalreporter.getreports(outcome)
        if "::test_it_survives[" in report.nodeid
    }
    held = list(outcomes.values()).count("passed")
    return (outcomes and f"{held} of {len(outcomes)} fault cases held") or ""


def _skipped(terminalreporter: pytest.TerminalReporter) -> dict[str, str]:
    """Return reason -> how many tests were skipped for it."""
    reports: dict[str, list[object]] = {}
    for report in terminalreporter.getreports("skipped"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else "skipped"
        reports.setdefault(reason.removeprefix("Skipped: "), []).append(report)
    return {reason: _many(skipped) for reason, skipped in reports.items()}


def _many(tests: Sized) -> str:
    return f"{len(tests)} test{'' if len(tests) == 1 else 's'}"


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Learn from a parallel worker what it left out: all workers select alike."""
    _unwanted[:] = getattr(node, "workeroutput", {}).get("unwanted", _unwanted)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["unwanted"] = _unwanted
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.getreports("skipped") if reporter else []
    if NOTHING_LEFT_OUT and skipped and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
