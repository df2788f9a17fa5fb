"""Reads: the evidence that a role is held, or is not."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models.base import UuidModel
from accounts.models.connections import Connection


class PlatformRead(UuidModel):
    """One list read to its end: what was asked, what was told, what was stored."""

    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="reads"
    )
    list_name = models.CharField(max_length=64)
    parameters = models.JSONField(default=dict)
    read_at = models.DateTimeField(default=timezone.now)
    rows_told = models.PositiveIntegerField(default=0)
    rows_stored = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    trace_ids = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    grants = models.ManyToManyField(
        "accounts.RoleGrant", through="accounts.GrantRead", related_name="reads"
    )

    class Meta:
        ordering = ("-read_at",)

    def __str__(self) -> str:
        return f"{self.list_name} at {self.read_at:%Y-%m-%d %H:%M}"


class GrantRead(models.Model):
    """What one read said of one grant."""

    read = models.ForeignKey(PlatformRead, on_delete=models.CASCADE)
    grant = models.ForeignKey("accounts.RoleGrant", on_delete=models.CASCADE)
    found = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["read", "grant"], name="grant_read_once"),
        )

    def __str__(self) -> str:
        return self.found or "Not listed"
