"""The suite's own environment: set before Django reads its settings.

Loaded by `-p tests.environment` in pyproject.toml. Production rules apply (DEBUG and
DEMO off), every key is made for this run, and the developer's `.env` is never read.
`TEST_DATABASE_URL` is the one variable listened to; without it the suite uses SQLite.
"""

from __future__ import annotations

import base64
import os
import secrets


def random_keys() -> str:
    """Return a VAULT_KEYS value with one fresh key."""
    return "test1:" + base64.b64encode(secrets.token_bytes(32)).decode()


def suite_environment() -> dict[str, str]:
    """Return every variable the settings read, as the suite wants it."""
    return {
        "AGENCY_NAME": "Northwind Agency",
        "ALLOWED_HOSTS": "portal.example",
        "CACHE_URL": "dbcache://cache",
        "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", "sqlite:///:memory:"),
        "DEBUG": "0",
        "DEFAULT_FROM_EMAIL": "portal@portal.example",
        "DEMO": "0",
        "DJANGO_SETTINGS_MODULE": "agencyportal.settings",
        "EMAIL_URL": "memorymail://",
        "READ_DOT_ENV": "0",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SITE_URL": "https://portal.example",
        "TIKTOK_API_URL": "https://tiktok.example/open_api/v1.3/",
        "TIKTOK_APP_ID": "7000000000000000001",
        "TIKTOK_APP_SECRET": secrets.token_hex(20),
        "TIKTOK_AUTH_URL": "https://tiktok.example/portal/auth",
        "TIME_ZONE": "UTC",
        "TRUSTED_PROXY_COUNT": "0",
        "VAULT_KEYS": random_keys(),
    }


os.environ.update(suite_environment())
