"""The vault: tokens rest here, encrypted; everything else keeps a reference."""

from accounts.outbound.secret import Secret
from accounts.vault.backend import Vault, vault
from accounts.vault.errors import VaultError

__all__ = ["Secret", "Vault", "VaultError", "vault"]
