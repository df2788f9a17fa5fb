"""What each role may do with the tables, kept true after every migration.

Each app states its own part with `allow()` in its ready(); the groups follow. Nobody
edits groups by hand: this is the one place, and a role means the same everywhere.
Which rows somebody sees is `visible_to`'s matter, not this table's.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from accounts.roles import (
    ACCESS_OWNERS,
    ACCOUNT_MANAGERS,
    AUDITORS,
    MEDIA_BUYERS,
    ROLES,
)
from accounts.trail import Actor, record
from accounts.trail.context import request_scope

Verbs = Mapping[str, str]  # role -> "view add change"
_allowed: dict[str, dict[str, set[str]]] = {}


def desk(
    *, managers: str = "view", owners: str = "view", buyers: str = "view"
) -> Verbs:
    """Return one table's verbs by role. Auditors look at everything, change nothing."""
    return {
        ACCOUNT_MANAGERS: managers,
        ACCESS_OWNERS: owners,
        MEDIA_BUYERS: buyers,
        AUDITORS: "view",
    }


WORKED = desk(managers="view add change", owners="view add change")
OWNED = desk(owners="view add change")
SEEN = desk()
CLOSED_TO_BUYERS = desk(buyers="")
CREATORS = desk(managers="view add change", owners="view add change")

BOOKS: dict[str, Verbs] = {
    "client": WORKED,
    "contact": desk(managers="view add change", owners="view add change", buyers=""),
    "assignment": WORKED,
    "businesscenter": OWNED,
    "adaccount": WORKED,
    "asset": SEEN,
    "rolegrant": WORKED,
    "grantchange": WORKED,
    "connection": desk(managers="view change", owners="view change", buyers=""),
    "creator": CREATORS,
    "creatoraccount": SEEN,
    "sparkauthorization": CREATORS,
    "postauthorization": CREATORS,
    "platformlimit": OWNED,
    "member": OWNED,
    "team": WORKED,
    "teamplace": WORKED,
    "event": CLOSED_TO_BUYERS,
    "user": OWNED,
    "factorreset": OWNED,
}


def allow(app_label: str, tables: Mapping[str, Verbs]) -> None:
    """State what the roles may do with the tables of one app; replaces what it said."""
    allowed: dict[str, set[str]] = {role: set() for role in ROLES}
    for table, by_role in tables.items():
        for role, verbs in by_role.items():
            allowed[role] |= {f"{verb}_{table}" for verb in verbs.split()}
    _allowed[app_label] = allowed


def allowed(app_label: str) -> dict[str, set[str]]:
    """Return role -> codenames, as stated for this app."""
    return _allowed.get(app_label, {})


def fit_groups(app_label: str, using: str = "default") -> None:
    """Give the groups exactly the stated permissions of this app; make them first.

    A permission whose table is not there yet is left for the next migration. A role
    that had some of this app's and now has others is told.
    """
    with transaction.atomic(using=using), request_scope():
        for role, codenames in allowed(app_label).items():
            group, _ = Group.objects.using(using).get_or_create(name=role)
            _fit(group, app_label, codenames, using)


def _fit(group: Group, app_label: str, codenames: set[str], using: str) -> None:
    of_app = Permission.objects.using(using).filter(content_type__app_label=app_label)
    had = of_app.filter(group=group)
    before = sorted(had.values_list("codename", flat=True))
    group.permissions.remove(*had.exclude(codename__in=codenames))
    group.permissions.add(*of_app.filter(codename__in=codenames))
    after = sorted(had.values_list("codename", flat=True))
    if before and before != after:
        data = {"before": {"may": before}, "after": {"may": after}}
        record("role.changed", by=Actor.system("migrate"), subject=group, data=data)
