"""The vault: a register of encrypted rows, whose values may rest in Infisical.

A new value is always written here first and carried over by a sweep: writing calls
nobody, and nothing is lost while Infisical is away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction

from accounts.outbound import OutboundError
from accounts.outbound.secret import Secret
from accounts.trail import Actor, record
from accounts.vault.errors import VaultError
from accounts.vault.fetching import missing, open_secret
from accounts.vault.infisical import Infisical, open_infisical
from accounts.vault.models import VaultSecret
from accounts.vault.rows import forget_row, locked, standing, write_row

# What write_row() may change.
WRITTEN = [
    "version",
    "written_at",
    "is_short_lived",
    "is_deleted",
    "tries",
    "problem",
    "key_id",
    "blob",
    "due_at",
]


class Register:
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
        row = standing().filter(reference=reference).first()
        if row is None:
            raise missing(reference)
        secret = open_secret(row)
        with transaction.atomic():
            said = {"reference": reference, "purpose": purpose}
            record("vault.read", by=by, subject=row, data=said)
        return secret

    def get_many(
        self, references: Sequence[str], *, purpose: str, by: Actor
    ) -> dict[str, Secret | VaultError]:
        found: dict[str, Secret | VaultError] = {
            reference: missing(reference) for reference in references
        }
        rows = list(standing().filter(reference__in=list(found)))
        found.update(_open_all(rows))
        with transaction.atomic():
            said = {"references": list(found), "purpose": purpose}
            record("vault.read_many", by=by, data=said)
        return found

    def set_many(
        self, secrets: Mapping[str, Secret], *, by: Actor, short_lived: bool = False
    ) -> None:
        try:
            self._write_many(secrets, by, short_lived)
        except IntegrityError:  # as in set()
            self._write_many(secrets, by, short_lived)

    def delete(self, reference: str, *, by: Actor) -> None:
        with transaction.atomic():
            row = locked(reference)
            if row is None or row.is_deleted:
                return
            said = {"reference": reference}
            record("vault.deleted", by=by, subject=row, data=said)
            forget_row(row)

    def _write(
        self, reference: str, secret: Secret, by: Actor, short_lived: bool
    ) -> None:
        with transaction.atomic():
            row = locked(reference) or VaultSecret(reference=reference)
            write_row(row, secret, short_lived=short_lived)
            row.save()
            said = {"reference": reference, "version": row.version}
            record("vault.set", by=by, subject=row, data=said)

    def _write_many(
        self, secrets: Mapping[str, Secret], by: Actor, short_lived: bool
    ) -> None:
        with transaction.atomic():
            known = VaultSecret.objects.select_for_update().filter(
                reference__in=list(secrets)
            )
            rows = {row.reference: row for row in known.order_by("reference")}
            for reference, secret in secrets.items():
                row = rows.setdefault(reference, VaultSecret(reference=reference))
                write_row(row, secret, short_lived=short_lived)
            VaultSecret.objects.bulk_create(
                rows.values(),
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=WRITTEN,
            )
            record("vault.set_many", by=by, data={"references": list(secrets)})


def _open_all(rows: Sequence[VaultSecret]) -> dict[str, Secret | VaultError]:
    """Open each; once Infisical does not answer, what rests there waits unasked."""
    found: dict[str, Secret | VaultError] = {}
    infisical: Infisical | None = None
    trouble: VaultError | None = None
    for row in rows:
        if trouble is not None and not row.blob:
            found[row.reference] = trouble
            continue
        try:
            if not row.blob:
                infisical = infisical or open_infisical()
            found[row.reference] = open_secret(row, infisical)
        except OutboundError as error:
            found[row.reference] = trouble = VaultError(str(error), permanent=False)
        except VaultError as error:
            found[row.reference] = error
            trouble = trouble or (None if error.permanent else error)
    return found
