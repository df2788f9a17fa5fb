from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.flows import connections
from accounts.models import Connection
from accounts.outbound import OutboundError
from accounts.platforms.registry import platform
from accounts.trail import Actor

PLATFORM = "tiktok"
BY = Actor.system("check_tiktok")


class Command(BaseCommand):
    help = (
        "Say in one line each whether TikTok works: the app, its permissions, our"
        " logins, our Business Centers. Exits with an error when something does not."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        spec = platform(PLATFORM)
        self.stdout.write(f"App          {spec.app_id} at {', '.join(spec.hosts)}")
        keys = list(Connection.objects.of_agency(PLATFORM).distinct())
        if not keys:
            raise CommandError(
                "Agency login none. An access owner connects one: admin, Our centers."
            )
        broken = [key for key in keys if not self.examine(key)]
        if broken:
            raise CommandError(
                f"{len(broken)} of {len(keys)} logins do not do what we need. Each line"
                " above says why; an access owner connects again."
            )

    def examine(self, key: Connection) -> bool:
        """Print one login's lines; True if it can read our centers."""
        missing = platform(PLATFORM).missing_scopes(key.scopes, "agency")
        scopes = f"lacks {', '.join(missing)}" if missing else "all that is needed"
        try:
            centers = connections.call(
                key,
                lambda connector, token: connector.centers(token),
                purpose="check that our login works",
                by=BY,
                in_person=True,
            )
        except OutboundError as error:
            self.stdout.write(f"Agency login {key}: {error}")
            return False
        self.stdout.write(f"Agency login {key} works")
        self.stdout.write(f"Permissions  {scopes}")
        if of_posts := platform(PLATFORM).missing_scopes(key.scopes, "spark"):
            self.stdout.write(f"Spark Ads    lacks {', '.join(of_posts)}")
        for center in centers:
            role = "admin" if center.is_admin else "not an admin: cannot read back"
            self.stdout.write(
                f"Center       {center.name} {center.external_id}: {role}"
            )
        return not missing
