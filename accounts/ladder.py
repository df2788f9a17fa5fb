"""How a grant's state reads: its pill, its four steps, and who acts next.

Green is said in one place, here, and only of a role read back within 24 hours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
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
    WaitsOn.MEMBER: _("Invited"),
}
# Whoever is waited for changes what a state is called.
TURNS: dict[tuple[str, str], tuple[str, str, Any]] = {
    (State.DRAFT, WaitsOn.ACCESS_OWNER): (
        "wait",
        "pending-admin",
        _("Owner must approve"),
    ),
    (State.PENDING, WaitsOn.ACCOUNT_MANAGER): (
        "wait",
        "pending-client",
        _("Not shown on the platform"),
    ),
    (State.WITHDRAWING, WaitsOn.CLIENT): ("wait", "revoking", _("Client must end it")),
    (State.WITHDRAWING, WaitsOn.ACCOUNT_MANAGER): (
        "bad",
        "revoking",
        _("Not removed yet"),
    ),
    (State.WITHDRAWING, WaitsOn.CENTER_ADMIN): (
        "bad",
        "revoking",
        _("Not removed yet"),
    ),
}
STALE = ("wait", "stale", _("Not checked today"))
NOT_LISTED = ("wait", "stale", _("Not listed, read again soon"))
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
    State.FOUND: 0,
    State.ACTIVE: 4,
    State.WITHDRAWING: 1,
    State.WITHDRAWN: 4,
}
STEPS = (_("Asked"), _("Accepted"), _("Read back"), _("Active"))
STEPS_OF_FOUND = (_("Found"), _("Adopted"), _("Read back"), _("Active"))
STEPS_OF_REMOVAL = (_("Active"), _("Removing"), _("Read back"), _("Removed"))
TROUBLE = {"bad", "wait"}
# What a read has shown that verifies nothing.
READ_OTHERWISE = (State.DRIFTED, State.LOST, State.WITHDRAWN)


def pill_of(grant: RoleGrant) -> Pill:
    tone, icon, word = TURNS.get((grant.state, grant.waits_on), PILLS[grant.state])
    if grant.state == State.ACTIVE and not grant.is_fresh:
        tone, icon, word = STALE
    elif grant.state == State.PENDING:
        word = PENDING_WORDS.get(WaitsOn(grant.waits_on), word)
    elif grant.state == State.UNVERIFIED and grant.missed_at:
        tone, icon, word = NOT_LISTED
    elif grant.state == State.UNVERIFIED and grant.is_at_another_role:
        tone, icon, word = NOT_AS_ASKED
    return {"tone": tone, "icon": icon, "word": word}


def read_at(grant: RoleGrant) -> dt.datetime | None:
    """Return when a read showed it to stand so: only what is as asked is verified."""
    is_otherwise = grant.state in READ_OTHERWISE or grant.is_at_another_role
    if (is_otherwise or grant.missed_at) and grant.last_read is not None:
        return grant.last_read.read_at
    return grant.verified_at


def role_of(grant: RoleGrant) -> str:
    """Return the role as it stands: observed if it was read, else asked."""
    if grant.observed_role:
        known = grant.observed_role in set(Role) - {Role.UNKNOWN}
        return Role(grant.observed_role).label if known else grant.observed_native
    return Role(grant.asked_role).label if grant.asked_role else ""


def steps_of(grant: RoleGrant) -> list[dict[str, Any]]:
    """Return the four steps for the ladder; trouble stands on the step it stops."""
    pill, place = pill_of(grant), DONE.get(State(grant.state), 0)
    words, notes = _course(grant)
    if place == len(words):
        return course(words, notes, place - 1, {**pill, "word": words[-1]})
    here = {**pill, "word": _word(grant, pill)}
    return course(words, notes, place, here, is_stopped=pill["tone"] in TROUBLE)


def course(
    words: Sequence[Any],
    notes: Sequence[Any],
    place: int,
    here: Pill,
    *,
    is_stopped: bool = False,
) -> list[dict[str, Any]]:
    """Return steps for the ladder, of something that stands on step `place`.

    `here` says how it stands there; `notes` are the moments the steps were reached.
    """
    steps = [
        {"kind": "done" if number < place else "todo", "word": word, "note": ""}
        for number, word in enumerate(words)
    ]
    steps[place] = {"kind": "trouble" if is_stopped else "now", "note": "", **here}
    for step, note in zip(steps[: place + 1], notes, strict=False):
        step["note"] = note
    return steps


def _course(grant: RoleGrant) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return the words of the four steps and when each was reached.

    What was accepted or read before it was asked for belongs to an earlier course.
    """
    asked, since = grant.asked_at, grant.since
    if grant.state == State.WITHDRAWING:
        return STEPS_OF_REMOVAL, (grant.verified_at, since, None, None)
    if grant.state == State.WITHDRAWN:
        return STEPS_OF_REMOVAL, (grant.verified_at, None, read_at(grant), since)
    accepted, read = (
        moment if moment and moment >= asked else None
        for moment in (grant.accepted_at, read_at(grant))
    )
    if grant.source == RoleGrant.Source.FOUND:
        return STEPS_OF_FOUND, (grant.accepted_at, asked, read, read)
    return STEPS, (asked, accepted, read, read)


