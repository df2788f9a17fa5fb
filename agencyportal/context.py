"""What every template may use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, object]:
    return {"agency_name": settings.AGENCY_NAME, "demo": settings.DEMO}
