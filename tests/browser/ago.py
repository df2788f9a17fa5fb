"""Makes a client's hand-outs three days old: `python -m tests.browser.ago CLIENT`."""

from __future__ import annotations

import datetime as dt
import os
import sys

import django


def main(client: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agencyportal.settings")
    django.setup()
    from django.utils import timezone

    from onboarding.models import AccessLink

    made_at = timezone.now() - dt.timedelta(days=3)
    links = AccessLink.objects.filter(request__client__name=client)
    assert links.update(made_at=made_at), f"{client} has no link"


if __name__ == "__main__":
    main(sys.argv[1])
