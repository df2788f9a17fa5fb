"""The four staff roles: their names and what follows from them.

What each may do with the tables is in accounts/signin/groups.py.
"""

from __future__ import annotations

from typing import Any

ACCOUNT_MANAGERS = "Account managers"
ACCESS_OWNERS = "Access owners"
MEDIA_BUYERS = "Media buyers"
AUDITORS = "Auditors"
ROLES = (ACCOUNT_MANAGERS, ACCESS_OWNERS, MEDIA_BUYERS, AUDITORS)


def has_role(user: Any, *names: str) -> bool:
    """True if the person may sign in and is in one of these groups."""
    return bool(
        user.is_authenticated
        and user.is_active
        and not user.role_names.isdisjoint(names)
    )


def is_superuser(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_active and user.is_superuser)


def is_access_owner(user: Any) -> bool:
    """True for those who decide about Admin and finance roles."""
    return has_role(user, ACCESS_OWNERS)


def is_media_buyer(user: Any) -> bool:
    """True for those who only use the accounts: nothing here waits for them."""
    return has_role(user, MEDIA_BUYERS) and not has_role(
        user, ACCOUNT_MANAGERS, ACCESS_OWNERS, AUDITORS
    )


def manages_people(user: Any) -> bool:
    return is_superuser(user) or is_access_owner(user)


def connects_centers(user: Any) -> bool:
    """True for those who bring our own Business Centers in: who manage people too."""
    return manages_people(user)


def sees_all_clients(user: Any) -> bool:
    return is_superuser(user) or has_role(user, ACCESS_OWNERS, AUDITORS)
