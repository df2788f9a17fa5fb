"""Django's own list of what a deployment must have."""

from __future__ import annotations

import pytest

from tests.agencyportal.test_environment import DEMO, start

CHECK = (
    "import django; django.setup();"
    " from django.core.management import call_command;"
    " call_command('check', deploy=True, fail_level='WARNING')"
)


def test_it_is_fit_for_deployment() -> None:
    answer = start(CHECK)
    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout


def test_the_check_would_notice_a_demo() -> None:
    answer = start(CHECK, **DEMO)
    assert answer.returncode != 0
    assert "SECURE_HSTS_SECONDS" in answer.stderr


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_URL", "portal.example"),
        ("AGENCY_NAME", None),
        ("DEMO", "perhaps"),
        ("READ_DOT_ENV", "later"),
        ("TIKTOK_AUTH_URL", "http://tiktok.example/portal/auth"),
        ("TRUSTED_PROXY_COUNT", "-1"),
        ("VAULT", "elsewhere"),
        ("VAULT_KEYS", ""),
        ("INFISICAL_URL", "http://infisical.example"),
        ("DATABASE_URL", "nonsense"),
        ("DEFAULT_FROM_EMAIL", ""),
        ("TIME_ZONE", ""),
    ],
)
def test_it_names_the_variable_it_refuses(name: str, value: str | None) -> None:
    answer = start(**{name: value})
    assert answer.returncode != 0
    assert name in answer.stderr.strip().splitlines()[-1]


def test_it_names_what_infisical_lacks() -> None:
    there = {"VAULT": "infisical", "INFISICAL_URL": "https://infisical.example/"}
    assert "needs INFISICAL_URL" in start(VAULT="infisical").stderr
    assert "INFISICAL_PROJECT_ID is not set" in start(**there).stderr
