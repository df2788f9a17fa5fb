"""The filter of the requests' list by whose turn it is."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.filters import Choice
from onboarding.models import AccessRequest
from onboarding.turns import TURNS, with_turn


class Turn(Choice):
    title = "turn"
    parameter_name = "turn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(TURNS.items())

    def pick(
        self, rows: QuerySet[AccessRequest], value: str
    ) -> QuerySet[AccessRequest]:
        turned: Any = with_turn(rows)
        return turned.filter(turn=value)
