from __future__ import annotations

from typing import Any

from django_q.management.commands import qcluster

from accounts.trail.guards import prove_guards


class Command(qcluster.Command):
    help = "Run the jobs, once the trail has proved that it cannot be changed."

    def handle(self, *args: Any, **options: Any) -> None:
        prove_guards()
        super().handle(*args, **options)
