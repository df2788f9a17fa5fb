"""A second factor taken off by two people."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.base import UuidModel
from accounts.models.grants import Approval


class FactorReset(UuidModel):
    """Somebody lost their phone: one person asks, another takes the factors off."""

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

    def __str__(self) -> str:
        return f"Reset of {self.user}'s second factor"
