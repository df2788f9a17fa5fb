from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from agencyportal.simulator import command as simulator


class Command(BaseCommand):
    help = "Play TikTok on this machine; the same as python -m agencyportal.simulator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", default="8100")
        parser.add_argument("--state", default="var/simulator.json")
        parser.add_argument("--fresh", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        words = ["--port", options["port"], "--state", options["state"]]
        simulator.main([*words, *(["--fresh"] if options["fresh"] else [])])
