"""What the vault says when it cannot answer."""

from __future__ import annotations


class VaultError(Exception):
    """A value could not be stored or opened; `str()` says who must act.

    `permanent`: this one value is lost or damaged. Otherwise the vault as a whole does
    not answer, which says nothing about any key.
    """

    def __init__(self, sentence: str, *, permanent: bool = True) -> None:
        super().__init__(sentence)
        self.permanent = permanent
