"""Accounts keeps the books."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Books"

    def ready(self) -> None:
        from accounts.flows import merging
        from accounts.flows.carrying import PARTS
        from accounts.signin import outside, receivers  # noqa: F401  connect signals
        from accounts.signin.groups import BOOKS, allow
        from accounts.trail import say
        from accounts.vocabulary import SENTENCES

        merging.carry(*PARTS)
        say(SENTENCES)
        allow("accounts", BOOKS)
