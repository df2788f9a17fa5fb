from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from agencyportal.simulator import command as simulator


class Command(BaseCommand):
    help = (
        "Play TikTok on this machine, keeping its state in var/. For more options:"
        " python -m agencyportal.simulator --help."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", default="8100")
        parser.add_argument("--state", default="var/simulator.json")
        parser.add_argument("--fresh", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        words = ["--port", options["port"], "--state", options["state"]]
        sys.exit(simulator.main([*words, *(["--fresh"] * options["fresh"])]))
