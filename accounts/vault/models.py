"""Where tokens rest when the vault is local: encrypted rows."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone


class VaultSecret(models.Model):
    """One encrypted value.

    The key is made before the first insert, because the ciphertext is bound to it.
    `version` grows with every new value; rotation of keys leaves it alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=200, unique=True)
    version = models.PositiveIntegerField(default=0)
    key_id = models.CharField(max_length=16, db_index=True)
    blob = models.BinaryField()
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "accounts"
        ordering = ("reference",)

    def __str__(self) -> str:
        return self.reference
