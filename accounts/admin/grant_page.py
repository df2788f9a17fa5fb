"""The panels of the grant's page: how far, who holds it, what was tried and read."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts import fixes, rows, standing, working
from accounts.admin import staffing, taking_back
from accounts.admin.filters import PEOPLE
from accounts.admin.panels import PANEL, Panel
from accounts.center_admins import named_step
from accounts.flows import withdrawing
from accounts.ladder import pill_of, read_at, role_of, steps_of
from accounts.models import Event, GrantAttempt, GrantRead, RoleGrant
from accounts.platforms.roles import Role
from accounts.roles import is_media_buyer

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Operation = GrantAttempt.Operation
MOST_HOLDERS = 20
LISTS = {
    "partner_accounts": "Accounts a partner shares with us",
    "center_accounts": "All accounts of our center",
    "client_accounts": "Accounts the client's side says it shares with us",
    "account_members": "Our people on the account",
    "members": "Members of our center",
    "partners": "Partners of our center",
}

NOBODY = "None of our people is on it, so nobody can work in it yet."


def _ladder(request: HttpRequest, grant: RoleGrant) -> dict[str, Any]:
    return {"ladder": steps_of(grant)}


def _fix(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Return the card of what stands in the way, while something does."""
    card = fixes.of(grant)
    if card is None:
        return None
    return fixes.draw(
        card,
        fixes.words_of(grant),
        request,
        who=fixes.who_acts_on(card, grant),
        client=grant.asset.client,
        since=grant.since,
    )


