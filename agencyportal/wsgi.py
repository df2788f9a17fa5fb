"""The web process. It proves the trail's guards before the first request."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agencyportal.settings")

application = get_wsgi_application()

from accounts.trail.guards import prove_guards  # noqa: E402

prove_guards()
