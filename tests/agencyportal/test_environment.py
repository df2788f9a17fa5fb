"""The settings read their environment strictly: each case is a start of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.variables import suite_variables

READ = "from django.conf import settings; settings.DEBUG"
START = "import django; django.setup()"
DEMO = {
    "DEMO": "1",
    "SITE_URL": "http://127.0.0.1:8000",
    "ALLOWED_HOSTS": "127.0.0.1,localhost",
    "EMAIL_URL": "consolemail://",
    "TIKTOK_API_URL": "http://127.0.0.1:8100/open_api/v1.3/",
    "TIKTOK_AUTH_URL": "http://127.0.0.1:8100/portal/auth",
    "TIKTOK_CREATOR_AUTH_URL": "http://127.0.0.1:8100/v2/auth/authorize",
}


def start(
    statement: str = READ, **changes: str | None
) -> subprocess.CompletedProcess[str]:
    """Read the settings in a fresh process; None takes a variable away."""
    wanted = {**suite_variables(), **changes}
    environment = {name: value for name, value in wanted.items() if value is not None}
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", statement],
        env={**kept, **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_it_starts_for_production():
    answer = start(START)
    assert answer.returncode == 0, answer.stderr


def test_it_starts_with_redis_as_the_shared_cache():
    assert start(CACHE_URL="redis://127.0.0.1:6379/1").returncode == 0


def test_it_starts_for_the_demo():
    answer = start(START, **DEMO)
    assert answer.returncode == 0, answer.stderr


def test_the_demo_answers_to_localhost_too():
    tells = "from django.conf import settings; print(settings.ALLOWED_HOSTS)"
    hosts = start(tells, **{**DEMO, "ALLOWED_HOSTS": None}).stdout
    assert hosts.strip() == "['127.0.0.1', 'localhost']"


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_URL", "http://portal.example"),
        ("SITE_URL", "http://0.0.0.0:8000"),
        ("SITE_URL", "http://127.0.0.1.portal.example"),
        ("ALLOWED_HOSTS", "127.0.0.1,portal.example"),
        ("ALLOWED_HOSTS", "*"),
        ("EMAIL_URL", "smtp://mail.portal.example"),
        ("TIKTOK_API_URL", "https://business-api.tiktok.com/open_api/v1.3/"),
        ("TIKTOK_API_URL", "http://127.0.0.1:8100@business-api.tiktok.com/"),
        ("TIKTOK_AUTH_URL", "https://business-api.tiktok.com/portal/auth"),
        ("TRUSTED_PROXY_COUNT", "1"),
    ],
)
def test_it_refuses_a_demo_that_others_could_reach(name, value):
    answer = start(**{**DEMO, name: value})
    assert answer.returncode != 0
    assert "DEMO=1" in answer.stderr


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", None),
        ("SECRET_KEY", "short"),
        ("SITE_URL", None),
        ("SITE_URL", "http://portal.example"),
        ("AGENCY_NAME", ""),
        ("DEBUG", "maybe"),
        ("DEBUG", "1"),
        ("CACHE_URL", "locmemcache://"),
        ("CACHE_URL", "dummycache://"),
        ("CACHE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://localhost/portal"),
        ("EMAIL_URL", None),
        ("DEFAULT_FROM_EMAIL", None),
        ("TIKTOK_APP_ID", None),
        ("TIKTOK_APP_SECRET", None),
        ("TIKTOK_API_URL", "http://127.0.0.1:8100/open_api/v1.3/"),
        ("TRUSTED_PROXY_COUNT", "many"),
        ("VAULT_KEYS", None),
        ("VAULT_KEYS", "one:tooshort"),
    ],
)
def test_it_refuses_a_bad_value_and_names_the_variable(name, value):
    answer = start(**{name: value})
    last_line = answer.stderr.strip().splitlines()[-1]
    assert answer.returncode != 0
    assert "ImproperlyConfigured" in last_line
    assert name in last_line


def test_it_never_prints_a_value_it_refuses():
    answer = start(VAULT_KEYS="one:c2VjcmV0LXZhbHVl", SECRET_KEY="s3cret-but-short")
    assert "c2VjcmV0" not in answer.stderr
    assert "s3cret" not in answer.stderr
