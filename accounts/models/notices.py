"""Word to a colleague about keys, kept so that nobody gets it twice."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models.base import UuidModel
from accounts.models.connections import Connection


class KeyNotice(UuidModel):
    """One letter to one colleague, however many keys it is about.

    `sent_at` is written before the letter leaves: a worker killed then sends none
    twice, and the front page tells the same.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="key_notices"
    )
    keys = models.ManyToManyField(Connection, related_name="notices")
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"Notice of {self.made_at:%d %B} to {self.user}"
