"""Reads: the evidence that a role is held, or is not, and when the next is due."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models.assets import Asset
from accounts.models.base import UuidModel
from accounts.models.connections import Connection


class PlatformRead(UuidModel):
    """One list read to its end: what was asked, what was told, what was stored.

    A long list is kept page by page while it is read (`is_whole` False), so that a
    worker that dies costs one page.
    """

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
    is_whole = models.BooleanField(default=True)
    problem = models.CharField(max_length=300, blank=True)
    grants = models.ManyToManyField(
        "accounts.RoleGrant", through="accounts.GrantRead", related_name="reads"
    )

    class Meta:
        ordering = ("-read_at",)
        indexes = (models.Index(fields=["read_at"], name="read_old"),)

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


class ReadPage(models.Model):
    """One page of a read that has not reached its end; deleted when it has.

    The pages of a center's whole list stay until it is read anew: what a partner's
    list misses is looked for there.
    """

    read = models.ForeignKey(
        PlatformRead, on_delete=models.CASCADE, related_name="kept_pages"
    )
    number = models.PositiveIntegerField()
    body = models.JSONField()
    trace_id = models.CharField(max_length=128, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["read", "number"], name="read_page_once"),
        )

    def __str__(self) -> str:
        return f"Page {self.number} of {self.read}"


class CenterSync(models.Model):
    """What of one of our centers is read next, and when.

    A row without `partner_id` stands for the center's own lists; the others for what
    that partner shares with it. `cursor` is the last account whose members were read.
    """

    center = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="syncs")
    partner_id = models.CharField(max_length=64, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    cursor = models.CharField(max_length=64, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["center", "partner_id"], name="center_sync_once"
            ),
        )
        indexes = (models.Index(fields=["due_at"], name="center_sync_due"),)

    def __str__(self) -> str:
        return f"{self.center} and {self.partner_id or 'its own lists'}"
