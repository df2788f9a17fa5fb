from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.flows import clients, sync
from accounts.flows.comparing import READ_BACK
from accounts.flows.drift import News
from accounts.flows.rounds import Round
from accounts.models import Asset, CenterSync, Client

BAR_WIDTH = 30
WORDS = {
    READ_BACK: "Grants listed",
    News.BACK: "Active again, or at last",
    News.DRIFTED: "Drifted: another role",
    News.MISSED: "Missed once: read again within the hour",
    News.LOST: "Lost: gone in two reads",
    News.GONE: "Found before, gone now",
    News.FOUND: "Found, never asked",
}


class Command(BaseCommand):
    help = (
        "Read what our Business Centers list, now, and compare it with the books:"
        " several lists at a time, each once. Exits with an error when a list could"
        " not be read; each line then says who acts. Safe while the portal works, safe"
        " to stop and to run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--client", help="only this client: its name or its id")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="read and say what would change; leave every grant as it is",
        )
        parser.add_argument(
            "--at-once",
            type=int,
            default=sync.PAIRS_AT_ONCE,
            help="how many lists are read at the same time",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.before = self.so_far = 0
        client = find_client(options["client"]) if options["client"] else None
        done = sync.everything(
            client,
            dry_run=options["dry_run"],
            watch=self.watch,
            at_once=options["at_once"],
        )
        self.report(done, is_dry=options["dry_run"])

    def watch(self, one: Round | None, number: int, of: int) -> None:
        """Draw a bar where somebody looks on; elsewhere a line for each row.

        The centers' own lists, then the partners' that these name: counted on.
        """
        if number == 1:
            self.before = self.so_far
        number, of = self.before + number, self.before + of
        self.so_far = number
        if not self.stdout.isatty():
            self.stdout.write(f"{number} of {of}: {said(one)}")
            return
        full = BAR_WIDTH * number // of
        bar = "#" * full + "-" * (BAR_WIDTH - full)
        self.stdout.write(f"\r[{bar}] {number} of {of}", ending="")
        if number == of:
            self.stdout.write("")

    def report(self, done: list[Round], *, is_dry: bool) -> None:
        tally = sum((one.tally for one in done), Counter[str]())
        if is_dry:
            self.stdout.write("A dry run: the grants stay as they are.")
        self.stdout.write(f"{'Lists read':42}{sum(one.reader.lists for one in done)}")
        for kind, words in WORDS.items():
            self.stdout.write(f"{words:42}{tally[kind]}")
        problems = [
            f"{named(one.row)}: {said}" for one in done for said in one.problems
        ]
        if problems:
            raise CommandError(
                f"{len(problems)} could not be read; their grants stay as they were.\n"
                + "\n".join(problems)
            )


def find_client(wanted: str) -> Client:
    """Return the client of that name, in upper or lower case, or id.

    One that was merged away leads to the client it became.
    """
    try:
        client = clients.now(Client.objects.filter(pk=UUID(wanted)).first())
    except ValueError:
        client = clients.of_name(wanted)
    if client is None:
        raise CommandError(
            f"There is no client “{wanted}”. Give the whole name, or the id from the"
            " address of the client's page."
        )
    return client


def said(one: Round | None) -> str:
    if one is None:
        return "left to the worker that reads it this minute"
    news = [f"{count} {kind}" for kind, count in sorted(one.tally.items()) if count]
    return f"{named(one.row)}: {', '.join(news + one.problems) or 'nothing listed'}"


def named(row: CenterSync) -> str:
    """Return which two centers, the partner's by name where the books know it."""
    partner = Asset.objects.filter(
        platform=row.center.platform,
        kind=Asset.Kind.CENTER,
        external_id=row.partner_id,
    ).first()
    return f"{row.center} and {partner}, {row.partner_id}" if partner else str(row)
