"""The front page: what needs you, whom we wait for, and whether the reads are fresh."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def today_for(request: HttpRequest) -> dict[str, Any]:
    return {"title": "Today"}
