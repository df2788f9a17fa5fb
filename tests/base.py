"""What the tests share that is neither a fixture nor a maker of rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from tests.chromium import find_chromium as find_chromium


class HttpsClient(Client):
    """A test client whose every request arrives by https, as production's do."""

    def generic(self, *args: Any, **kwargs: Any) -> Any:
        return super().generic(*args, **{**kwargs, "secure": True})

    def sign_in(self, user: Any) -> None:
        """Sign a colleague in with password and second factor, without the pages."""
        factor, _ = Authenticator.objects.get_or_create(
            user=user, type=Authenticator.Type.TOTP, defaults={"data": {}}
        )
        self.force_login(user)
        session = self.session
        session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(user.pk)
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {"method": "mfa", "id": factor.pk, "type": "totp", "at": time.time()}
        ]
        session.save()


@contextmanager
def unguarded_trail() -> Iterator[None]:
    """Let the trail be emptied: the one bypass of its guards, for flush alone."""
    from accounts.trail.guards import install_guards, remove_guards

    remove_guards(connection)
    try:
        yield
    finally:
        install_guards(connection)


Rows = dict[str, list[tuple[Any, ...]]]


def as_migrated() -> Rows:
    """Return table -> its rows; right after `migrate`, for `empty_database`."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = cursor.fetchall()
    return {table: rows for table, rows in found.items() if rows}


def empty_database(kept: Rows) -> None:
    """Leave `kept` alone, what `migrate` made; between tests that really commit."""
    with unguarded_trail():
        call_command(
            "flush",
            interactive=False,
            verbosity=0,
            reset_sequences=False,  # the rows come back with the numbers they had
            inhibit_post_migrate=True,
        )
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in kept.items():
            values = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f'INSERT INTO "{table}" VALUES ({values})', rows)
    cache.clear()  # its table is no model's, so flush leaves it alone
