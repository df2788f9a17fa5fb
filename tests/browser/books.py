"""Fills the demo's books and the extra clients': `python -m tests.browser.books`."""

from __future__ import annotations

import os

import django

from tests.browser.cast import EXTRA, TYPED, TYPIST


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agencyportal.settings")
    django.setup()
    from agencyportal.demo import books

    books.CLIENTS += tuple(
        (extra.client, "mira.okafor", extra.contact, "Owner") for extra in EXTRA
    )
    books.fill()
    add_typist()


def add_typist() -> None:
    """Let one colleague in at the real door, with a password and a second factor."""
    from allauth.mfa.totp.internal.auth import TOTP

    from accounts.models import Assignment
    from tests.factory import Factory

    user = Factory().make_user(
        email=TYPIST.email, name=TYPIST.name, password=TYPIST.password
    )
    TOTP.activate(user, TYPIST.secret)
    Assignment.objects.filter(client__name=TYPED.client).update(user=user)


if __name__ == "__main__":
    main()
