"""What is wrong with the vault, who acts and what to do: one sentence."""

from __future__ import annotations

import datetime as dt
import json
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.utils import timezone

from accounts.outbound import OutboundError
from accounts.vault.errors import VaultError
from accounts.vault.infisical import Infisical, open_infisical
from accounts.vault.models import VaultLogin, VaultSecret
from accounts.vault.rotation import rows_per_key
from accounts.vault.rows import standing

CLOCKS_APART = dt.timedelta(minutes=2)
WRITES_SECONDS = 60.0
PROBE = "portal-check"
# Waiting this long is no longer the usual minute.
WAITS_LONG = dt.timedelta(minutes=5)


def check() -> str:
    """Return what works; raise VaultError for the first thing that does not.

    Tries a refused login again, and puts a value into Infisical, reads it back and
    deletes it. Nothing of the portal's own is touched.
    """
    _check_keys()
    if not settings.INFISICAL:
        return f"The vault works: {_here()} encrypted in the database."
    infisical = open_infisical()
    try:
        _check_clock(infisical.status())
        infisical.login.try_again()
        _check_round(infisical)
    except OutboundError as error:
        raise VaultError(str(error), permanent=False) from None
    if trouble := vault_trouble():
        raise VaultError(trouble, permanent=False)
    return (
        f"The vault works: Infisical keeps {_there()} in {infisical.folder},"
        f" {infisical.environment}; {_here()} in the database. New ones rest in"
        f" {_new_ones()}."
    )


def vault_trouble() -> str:
    """Return the one sentence that a person must read, "" while all is well."""
    if refusal := _refusal():
        return refusal
    waiting = VaultSecret.objects.filter(due_at__isnull=False).exclude(problem="")
    oldest = waiting.order_by("written_at").first()
    if oldest is None or oldest.written_at > timezone.now() - WAITS_LONG:
        return ""
    count = waiting.count()
    return (
        f"Infisical is behind: {many(count)} {'stays' if count == 1 else 'stay'}"
        f" encrypted in the database until it takes them; keys work. {oldest.problem}"
    )


def _refusal() -> str:
    if not settings.INFISICAL:
        return ""
    fingerprint = open_infisical().login.fingerprint
    refused = VaultLogin.objects.filter(fingerprint=fingerprint).first()
    return refused.refusal if refused else ""


def _check_keys() -> None:
    """Refuse a ring that lacks a key some row was sealed with."""
    missing = {
        key_id: rows
        for key_id, rows in rows_per_key().items()
        if rows and key_id not in settings.VAULT_KEYS
    }
    if missing:
        count = sum(missing.values())
        raise VaultError(
            f"{many(count)} {'needs' if count == 1 else 'need'} the vault key"
            f" {' and '.join(sorted(missing))}, which VAULT_KEYS does not hold. The"
            " operator puts it back and restarts."
        )


def _check_clock(theirs: dt.datetime | None) -> None:
    apart = abs(timezone.now() - theirs) if theirs else dt.timedelta()
    if apart > CLOCKS_APART:
        minutes = round(apart.total_seconds() / 60)
        raise VaultError(
            f"The clocks of this machine and of Infisical are {minutes} minutes apart."
            " The operator sets both by a time server."
        )


def _check_round(infisical: Infisical) -> None:
    """Put, read, delete and miss one value of our own."""
    until = time.monotonic() + WRITES_SECONDS
    name = f"{PROBE}-{secrets.token_hex(4)}"
    value = json.dumps({"check": secrets.token_hex(8)})
    infisical.write(name, value, until=until)
    try:
        _must(lambda: infisical.read(name) == value, "give back what was put there")
    finally:
        infisical.remove(name, until=until)
    _must(lambda: infisical.read(name) is None, "forget what was deleted there")


def _must(holds: Callable[[], bool], what: str) -> None:
    if not holds():
        raise VaultError(
            f"Infisical does not {what}. The operator asks an Infisical admin who else"
            " writes into its folder."
        )


def _here() -> str:
    return many(standing().exclude(blob=b"").count())


def _there() -> str:
    return many(standing().filter(blob=b"").count())


def many(count: int) -> str:
    return "1 secret" if count == 1 else f"{count} secrets"


def _new_ones() -> str:
    return "Infisical" if settings.VAULT == "infisical" else "the database"
