"""A second factor taken off by two people."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.base import UuidModel
from accounts.models.grants import Approval


class FactorReset(UuidModel):
    """Somebody lost their phone: one person asks, another takes the factors off."""

    GOOD_FOR = dt.timedelta(days=3)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="resets"
    )
    approval = models.OneToOneField(
        Approval, on_delete=models.PROTECT, related_name="reset"
    )
    reason = models.CharField(max_length=300)
    asked_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-asked_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(closed_at__isnull=True),
                name="reset_one_open",
            ),
        )

    @property
    def ends_at(self) -> dt.datetime:
        """Until when it may be done; then somebody asks anew."""
        return self.asked_at + self.GOOD_FOR

    @property
    def is_over(self) -> bool:
        return self.ends_at <= timezone.now()

    def __str__(self) -> str:
        return f"Reset of {self.user}'s second factor"
