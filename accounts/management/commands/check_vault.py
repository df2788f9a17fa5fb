from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.vault import VaultError
from accounts.vault.checking import check


class Command(BaseCommand):
    help = (
        "Say in one sentence whether the vault works; if not, what is wrong, who acts"
        " and what to do. Tries a login again that Infisical had refused. Exits with"
        " an error when something does not work."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(check())
        except VaultError as error:
            raise CommandError(str(error)) from None
