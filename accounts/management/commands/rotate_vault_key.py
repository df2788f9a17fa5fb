"""Move everything that is encrypted to the first key of VAULT_KEYS."""

from __future__ import annotations

from collections import Counter
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.outbound import OutboundError
from accounts.signin.adapter import SEAL_CONTEXT
from accounts.trail import Actor
from accounts.vault import VaultError, keyring
from accounts.vault.rotation import rotate, rows_per_key

ME = Actor.system("rotate_vault_key")


class Command(BaseCommand):
    help = (
        "Re-encrypt stored keys and second factors under the first key of VAULT_KEYS:"
        " (1) put the new key first and restart, (2) run this, (3) remove an old key"
        " when this reports 0 left under it. Safe while the portal works, safe to"
        " stop and to run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="count only, change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        refused: list[str] = []
        if not options["dry_run"]:
            refused += self._reseal_second_factors()
            refused += self._rotate()
        self._report()
        if refused:
            raise CommandError(
                f"{len(refused)} values do not open and stay as they are:"
                f" {', '.join(refused[:20])}. Put their key back into VAULT_KEYS and"
                " run this again; what is damaged must be connected or enrolled again."
            )

    def _rotate(self) -> list[str]:
        """Move the stored keys; return the names of those that do not open."""
        refused: list[str] = []
        try:
            for batch in rotate(by=ME):
                refused += batch.refused
                self.stdout.write(f"Moved {batch.moved} stored keys.")
        except (OutboundError, VaultError) as error:
            raise CommandError(
                f"{error} What rests there stays under its key: run this again then."
            ) from None
        return refused

    def _report(self) -> None:
        first = keyring.first_key_id()
        factors = second_factors_per_key()
        left = rows_per_key()
        for key_id in sorted({*left, *factors}, key=lambda key: (key != first, key)):
            self.stdout.write(
                f"{key_id}: {left.get(key_id, 0)} stored keys,"
                f" {factors.get(key_id, 0)} second factors"
                + (" (first key)" if key_id == first else " left")
            )

    def _reseal_second_factors(self) -> list[str]:
        """Reseal one factor per transaction; return the names of those that fail."""
        refused = []
        for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
            try:
                reseal_second_factor(pk)
            except VaultError:
                refused.append(f"second factor {pk}")
        return refused


def reseal_second_factor(pk: int) -> None:
    with transaction.atomic():
        factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
        if factor is None:
            return
        data = resealed(factor.data)
        if data != factor.data:
            factor.data = data
            factor.save(update_fields=["data"])


def resealed(value: Any) -> Any:
    """Return `value` with each sealed text in it under the first key."""
    if isinstance(value, str):
        return keyring.reseal(value, SEAL_CONTEXT)
    if isinstance(value, dict):
        return {key: resealed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [resealed(item) for item in value]
    return value


def second_factors_per_key() -> Counter[str]:
    counted: Counter[str] = Counter()
    for data in Authenticator.objects.values_list("data", flat=True).iterator():
        counted.update({key_id for key_id in key_ids(data) if key_id})
    return counted


def key_ids(value: Any) -> set[str]:
    if isinstance(value, str):
        return {keyring.key_id_of(value)}
    items = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return set()
    return set().union(*(key_ids(item) for item in items))
