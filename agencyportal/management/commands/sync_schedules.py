from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from agencyportal.schedules import TIMETABLE, sync


class Command(BaseCommand):
    help = "Make the scheduled jobs equal the timetable in agencyportal/schedules.py."

    def handle(self, *args: Any, **options: Any) -> None:
        sync()
        self.stdout.write(f"{len(TIMETABLE)} jobs on the timetable.")
