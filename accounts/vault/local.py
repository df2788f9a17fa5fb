"""The local vault: encrypted rows beside the books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.outbound.secret import Secret
from accounts.trail import Actor, record
from accounts.vault import keyring
from accounts.vault.errors import VaultError
from accounts.vault.models import VaultSecret


class LocalVault:
    """Keep secrets as VaultSecret rows; see Vault for the contract."""

    def set(
        self, reference: str, secret: Secret, *, by: Actor, short_lived: bool = False
    ) -> None:
        try:
            self._write(reference, secret, by, short_lived)
        except IntegrityError:
            # Somebody made the same reference first: then this replaces theirs.
            self._write(reference, secret, by, short_lived)

    def get(self, reference: str, *, purpose: str, by: Actor) -> Secret:
        if not purpose.strip():
            raise ValueError("Reading a secret needs a purpose for the trail.")
        with transaction.atomic():
            row = VaultSecret.objects.filter(reference=reference).first()
            if row is None:
                raise _missing(reference)
            secret = open_row(row)
            said = {"reference": reference, "purpose": purpose}
            record("vault.read", by=by, subject=row, data=said)
        return secret

    def get_many(
        self, references: Sequence[str], *, purpose: str, by: Actor
    ) -> dict[str, Secret | VaultError]:
        found: dict[str, Secret | VaultError] = {
            reference: _missing(reference) for reference in references
        }
        with transaction.atomic():
            for row in VaultSecret.objects.filter(reference__in=list(found)):
                try:
                    found[row.reference] = open_row(row)
                except VaultError as error:
                    found[row.reference] = error
            said = {"references": list(found), "purpose": purpose}
            record("vault.read_many", by=by, data=said)
        return found

    def set_many(
        self, secrets: Mapping[str, Secret], *, by: Actor, short_lived: bool = False
    ) -> None:
        try:
            self._write_many(secrets, by)
        except IntegrityError:  # as in set()
            self._write_many(secrets, by)

    def delete(self, reference: str, *, by: Actor) -> None:
        with transaction.atomic():
            row = locked(reference)
            if row is None:
                return
            said = {"reference": reference}
            record("vault.deleted", by=by, subject=row, data=said)
            row.delete()

    def _write(
        self, reference: str, secret: Secret, by: Actor, short_lived: bool
    ) -> None:
        with transaction.atomic():
            row = locked(reference) or VaultSecret(reference=reference)
            row.version += 1
            row.is_short_lived = short_lived
            row.written_at = timezone.now()
            close_row(row, secret)
            row.save()
            said = {"reference": reference, "version": row.version}
            record("vault.set", by=by, subject=row, data=said)

    def _write_many(self, secrets: Mapping[str, Secret], by: Actor) -> None:
        with transaction.atomic():
            known = VaultSecret.objects.select_for_update().filter(
                reference__in=list(secrets)
            )
            rows = {row.reference: row for row in known.order_by("reference")}
            for reference, secret in secrets.items():
                row = rows.setdefault(reference, VaultSecret(reference=reference))
                row.version += 1
                row.written_at = timezone.now()
                close_row(row, secret)
            VaultSecret.objects.bulk_create(
                rows.values(),
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=["version", "written_at", "key_id", "blob"],
            )
            record("vault.set_many", by=by, data={"references": list(secrets)})


def locked(reference: str) -> VaultSecret | None:
    return VaultSecret.objects.select_for_update().filter(reference=reference).first()


def close_row(row: VaultSecret, secret: Secret) -> None:
    """Encrypt `secret` onto `row` under the first key; the caller saves."""
    row.key_id = keyring.first_key_id()
    row.blob = keyring.encrypt(row.key_id, secret.reveal().encode(), _place(row))


def open_row(row: VaultSecret) -> Secret:
    """Return the row's secret; raise VaultError unless it is exactly as written."""
    plain = keyring.decrypt(row.key_id, bytes(row.blob), _place(row))
    return Secret(plain.decode())


def _missing(reference: str) -> VaultError:
    return VaultError(
        f"The vault holds nothing under {reference}. Its owner connects again; the"
        " operator compares with the last backup."
    )


def _place(row: VaultSecret) -> bytes:
    """The associated data: table, row, name, version and key of this ciphertext."""
    parts = ("v1", "vaultsecret", row.pk, row.reference, row.version, row.key_id)
    return "|".join(str(part) for part in parts).encode()
