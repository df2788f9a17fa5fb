from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.outbound import OutboundError
from accounts.trail import Actor
from accounts.vault import VaultError
from accounts.vault.checking import many
from accounts.vault.models import VaultSecret
from accounts.vault.moving import move, to_move

BY = Actor.system("move_vault")
MOST_NAMED = 10
PLACES = ("infisical", "local")


class Command(BaseCommand):
    help = (
        "Move stored secrets to Infisical, or back into the database: (1) set VAULT to"
        " where they are to rest and restart, (2) run this. Keep INFISICAL_* until it"
        " reports nothing left. Safe while the portal works, safe to stop and to run"
        " again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", choices=PLACES, required=True)
        parser.add_argument(
            "--dry-run", action="store_true", help="count only, change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        to, waiting = options["to"], to_move(options["to"]).count()
        if options["dry_run"]:
            self.stdout.write(f"A dry run: {many(waiting)} to move to {to}.")
            return
        if to != settings.VAULT:
            raise CommandError(
                f"VAULT={settings.VAULT}, so new secrets would go on resting there. Set"
                f" VAULT={to}, restart the portal, and run this again."
            )
        left = self._move(to, waiting)
        if remaining := to_move(to).count():
            raise CommandError(
                f"Left where it was: {many(remaining)}, in another worker's hands or in"
                f" trouble. Run this again in three minutes. {why_left(left)}"
            )
        self.stdout.write(f"Nothing is left to move to {to}.")

    def _move(self, to: str, waiting: int) -> list[str]:
        """Move all, with a line for each batch; return the names of those left."""
        left: list[str] = []
        moved = 0
        try:
            for batch in move(to, by=BY):
                moved += batch.moved
                left += batch.left
                self.stdout.write(f"{moved} of {waiting} moved.")
        except (OutboundError, VaultError) as error:
            raise CommandError(
                f"{error} Left where it was: {many(to_move(to).count())}. Run this"
                " again then."
            ) from None
        return left


def why_left(references: list[str]) -> str:
    """Name the first of those left, each with its trouble."""
    rows = VaultSecret.objects.filter(reference__in=references).order_by("reference")
    return " ".join(
        f"{row.reference}: {row.problem or 'in use.'}" for row in rows[:MOST_NAMED]
    )
