"""What the vault says when it cannot answer."""

from __future__ import annotations


class VaultError(Exception):
    """A value could not be stored or opened; `str()` says who must act."""
