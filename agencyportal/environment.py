"""Strict readers of environment variables.

Each refuses to start (`ImproperlyConfigured`) on a missing or bad value, naming the
variable and what it should hold, never the value itself: it may be a secret.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
DEMO_MAIL = {
    "django.core.mail.backends.console.EmailBackend",
    "django.core.mail.backends.filebased.EmailBackend",
    "django.core.mail.backends.locmem.EmailBackend",
}


def read_switch(env: environ.Env, name: str, *, default: bool) -> bool:
    """Return True for 1/true, False for 0/false or empty; refuse anything else."""
    raw = env.str(name, default="1" if default else "0").strip().lower()
    if raw in {"1", "true"}:
        return True
    if raw in {"0", "false", ""}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0.")


def read_text(
    env: environ.Env, name: str, *, default: str | None = None, least: int = 1
) -> str:
    value: str = env.str(name, default=default or "").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. See .env.example.")
    if len(value) < least:
        raise ImproperlyConfigured(f"{name} must have at least {least} characters.")
    return value


def read_choice(
    env: environ.Env, name: str, choices: tuple[str, ...], *, default: str
) -> str:
    value = read_text(env, name, default=default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(choices)}.")
    return value


def read_name(env: environ.Env, name: str, *, default: str | None = None) -> str:
    """Return a name that Infisical takes for an environment or a folder."""
    value = read_text(env, name, default=default)
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value):
        raise ImproperlyConfigured(
            f"{name} must be 1-64 letters, digits, hyphens or underscores."
        )
    return value


def read_origin(env: environ.Env, name: str, *, secure: bool) -> str:
    """Return a server's address without a path; "" when the variable is not set."""
    if not env.str(name, default="").strip():
        return ""
    value = read_url(env, name, secure=secure).rstrip("/")
    if urlsplit(value).path or urlsplit(value).query:
        raise ImproperlyConfigured(f"{name} must be an address without a path.")
    return value


def read_domains(env: environ.Env, name: str) -> tuple[str, ...]:
    """Return mail domains from a comma list, in lower case; none stands for any."""
    domains = tuple(one.strip().lower() for one in env.list(name, default=[]))
    if any("@" in one or "." not in one.strip(".") for one in domains):
        raise ImproperlyConfigured(f"{name} must be domains, like agency.example.")
    return domains


def read_number(env: environ.Env, name: str, *, default: int) -> int:
    raw = env.str(name, default=str(default)).strip()
    if not raw.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, 0 or more.")
    return int(raw)


def read_url(
    env: environ.Env, name: str, *, secure: bool, default: str | None = None
) -> str:
    value = read_text(env, name, default=default)
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name} must be a full address, https://…")
    if secure and parts.scheme != "https":
        raise ImproperlyConfigured(f"{name} must begin with https:// in production.")
    return value


def read_vault_keys(env: environ.Env, name: str) -> dict[str, bytes]:
    """Read `id:base64,id:base64` into ids and 32-byte keys; the first encrypts."""
    keys: dict[str, bytes] = {}
    for entry in read_text(env, name).split(","):
        key_id, _, encoded = entry.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not key_id.isalnum() or len(key_id) > 16 or len(key) != 32:
            raise ImproperlyConfigured(
                f"{name} must be id:base64 pairs separated by commas; each id is 1-16"
                " letters or digits, each key 32 bytes."
            )
        if key_id in keys:
            raise ImproperlyConfigured(f"{name} names the key id {key_id} twice.")
        keys[key_id] = key
    return keys


def read_database(env: environ.Env, name: str, *, default: str) -> dict[str, Any]:
    """Return a DATABASES entry for SQLite or PostgreSQL with the options we rely on.

    SQLite must start its transactions IMMEDIATE (deferred ones fail under load) and
    needs recursive triggers, or REPLACE would walk around the trail's guards. The
    job broker closes old connections at every step, hence CONN_MAX_AGE.
    """
    try:
        config: dict[str, Any] = env.db_url(name, default=default)
    except (environ.ImproperlyConfigured, ValueError) as error:
        raise ImproperlyConfigured(f"{name} is not a database address.") from error
    if "ENGINE" not in config:
        raise ImproperlyConfigured(f"{name} is not a database address.")
    config["CONN_MAX_AGE"] = 60
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                " PRAGMA recursive_triggers=ON;"
            ),
        }
    elif config["ENGINE"] == "django.db.backends.postgresql":
        config["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured(f"{name} must be sqlite:/// or postgres://.")
    return config


def read_cache(env: environ.Env, name: str, *, default: str) -> dict[str, Any]:
    """Return a CACHES entry that all processes share.

    Sign-in limits and used codes are counted there: a cache of each process's own
    would multiply the guesses by the number of workers.
    """
    try:
        config: dict[str, Any] = env.cache_url(name, default=default)
    except (environ.ImproperlyConfigured, ValueError) as error:
        raise ImproperlyConfigured(f"{name} is not a cache address.") from error
    if not config["BACKEND"].endswith((".DatabaseCache", ".RedisCache")):
        raise ImproperlyConfigured(
            f"{name} must be dbcache:// or redis://: all processes share it."
        )
    return config


def debug_at_home(*, hosts: Iterable[str], site_url: str) -> None:
    """Refuse DEBUG=1 where others reach it: its error pages show what code holds."""
    if not {urlsplit(site_url).hostname, *hosts} <= LOOPBACK:
        raise ImproperlyConfigured(
            "DEBUG=1 works with loopback SITE_URL and ALLOWED_HOSTS only. Unset DEBUG,"
            " or point them at 127.0.0.1."
        )


def loopback_only(
    *, hosts: Iterable[str], email_backend: str, proxies: int, **urls: str
) -> None:
    """Refuse DEMO=1 on anything but this machine: its doors open with one click."""
    for name, url in urls.items():
        if urlsplit(url).hostname not in LOOPBACK:
            raise ImproperlyConfigured(
                f"DEMO=1 works with a loopback {name} only. Unset DEMO, or point"
                f" {name} at 127.0.0.1."
            )
    if not set(hosts) <= LOOPBACK:
        raise ImproperlyConfigured("DEMO=1 needs loopback ALLOWED_HOSTS only.")
    if email_backend not in DEMO_MAIL:
        raise ImproperlyConfigured("DEMO=1 never sends real mail: unset EMAIL_URL.")
    if proxies:
        raise ImproperlyConfigured(
            "DEMO=1 stands behind no proxy, or others could reach it: unset"
            " TRUSTED_PROXY_COUNT."
        )
