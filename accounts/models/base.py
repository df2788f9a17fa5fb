"""Shared ground of the books' tables."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Generic, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

# The only green there is: read back within this time.
FRESH_FOR = dt.timedelta(hours=24)

Row = TypeVar("Row", bound=models.Model)


class UuidModel(models.Model):
    """A row that secrets or public pages refer to: its key cannot be guessed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class ClientQuerySet(models.QuerySet[Row], Generic[Row]):
    """Rows that belong to a client; `client_path` leads to that client's key.

    Rows of no client (the agency's own) are visible only to those who see all.
    """

    client_path = "client"

    def visible_to(self, user: Any) -> Any:
        if user.sees_all_clients:
            return self
        return self.filter(**{f"{self.client_path}__in": user.client_keys()})


def is_today(moment: dt.datetime | None) -> bool:
    """True for what was read within 24 hours."""
    return moment is not None and timezone.now() - moment <= FRESH_FOR


def free(now: dt.datetime) -> Q:
    """Rows nobody has leased, or whose lease a killed worker has left behind."""
    return Q(lease_until__isnull=True) | Q(lease_until__lt=now)
