"""The roles every platform's own roles are told in."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A neutral role on an ad account, weakest first; `unknown` has no rank."""

    UNKNOWN = "unknown"
    ANALYST = "analyst"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for unknown, then 1 to 3."""
        return list(Role).index(self)

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the roles that can be asked for, as form choices."""
        return [(role.value, role.label) for role in cls if role.rank]
