"""No secret is found outside the vault's own ciphertext, in any shape."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

from accounts.trail import Actor
from accounts.vault import Secret, carrying, vault
from tests.infisical import Fake
from tests.infisical.wire import Request
from tests.walks import canaries

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ME = Actor.task("tests.vault")
TOKENS = {f"connections/{n}": f"rft.CANARY-{n}-7f3ab2" for n in range(2)}


def live_through_everything(fake: Fake, settings: Any) -> None:
    """Store, carry, read, fail, rotate, check and bring back."""
    for reference, token in TOKENS.items():
        vault().set(reference, Secret(token), by=ME)
    carrying.sweep(by=ME)
    vault().get_many(list(TOKENS), purpose="canary", by=ME)
    settings.VAULT_KEYS = {"new": b"n" * 32, **settings.VAULT_KEYS}
    call_command("rotate_vault_key")
    carrying.sweep(by=ME)
    call_command("check_vault")
    vault().delete("connections/0", by=ME)
    carrying.sweep(by=ME)
    settings.VAULT = "local"
    call_command("move_vault", to="local")
    vault().get("connections/1", purpose="canary", by=ME)


def test_it_shows_no_secret_anywhere(fake: Fake, settings: Any) -> None:
    with canaries.logs() as log:
        live_through_everything(fake, settings)
    planted = canaries.canaries(
        **{
            "token": TOKENS.values(),
            "client secret": [fake.me.client_secret],
            "bearer": list(fake.identities.tokens),
            "vault key": list(django_settings.VAULT_KEYS.values()),
        }
    )
    sent = "\n".join(said_by(one) for one in fake.seen)
    found = {
        "log": canaries.hits(log.getvalue(), planted),
        "sent": canaries.hits(sent, planted),
        **{
            f"table {table}": canaries.hits(text, planted)
            for table, text in canaries.database()
        },
    }
    assert {place: names for place, names in found.items() if names} == {}
    assert "connections__1" in log.getvalue()
    assert fake.calls("PATCH") > 2


def said_by(request: Request) -> str:
    """Return what a server's log of requests would hold, and the values."""
    body = {key: value for key, value in request.body.items() if key != "clientSecret"}
    return f"{request.method} {request.path} {request.query} {json.dumps(body)}"


def test_it_sends_the_client_secret_to_the_login_alone(fake: Fake) -> None:
    vault().set("connections/0", Secret("a"), by=ME)
    carrying.sweep(by=ME)
    told = [one.path for one in fake.seen if fake.me.client_secret in str(one.body)]
    assert told == ["/api/v1/auth/universal-auth/login"]
