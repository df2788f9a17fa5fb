"""Infisical as the place where secrets rest, as told in the Infisical facts."""

from accounts.vault.infisical.client import Infisical, open_infisical

__all__ = ["Infisical", "open_infisical"]
