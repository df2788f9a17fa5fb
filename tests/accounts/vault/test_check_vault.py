"""`manage.py check_vault`: one sentence on what is wrong, who acts and what to do."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.trail import Actor
from accounts.vault import Secret, carrying, vault
from tests.accounts.vault.test_resting import is_down
from tests.infisical import Fake

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ME = Actor.task("tests.vault")
Spoil = Callable[[Fake, dict[str, str]], None]


def run() -> str:
    out = StringIO()
    call_command("check_vault", stdout=out)
    return out.getvalue().strip()


def set_it(name: str, value: str) -> Spoil:
    return lambda fake, told: told.update({name: value})


def make_it(name: str, value: Any) -> Spoil:
    return lambda fake, told: setattr(fake, name, value)


def make_us(name: str, value: Any) -> Spoil:
    return lambda fake, told: setattr(fake.me, name, value)


FAULTS: dict[str, tuple[Spoil, str]] = {
    "unreachable": (set_it("url", "http://127.0.0.1:9"), "cannot be reached"),
    "wrong secret": (set_it("client_secret", "wrong"), "INFISICAL_CLIENT_SECRET"),
    "locked": (make_us("locked_until", 1e12), "clears the lockout"),
    "wrong project": (set_it("project", "another"), "checks INFISICAL_PROJECT_ID"),
    "no member": (make_us("is_member", False), "adds the portal's identity"),
    "environment": (set_it("environment", "nowhere"), "INFISICAL_ENVIRONMENT"),
    "no rights": (make_us("may_write", False), "create, edit and delete"),
    "no values": (make_us("may_read_values", False), "right to read secret values"),
    "approval": (make_it("wants_approval", True), "change policy"),
    "clock": (make_it("ahead_seconds", 600), "10 minutes apart"),
    "token": (make_us("lives_seconds", -1), "token lifetime"),
    "down": (make_it("disturb", is_down), "tries again"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_says_what_is_wrong(fake: Fake, settings: Any, fault: str) -> None:
    spoil, sentence = FAULTS[fault]
    spoil(fake, settings.INFISICAL)
    with pytest.raises(CommandError) as caught:
        run()
    assert sentence in str(caught.value)
    assert fake.me.client_secret not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_it_names_a_vault_key_that_is_gone(fake: Fake, settings: Any) -> None:
    vault().set("connections/1", Secret("a"), by=ME)
    settings.VAULT_KEYS = {"new": b"n" * 32}
    with pytest.raises(CommandError, match="1 secret needs the vault key old"):
        run()


def test_it_tries_a_refused_login_again(fake: Fake, settings: Any) -> None:
    fake.me.locked_until = 1e12
    with pytest.raises(CommandError):
        run()
    fake.me.locked_until = 0
    assert "The vault works" in run()


def test_it_leaves_nothing_behind(fake: Fake) -> None:
    run()
    assert fake.held() == {}


def test_it_says_where_secrets_rest(fake: Fake) -> None:
    vault().set("connections/1", Secret("a"), by=ME)
    carrying.sweep(by=ME)
    vault().set("connections/2", Secret("b"), by=ME, short_lived=True)
    assert run() == (
        "The vault works: Infisical keeps 1 secret in /connections/portal, prod;"
        " 1 secret in the database. New ones rest in Infisical."
    )


def test_it_speaks_of_the_database_alone_where_there_is_no_infisical(
    settings: Any,
) -> None:
    settings.INFISICAL = {}
    assert run() == "The vault works: 0 secrets encrypted in the database."
