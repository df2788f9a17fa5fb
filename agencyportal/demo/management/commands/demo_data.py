from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from agencyportal.demo import books


class Command(BaseCommand):
    help = "Fill the demo's books: the cast, clients, a live agency connection."

    def handle(self, *args: Any, **options: Any) -> None:
        books.fill()
        self.stdout.write("The demo's books are filled.")
