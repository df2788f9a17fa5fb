"""The roles every platform's own roles are told in."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """A neutral role: on an ad account or a creator's, of a seat, in the finances.

    Within each of these the weakest stands first; `unknown` has no rank.
    """

    UNKNOWN = "unknown"
    LIVE = "live"
    POSTS = "posts"
    POSTS_LIVE = "posts_live"
    STANDARD = "standard"
    ANALYST = "analyst"
    OPERATOR = "operator"
    MANAGER = "manager"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for unknown; higher may do more, among roles of one kind."""
        return list(Role).index(self)

    @property
    def label(self) -> str:
        return LABELS.get(self, self.value.capitalize())

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the roles an ad account can be asked for at, as form choices."""
        return labelled(ACCOUNT_ROLES)


LABELS = {
    Role.LIVE: "Live videos",
    Role.POSTS: "Posts",
    Role.POSTS_LIVE: "Posts and live videos",
}
ACCOUNT_ROLES = (Role.ANALYST, Role.OPERATOR, Role.ADMIN)
SEAT_ROLES = (Role.STANDARD, Role.ADMIN)
FINANCE_ROLES = (Role.ANALYST, Role.MANAGER)


def labelled(roles: Iterable[Role]) -> list[tuple[str, str]]:
    """Return roles as choices of a form or a column."""
    return [(role.value, role.label) for role in roles]


def every_role() -> list[tuple[str, str]]:
    """Return all that can be asked for, of whatever kind."""
    return labelled(role for role in Role if role.rank)
