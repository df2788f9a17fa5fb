"""The environment the suite runs in: production's rules with keys made for one run."""

from __future__ import annotations

import base64
import os
import secrets

INFISICAL = ("CLIENT_ID", "CLIENT_SECRET", "ENVIRONMENT", "PROJECT_ID", "TENANT", "URL")


def random_keys() -> str:
    """Return a VAULT_KEYS value with one fresh key."""
    return "test1:" + base64.b64encode(secrets.token_bytes(32)).decode()


def live_infisical() -> dict[str, str]:
    """Return LIVE_INFISICAL_*: the developer's INFISICAL_*, for the tests that ask.

    Kept under names of their own, so that no other test ever speaks to that server.
    """
    named = {part: f"LIVE_INFISICAL_{part}" for part in INFISICAL}
    return {
        live: os.environ.get(live) or os.environ.get(f"INFISICAL_{part}", "")
        for part, live in named.items()
    }


def suite_variables() -> dict[str, str]:
    """Return every variable the settings read.

    `TEST_DATABASE_URL` is listened to, without it this is SQLite; and INFISICAL_*,
    which only the tests marked for a live server see.
    """
    return {
        "AGENCY_NAME": "Northlight Media",
        "ALLOWED_HOSTS": "portal.example",
        "CACHE_URL": "dbcache://cache",
        "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", "sqlite:///:memory:"),
        "DEBUG": "0",
        "DEFAULT_FROM_EMAIL": "portal@portal.example",
        "DEMO": "0",
        "DJANGO_SETTINGS_MODULE": "agencyportal.settings",
        "EMAIL_URL": "memorymail://",
        **{f"INFISICAL_{part}": "" for part in INFISICAL},
        **live_infisical(),
        "READ_DOT_ENV": "0",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SITE_URL": "https://portal.example",
        "STAFF_EMAIL_DOMAINS": "",
        "TIKTOK_API_URL": "https://tiktok.example/open_api/v1.3/",
        "TIKTOK_APP_ID": "7000000000000000001",
        "TIKTOK_APP_SECRET": secrets.token_hex(20),
        "TIKTOK_AUTH_URL": "https://tiktok.example/portal/auth",
        "TIKTOK_CREATOR_AUTH_URL": "https://tiktok.example/v2/auth/authorize",
        "TIME_ZONE": "UTC",
        "TRUSTED_PROXY_COUNT": "0",
        "VAULT": "local",
        "VAULT_KEYS": random_keys(),
    }
