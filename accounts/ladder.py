"""How a grant's state reads: its pill, its four steps, and who acts next.

Green is said in one place, here, and only of a role read back within 24 hours.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import RoleGrant
from accounts.platforms.roles import Role

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn

Pill = dict[str, Any]

PILLS: dict[str, tuple[str, str, Any]] = {
    State.DRAFT: ("off", "draft", _("Draft")),
    State.REQUESTING: ("work", "requesting", _("Requesting")),
    State.PENDING: ("wait", "pending-client", _("Must be accepted")),
    State.UNVERIFIED: ("work", "unverified", _("Not read back yet")),
    State.ACTIVE: ("ok", "active", _("Active")),
    State.DRIFTED: ("bad", "drifted", _("Drifted")),
    State.LOST: ("bad", "lost", _("Lost")),
    State.WITHDRAWING: ("work", "revoking", _("Removing")),
    State.WITHDRAWN: ("off", "revoked", _("Removed")),
    State.DECLINED: ("bad", "declined", _("Declined")),
    State.EXPIRED: ("off", "expired", _("Expired")),
    State.FAILED: ("bad", "failed", _("Failed")),
    State.MANUAL: ("wait", "manual", _("Do by hand")),
    State.FOUND: ("wait", "finding", _("Found, never asked")),
}
PENDING_WORDS = {
    WaitsOn.CENTER_ADMIN: _("Our center must accept"),
    WaitsOn.CLIENT: _("Client must accept"),
    WaitsOn.CLIENT_ADMIN: _("Client must accept"),
}
STALE = ("wait", "stale", _("Not checked today"))
NOT_AS_ASKED = ("bad", "drifted", _("Not the role we asked for"))

# How far each state has come: how many of the four steps are done.
DONE = {
    State.DRAFT: 1,
    State.REQUESTING: 1,
    State.MANUAL: 1,
    State.PENDING: 1,
    State.DECLINED: 1,
    State.EXPIRED: 1,
    State.FAILED: 1,
    State.UNVERIFIED: 2,
    State.DRIFTED: 2,
    State.LOST: 2,
    State.FOUND: 3,
    State.ACTIVE: 4,
    State.WITHDRAWING: 1,
    State.WITHDRAWN: 4,
}
STEPS = (_("Asked"), _("Accepted"), _("Read back"), _("Active"))
STEPS_OF_REMOVAL = (_("Active"), _("Removing"), _("Read back"), _("Removed"))
TROUBLE = {"bad", "wait"}


def pill_of(grant: RoleGrant) -> Pill:
    tone, icon, word = PILLS[grant.state]
    if grant.state == State.ACTIVE and not grant.is_fresh:
        tone, icon, word = STALE
    elif grant.state == State.PENDING:
        word = PENDING_WORDS.get(WaitsOn(grant.waits_on), word)
    elif holds_another_role(grant):
        tone, icon, word = NOT_AS_ASKED
    return {"tone": tone, "icon": icon, "word": word}


def holds_another_role(grant: RoleGrant) -> bool:
    return (
        grant.state == State.UNVERIFIED
        and bool(grant.observed_native)
        and grant.observed_role != grant.asked_role
    )


def role_of(grant: RoleGrant) -> str:
    """Return the role as it stands: observed if it was read, else asked."""
    if grant.observed_role:
        known = grant.observed_role in set(Role) - {Role.UNKNOWN}
        return Role(grant.observed_role).label if known else grant.observed_native
    return Role(grant.asked_role).label if grant.asked_role else ""


def steps_of(grant: RoleGrant) -> list[dict[str, Any]]:
    """Return the four steps for the ladder; trouble stands on the step it stops."""
    pill = pill_of(grant)
    done = DONE.get(State(grant.state), 0)
    notes: tuple[Any, ...]
    if grant.state in (State.WITHDRAWING, State.WITHDRAWN):
        words = STEPS_OF_REMOVAL
        notes = (grant.verified_at, "", grant.since, grant.since)
    else:
        words = STEPS
        notes = (
            grant.asked_at,
            grant.accepted_at,
            grant.verified_at,
            grant.verified_at,
        )
    steps = []
    for number, word in enumerate(words):
        is_last = number == len(words) - 1
        if grant.state in (State.ACTIVE, State.WITHDRAWN) and is_last:
            step = {"kind": "now", "word": word, **_look(pill)}
        elif number < done:
            step = {"kind": "done", "word": word}
        elif number == done:
            kind = "trouble" if pill["tone"] in TROUBLE else "now"
            step = {"kind": kind, "word": pill["word"], **_look(pill)}
        else:
            step = {"kind": "todo", "word": word}
        is_reached = step["kind"] != "todo"
        steps.append({**step, "note": notes[number] if is_reached else ""})
    return steps


def _look(pill: Pill) -> Pill:
    return {"tone": pill["tone"], "icon": pill["icon"]}


def who_acts(grant: RoleGrant) -> str:
    """Return who acts next, by name where the books know one."""
    client = grant.asset.client
    colleague = client.acts if client else None
    names = {
        WaitsOn.ACCOUNT_MANAGER: str(colleague or _("The account manager")),
        WaitsOn.CLIENT: str(client or _("The client")),
    }
    waits_on = WaitsOn(grant.waits_on)
    return names.get(waits_on, str(waits_on.label))
