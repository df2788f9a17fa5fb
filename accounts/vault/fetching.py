"""Open a secret wherever it rests."""

from __future__ import annotations

from accounts.outbound import OutboundError
from accounts.outbound.secret import Secret
from accounts.vault.errors import VaultError
from accounts.vault.infisical import Infisical, open_infisical
from accounts.vault.infisical.names import Envelope, name_of
from accounts.vault.models import VaultSecret
from accounts.vault.rows import open_row, standing

# A value may be written, or brought back here, while it is fetched.
TRIES = 3


def missing(reference: str) -> VaultError:
    return VaultError(
        f"The vault holds nothing under {reference}. Its owner connects again; the"
        " operator compares with the last backup."
    )


def open_secret(row: VaultSecret, infisical: Infisical | None = None) -> Secret:
    """Return what `row` stands for. Raises VaultError.

    Calls Infisical for what rests there, so never inside a transaction.
    """
    for attempt in range(1, TRIES + 1):
        if row.blob:
            return open_row(row)
        try:
            return open_row(row, fetch(row, infisical))
        except VaultError:
            fresh = standing().filter(pk=row.pk).first()
            if attempt == TRIES or fresh is None or not _differ(fresh, row):
                raise
            row = fresh
    raise AssertionError("unreachable")


def fetch(row: VaultSecret, infisical: Infisical | None = None) -> bytes:
    """Return the ciphertext of a row that rests in Infisical. Raises VaultError."""
    try:
        client = infisical or open_infisical()
        text = client.read(name_of(row.reference), is_known=True)
    except OutboundError as error:
        raise VaultError(str(error), permanent=False) from None
    if text is None:
        raise VaultError(
            f"Infisical no longer holds {row.reference}. The operator puts it back from"
            " a backup there; failing that, its owner connects again."
        )
    held = Envelope.read(text)
    if (held.version, held.key_id) != (row.version, row.key_id):
        raise VaultError(
            f"Infisical holds version {held.version} of {row.reference}, and the books"
            f" know version {row.version}: one of the two was put back from a backup."
            " The operator restores both from the same day; failing that, its owner"
            " connects again."
        )
    return held.blob


def _differ(one: VaultSecret, other: VaultSecret) -> bool:
    return _state(one) != _state(other)


def _state(row: VaultSecret) -> tuple[int, str, bool]:
    return row.version, row.key_id, bool(row.blob)
