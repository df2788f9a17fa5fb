"""`manage.py move_vault`: there and back, and nothing lost wherever it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from accounts.models import Event
from accounts.trail import Actor
from accounts.vault import Secret, carrying, moving, vault
from accounts.vault.models import VaultSecret
from tests.accounts.vault.test_resting import Killed, die, is_down
from tests.infisical import Fake
from tests.infisical.server import undisturbed

pytestmark = pytest.mark.django_db
ME = Actor.task("tests.vault")
REFERENCES = [f"connections/{number}" for number in range(3)]
ALL = {reference: Secret(f"value of {reference}") for reference in REFERENCES}


def run(*options: str) -> str:
    out = StringIO()
    call_command("move_vault", *options, stdout=out)
    return out.getvalue()


def values() -> Any:
    return vault().get_many(REFERENCES, purpose="test", by=ME)


@pytest.fixture
def here(fake: Fake, settings: Any) -> Fake:
    """Three secrets and a short-lived one, all in the database."""
    settings.VAULT = "local"
    vault().set_many(ALL, by=ME)
    vault().set("connections/short", Secret("short"), by=ME, short_lived=True)
    return fake


@pytest.fixture
def there(here: Fake, settings: Any) -> Fake:
    """The same, moved to Infisical; the settings say they are to come back."""
    settings.VAULT = "infisical"
    run("--to", "infisical")
    settings.VAULT = "local"
    return here


def test_it_changes_nothing_when_dry(here: Fake) -> None:
    assert "3 secrets to move to infisical" in run("--to", "infisical", "--dry-run")
    assert here.seen == []


@pytest.mark.parametrize("to", ["infisical", "local"])
def test_it_refuses_to_move_where_new_ones_do_not_go(
    here: Fake, settings: Any, to: str
) -> None:
    settings.VAULT = "local" if to == "infisical" else "infisical"
    with pytest.raises(CommandError, match=f"Set VAULT={to}, restart"):
        run("--to", to)


@pytest.mark.parametrize("to", ["infisical", "local"])
def test_it_says_what_is_left_when_infisical_is_away(
    there: Fake, settings: Any, to: str
) -> None:
    settings.VAULT = to
    if to == "infisical":
        vault().set(REFERENCES[0], ALL[REFERENCES[0]], by=ME)
    there.disturb = is_down
    with pytest.raises(CommandError, match=r"HTTP 500.*Left where it was: \d"):
        run("--to", to)
    there.disturb = undisturbed
    assert values() == ALL


def test_it_says_what_another_worker_has_in_hand(here: Fake, settings: Any) -> None:
    settings.VAULT = "infisical"
    busy = VaultSecret.objects.filter(reference=REFERENCES[1])
    busy.update(lease_until=timezone.now() + carrying.LEASE)
    with pytest.raises(CommandError, match=r"it was: 1 secret,.*connections/1"):
        run("--to", "infisical")
    assert values() == ALL


def test_it_brings_back_nothing_that_does_not_open(there: Fake) -> None:
    folder = there.shelf.environments["prod"]["/connections/portal"]
    folder.secrets["connections__1"].versions.append("{}")
    with pytest.raises(CommandError, match=r"it was: 1 secret,.*connections/1"):
        run("--to", "local")
    assert list(there.held()) == ["connections__1"]
    assert "not written by this portal" in (
        VaultSecret.objects.get(reference="connections/1").problem
    )


def test_it_moves_all_there_but_what_is_short_lived(there: Fake) -> None:
    rows = VaultSecret.objects.exclude(reference="connections/short")
    assert {bytes(row.blob) for row in rows} == {b""}
    assert len(there.held()) == 3
    assert values() == ALL
    assert Event.objects.filter(action="vault.carried").count() == 1


def test_it_moves_all_back_and_leaves_nothing_there(there: Fake) -> None:
    assert "Nothing is left to move to local." in run("--to", "local")
    assert there.held() == {}
    assert not VaultSecret.objects.filter(is_sent=True).exists()
    there.seen.clear()
    assert values() == ALL
    assert there.seen == []
    assert Event.objects.filter(action="vault.brought_back").count() == 1


@pytest.mark.matrix
@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("to", ["infisical", "local"])
def test_it_loses_nothing_wherever_it_is_killed(
    here: Fake, settings: Any, monkeypatch: Any, to: str, is_after: bool
) -> None:
    if to == "local":
        settings.VAULT = "infisical"
        run("--to", "infisical")
    settings.VAULT = to
    for call in range(100):
        with monkeypatch.context() as patch:
            die(patch, call % 5, is_after)
            try:
                run("--to", to)
            except Killed:
                assert values_without(patch) == ALL
            else:
                break
    assert not moving.to_move(to).exists()
    assert values() == ALL
    assert len(here.held()) == (3 if to == "infisical" else 0)


def values_without(patch: pytest.MonkeyPatch) -> Any:
    """Read as another process would, which nobody kills."""
    patch.undo()
    return values()


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("to", ["infisical", "local"])
def test_it_loses_nothing_when_the_process_is_killed(
    here: Fake, settings: Any, to: str
) -> None:
    if to == "local":
        settings.VAULT = "infisical"
        run("--to", "infisical")
    settings.VAULT = to
    for call in (1, 2, 3):
        ended = move_in_a_process(settings, to, call)
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        assert values() == ALL
        VaultSecret.objects.update(lease_until=None)  # as if three minutes had passed
    run("--to", to)
    assert values() == ALL
    assert len(here.held()) == (3 if to == "infisical" else 0)


def move_in_a_process(settings: Any, to: str, call: int) -> Any:
    """Run the command in a process that kills itself right after a call's answer."""
    script = (
        "import django, os, signal; django.setup()\n"
        "from django.conf import settings\n"
        "from django.core.management import call_command\n"
        "from accounts.vault.infisical import Infisical\n"
        f"settings.VAULT = {to!r}\n"
        f"settings.VAULT_KEYS = {settings.VAULT_KEYS!r}\n"
        f"settings.INFISICAL = {settings.INFISICAL!r}\n"
        "usual, made = Infisical._call, []\n"
        "def die(*args, **kwargs):\n"
        "    made.append(1)\n"
        "    try: return usual(*args, **kwargs)\n"
        "    finally:\n"
        f"        len(made) < {call} or os.kill(os.getpid(), signal.SIGKILL)\n"
        "Infisical._call = die\n"
        f"call_command('move_vault', '--to', {to!r})\n"
    )
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        host = connection.settings_dict["OPTIONS"]["host"]
        url = f"postgres://postgres@/{name}?host={host}"
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
    )