def _holders(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Return our center and our people by it: it works when both are read back.

    Nobody can work by what is over; what is not held waits for no assignment.
    """
    center = grant.via or grant
    is_account = grant.family == RoleGrant.Family.AD_ACCOUNT
    if center.state in RoleGrant.ENDED or not is_account:
        return None
    theirs = center.under.visible_to(request.user)  # a buyer may see their own alone
    people = standing.by_urgency(theirs.select_related("grantee__member", "last_read"))
    shown = list(people[: MOST_HOLDERS + 1])
    first = sorted(shown[:MOST_HOLDERS], key=lambda one: rows.by_name(one.grantee))
    is_more = len(shown) > MOST_HOLDERS
    holders = [
        {**rows.holder_row(one), "is_here": one.pk == grant.pk, **_off(request, one)}
        for one in (center, *first)
    ]
    if is_media_buyer(request.user):
        holders[0]["is_here"] |= not _is_seen(request, center)
    return {
        "note": working.sentence(center, first),
        "holders": holders,
        "more": {"label": "All our people on it", "url": _people_desk(grant)}
        if is_more
        else None,
        "nobody": "" if first or center.state not in RoleGrant.HELD else NOBODY,
        "staff": staffing.act(request, center),
    }


def _is_seen(request: HttpRequest, grant: RoleGrant) -> bool:
    """True for those who may open this grant's page: not every buyer on it may."""
    seen = RoleGrant.objects.visible_to(request.user).filter(pk=grant.pk)
    return bool(seen.exists())


def _off(request: HttpRequest, grant: RoleGrant) -> dict[str, str]:
    """Return the way to take a person off, for those who may."""
    act = taking_back.act(request, grant) if grant.via_id else None
    return {"off_url": act["url"]} if act else {}


def _people_desk(grant: RoleGrant) -> str:
    url = reverse("admin:accounts_rolegrant_changelist")
    return f"{url}?holder={PEOPLE}&q={grant.asset.external_id}"


def _facts(request: HttpRequest, grant: RoleGrant) -> dict[str, Any]:
    asked = Role(grant.asked_role).label if grant.asked_role else "Nothing"
    facts = [("Asked", asked)]
    if grant.observed_native:
        facts.append(("Observed", f"{role_of(grant)}, told as {grant.observed_native}"))
    facts += [
        ("Why", grant.reason or "No reason given"),
        ("Came by", grant.get_source_display()),
        ("Owner", str(grant.asset.center or grant.asset.get_owner_display())),
        ("Ends", rows.moment_cell(grant.ends_on) if grant.ends_on else "No end date"),
        ("Read back", rows.moment_cell(read_at(grant))),
    ]
    if grant.next_check_at:
        facts.append(("Reads again", rows.moment_cell(grant.next_check_at)))
    return {"facts": facts}


def _attempts(request: HttpRequest, grant: RoleGrant) -> dict[str, Any]:
    """Whose key was used is told to those the keys are open to."""
    attempts = grant.attempts.select_related("connection")[: rows.MOST_ROWS]
    sees_keys = request.user.has_perm("accounts.view_connection")
    return {
        "note": "What we tried; an answer is not yet access",
        "attempts": [
            {
                "at": attempt.started_at,
                "what": _what(attempt, grant),
                "key": f"Key of {attempt.connection}" if sees_keys else "",
                "answer": attempt.get_outcome_display(),
                "code_note": " ".join(
                    filter(None, [attempt.native_code, attempt.answer])
                ),
                "trace_id": attempt.trace_id,
            }
            for attempt in attempts
        ],
    }


def _what(attempt: GrantAttempt, grant: RoleGrant) -> str:
    what = attempt.get_operation_display()
    up = (Operation.SHARE, Operation.CHANGE, Operation.ASSIGN)
    gives = attempt.operation in up
    asked = grant.asked_role
    return f"{what} as {Role(asked).label}" if gives and asked else what


def _reads(request: HttpRequest, grant: RoleGrant) -> dict[str, Any]:
    """Return the evidence; a read that brought no news is kept as the last one only."""
    told = list(
        GrantRead.objects.filter(grant=grant)
        .select_related("read")
        .order_by("-read__read_at")[: rows.MOST_ROWS]
    )
    last = grant.last_read
    if last is not None and all(row.read_id != last.pk for row in told):
        told = [GrantRead(read=last, grant=grant, found=grant.observed_native), *told]
        told.sort(key=lambda row: row.read.read_at, reverse=True)
    return {
        "note": "Only what our own side lists proves access",
        "reads": [_read_row(row) for row in told[: rows.MOST_ROWS]],
    }


def _read_row(row: GrantRead) -> dict[str, Any]:
    read = row.read
    return {
        "at": read.read_at,
        "list": LISTS.get(read.list_name, read.list_name),
        "told": read.rows_told,
        "stored": read.rows_stored,
        "found": read.problem or row.found or "Not listed",
        "trace_id": ", ".join(read.trace_ids[:1]),
        "is_broken": bool(read.problem),
    }


def _story(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Only of clients they see: the account may have been another's then."""
    events = Event.objects.about(grant).visible_to(request.user)
    return rows.story_panel(request.user, events, about=grant)


PANELS = (
    Panel("", PANEL("ladder_big"), _ladder, 10, "top"),
    Panel("What to do", PANEL("card"), _fix, 12),
    Panel("The client ends it", PANEL("client_ends"), taking_back.client_ends, 12),
    Panel("Who can work", PANEL("holders"), _holders, 15),
    Panel("Attempts", PANEL("attempts"), _attempts, 20),
    Panel("Reads", PANEL("reads"), _reads, 30),
    Panel("Role", PANEL("role"), _facts, 40, "side"),
    Panel("Story", PANEL("story"), _story, 90, "side"),
)


def next_act(grant: RoleGrant) -> dict[str, Any] | None:
    """Say who moves next; a card of its own says what, where nothing is as agreed."""
    if not grant.waits_on:
        return None
    is_ours = grant.waits_on in (WaitsOn.PORTAL, WaitsOn.PLATFORM)
    has_card = withdrawing.is_in_hands(grant) or fixes.of(grant) is not None
    return {
        "tone": "work" if is_ours else pill_of(grant)["tone"] if has_card else "wait",
        "icon": "job" if is_ours else "person",
        "title": f"Next: {named_step(grant)}",
        "sentence": "" if has_card else grant.problem,
    }
