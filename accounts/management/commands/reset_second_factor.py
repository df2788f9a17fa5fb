from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.flows.resets import take_off
from accounts.models import User
from accounts.trail import Actor
from accounts.trail.context import request_scope


class Command(BaseCommand):
    help = (
        "Take off a colleague's second factor where no two people can: in an agency"
        " with one person who manages colleagues. It stands on the trail as done here."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        email = User.objects.normalize_email(options["email"])
        user = User.objects.filter(email=email).first()
        if user is None:
            raise CommandError(f"No colleague has the address {email}.")
        with request_scope(), transaction.atomic():
            by = Actor.system("reset_second_factor")
            take_off(user, reason="by a command on the server", by=by)
        self.stdout.write(f"{user} adds a new second factor at the next sign-in.")