def _word(grant: RoleGrant, pill: Pill) -> Any:
    """Return what is said at the step it stands on: of drift, the role that is held."""
    if grant.state == State.DRIFTED or grant.is_at_another_role:
        return role_of(grant)
    return pill["word"]


def who_acts(grant: RoleGrant) -> str:
    """Return who acts next, by name where the books know one."""
    client = grant.asset.client
    colleague = client.acts if client else None
    names = {
        WaitsOn.ACCOUNT_MANAGER: str(colleague or _("The account manager")),
        WaitsOn.CLIENT: str(client or _("The client")),
        WaitsOn.MEMBER: str(grant.grantee),
    }
    waits_on = WaitsOn(grant.waits_on)
    return names.get(waits_on, str(waits_on.label))


NEXT_STEPS: dict[tuple[str, str], Any] = {
    (State.DRIFTED, WaitsOn.ACCOUNT_MANAGER): _("{who} asks for {asked} again."),
    (State.DRIFTED, WaitsOn.ACCESS_OWNER): _("An access owner decides about it."),
    (State.LOST, WaitsOn.ACCOUNT_MANAGER): _("{who} asks {client} what changed."),
    (State.LOST, WaitsOn.ACCESS_OWNER): _("An access owner finds out whose it is."),
    (State.FOUND, WaitsOn.ACCOUNT_MANAGER): _("{who} adopts it or takes it back."),
    (State.FOUND, WaitsOn.ACCESS_OWNER): _(
        "An access owner adopts it or takes it back."
    ),
    (State.MANUAL, WaitsOn.ACCOUNT_MANAGER): _("{who} finishes it by hand."),
    (State.DECLINED, WaitsOn.ACCOUNT_MANAGER): _("{who} asks again, or closes it."),
    (State.PENDING, WaitsOn.ACCOUNT_MANAGER): _("{who} looks whether it was sent."),
    (State.UNVERIFIED, WaitsOn.CENTER_ADMIN): _("{who} puts a person on it."),
    (State.PENDING, WaitsOn.CENTER_ADMIN): _("{who} accepts it in our center."),
    (State.PENDING, WaitsOn.CLIENT): _("{who} accepts it."),
    (State.PENDING, WaitsOn.CLIENT_ADMIN): _("{who} accepts it."),
    (State.UNVERIFIED, WaitsOn.CLIENT): _("{who} sets the role to {asked}."),
    (State.PENDING, WaitsOn.MEMBER): _("{who} accepts the invitation."),
    (State.DRIFTED, WaitsOn.CENTER_ADMIN): _("{who} sets it on the website."),
    (State.WITHDRAWING, WaitsOn.CENTER_ADMIN): _("{who} takes it off by hand."),
    (State.WITHDRAWING, WaitsOn.CLIENT): _("{who} ends our access."),
    (State.WITHDRAWING, WaitsOn.PORTAL): _("the portal takes it back."),
    (State.REQUESTING, WaitsOn.PORTAL): _("the portal asks the platform for it."),
    (State.DRAFT, WaitsOn.CLIENT): _("{who} opens the link and ticks it."),
    (State.DRAFT, WaitsOn.ACCESS_OWNER): _("An access owner decides about {asked}."),
}
NEXT_IN_CENTER: dict[tuple[str, str], Any] = {
    (State.LOST, WaitsOn.ACCESS_OWNER): _(
        "An access owner invites them again, or closes it with Remove."
    ),
    (State.DRIFTED, WaitsOn.ACCESS_OWNER): _(
        "An access owner changes it, or takes it away."
    ),
}
PORTAL_READS = _("the portal reads again.")


def next_step(grant: RoleGrant, who: str = "") -> str:
    """Return who acts next and what they do, as one short sentence.

    `who` stands for the name where somebody has asked for it.
    """
    waits_on = WaitsOn(grant.waits_on)
    is_portals = waits_on in (WaitsOn.PORTAL, WaitsOn.PLATFORM)
    usual = PORTAL_READS if is_portals else _("{who} acts.")
    sentence = NEXT_STEPS.get((grant.state, waits_on), usual)
    if grant.is_in_center:
        sentence = NEXT_IN_CENTER.get((grant.state, waits_on), sentence)
    return str(sentence).format(
        who=who or who_acts(grant),
        asked=Role(grant.asked_role).label if grant.asked_role else _("nothing"),
        client=grant.asset.client or _("its owner"),
    )
