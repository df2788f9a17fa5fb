"""The register of secrets: encrypted values, where they rest, what is still to do."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone


class VaultSecret(models.Model):
    """One encrypted value.

    The key is made before the first insert, because the ciphertext is bound to it.
    `version` grows with every new value; rotation of keys leaves it alone. `blob` is
    empty once the value was read back from Infisical. `is_sent`: Infisical may hold
    something under its name. `is_deleted`: forgotten here, not yet there. `due_at`:
    when something is to be done there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=200, unique=True)
    version = models.PositiveIntegerField(default=0)
    key_id = models.CharField(max_length=16, db_index=True)
    blob = models.BinaryField()
    is_short_lived = models.BooleanField(default=False)
    is_sent = models.BooleanField(default=False)
    is_deleted = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "accounts"
        ordering = ("reference",)
        indexes = (
            models.Index(
                fields=["due_at"],
                condition=Q(due_at__isnull=False),
                name="vault_secret_due",
            ),
        )

    def __str__(self) -> str:
        return self.reference


class VaultLogin(models.Model):
    """Credentials for Infisical, known by their fingerprint, and how they fared.

    One process at a time tries them (`lease_until`), and none again once they were
    refused: three wrong tries lock the login for everybody. A lockout ends by itself.
    """

    fingerprint = models.CharField(max_length=64, unique=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    refusal = models.CharField(max_length=300, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "accounts"

    def __str__(self) -> str:
        return f"Login {self.fingerprint[:8]}"
