"""Dated limits of the platforms: editable, because they move."""

from __future__ import annotations

from django.db import models

from accounts.platforms import told

CENTERS_PER_LOGIN = "Business Centers per login"
ACCOUNTS_PER_CENTER = "Ad accounts per Business Center"


class PlatformLimit(models.Model):
    """One limit as one source gives it; sources that disagree stand side by side."""

    platform = models.CharField(max_length=24)
    subject = models.CharField(max_length=64)
    value = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    checked_on = models.DateField()
    is_used = models.BooleanField(
        default=False, help_text="Warnings and meters count against this one."
    )

    class Meta:
        ordering = ("platform", "subject", "-is_used")
        constraints = (
            models.UniqueConstraint(
                fields=["platform", "subject", "source"], name="limit_once_per_source"
            ),
            models.UniqueConstraint(
                fields=["platform", "subject"],
                condition=models.Q(is_used=True),
                name="limit_one_used",
                violation_error_message="Another source of this limit is used already."
                " Take the tick off there first.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject}: {self.value}"

    @property
    def is_old(self) -> bool:
        return told.is_old(self.checked_on)
