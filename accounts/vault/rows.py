"""A row of the register: its ciphertext, and whether something is due elsewhere."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.outbound.secret import Secret
from accounts.vault import keyring
from accounts.vault.infisical.names import Envelope
from accounts.vault.models import VaultSecret

INFISICAL = "infisical"


def standing() -> QuerySet[VaultSecret]:
    """Return the rows that hold something, here or in Infisical."""
    return VaultSecret.objects.filter(is_deleted=False)


def locked(reference: str) -> VaultSecret | None:
    return VaultSecret.objects.select_for_update().filter(reference=reference).first()


def write_row(row: VaultSecret, secret: Secret, *, short_lived: bool) -> None:
    """Give `row` a new value; the caller saves. Raises VaultError for one too large."""
    row.version += 1
    row.written_at = timezone.now()
    row.is_short_lived = short_lived
    row.is_deleted = False
    row.tries, row.problem = 0, ""
    close_row(row, secret)
    if belongs_elsewhere(row):
        envelope_of(row).write()
    # What was sent before must be replaced there, or go.
    is_due = row.is_sent or belongs_elsewhere(row)
    row.due_at = row.written_at if is_due else None


def forget_row(row: VaultSecret) -> None:
    """Delete a row, or leave what a sweep deletes it in Infisical by."""
    if not row.is_sent:
        row.delete()
        return
    row.version += 1
    row.blob = b""
    row.is_deleted = True
    row.due_at = timezone.now()
    row.save()


def belongs_elsewhere(row: VaultSecret) -> bool:
    """True for what is to rest in Infisical: each write there stays for ever."""
    wanted = settings.VAULT == INFISICAL
    return wanted and not row.is_short_lived and not row.is_deleted


def close_row(row: VaultSecret, secret: Secret) -> None:
    """Encrypt `secret` onto `row` under the first key; the caller saves."""
    row.key_id = keyring.first_key_id()
    row.blob = keyring.encrypt(row.key_id, secret.reveal().encode(), _place(row))


def open_row(row: VaultSecret, blob: bytes | None = None) -> Secret:
    """Return the row's secret; raise VaultError unless it is exactly as written.

    `blob`: its ciphertext, where that rests in Infisical.
    """
    held = bytes(row.blob) if blob is None else blob
    return Secret(keyring.decrypt(row.key_id, held, _place(row)).decode())


def envelope_of(row: VaultSecret) -> Envelope:
    return Envelope(row.version, row.key_id, bytes(row.blob))


def _place(row: VaultSecret) -> bytes:
    """The associated data: table, row, name, version and key of this ciphertext."""
    parts = ("v1", "vaultsecret", row.pk, row.reference, row.version, row.key_id)
    return "|".join(str(part) for part in parts).encode()
