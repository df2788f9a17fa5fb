"""Fills the demo's books and the extra clients': `python -m tests.browser.books`."""

from __future__ import annotations

import os

import django

from tests.browser.cast import EXTRA


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agencyportal.settings")
    django.setup()
    from agencyportal.demo import books

    books.CLIENTS += tuple(
        (extra.client, "mira.okafor", extra.contact, "Owner") for extra in EXTRA
    )
    books.fill()


if __name__ == "__main__":
    main()
