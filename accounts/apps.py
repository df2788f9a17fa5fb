"""Accounts keeps the books."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Books"

    def ready(self) -> None:
        from accounts.signin import outside, receivers  # noqa: F401  connect signals
        from accounts.signin.groups import BOOKS, allow
        from accounts.trail import say
        from accounts.vocabulary import SENTENCES

        say(SENTENCES)
        allow("accounts", BOOKS)
