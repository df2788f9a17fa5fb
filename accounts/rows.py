"""How books read in panels: a grant, a key, an event, each as one row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, Prefetch, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.ladder import pill_of, read_at, role_of, steps_of, who_acts
from accounts.models import (
    Asset,
    Assignment,
    Client,
    Connection,
    Consent,
    Event,
    GrantChange,
    Grantee,
    RoleGrant,
)
from accounts.platforms.registry import platform
from accounts.platforms.roles import Role
from accounts.trail import describe
from accounts.trail.models import EventQuerySet

# As many rows as a card shows of what has no end: events, attempts, reads.
MOST_ROWS = 8
# As many of each kind as the front page shows of what waits.
MOST_WAITING = 5
# As many of our people as stand under one account of a list.
MOST_PEOPLE = 4


def for_rows(grants: QuerySet[RoleGrant]) -> QuerySet[RoleGrant]:
    """Fetch along what a row says, so that a thousand rows ask no more than one."""
    return grants.select_related(
        "asset__client", "asset__center", "grantee", "last_read"
    ).prefetch_related(
        Prefetch(
            "asset__client__assignments", Assignment.objects.select_related("user")
        )
    )


def grant_row(grant: RoleGrant) -> dict[str, Any]:
    return {
        "name": str(grant.asset),
        "url": reverse("admin:accounts_rolegrant_change", args=[grant.pk]),
        "platform_label": platform(grant.asset.platform).label,
        "external_id": id_beside_name(grant.asset),
        "sentence": grant_sentence(grant),
        "ladder": steps_of(grant),
        "pill": pill_of(grant),
    }


def id_beside_name(asset: Asset) -> str:
    """Return the id to stand beside its name; "" where no name is read and it does."""
    return asset.external_id if asset.name else ""


def by_name(person: Grantee) -> tuple[str, Any]:
    """Sort our people so, wherever they stand: as they are called here."""
    return str(person.member or person).casefold(), person.pk


def holder_row(grant: RoleGrant) -> dict[str, Any]:
    """Return who holds a role, which, and how it stands."""
    is_person = grant.grantee.kind == Grantee.Kind.PERSON
    differs = grant.observed_role and grant.observed_role != grant.asked_role
    return {
        "name": str(grant.grantee.member or grant.grantee),
        "external_id": "" if is_person else grant.grantee.external_id,
        "is_person": is_person,
        "url": reverse("admin:accounts_rolegrant_change", args=[grant.pk]),
        "role": role_of(grant) or "No role yet",
        "asked": Role(grant.asked_role).label if differs and grant.asked_role else "",
        "read_at": read_at(grant),
        "pill": pill_of(grant),
    }


def grant_sentence(grant: RoleGrant) -> str:
    """Return the role in words, and whose turn it is when it is somebody's."""
    held = f"{role_of(grant)} for {grant.grantee}"
    if grant.observed_role and grant.asked_role not in ("", grant.observed_role):
        held += f", asked for {Role(grant.asked_role).label}"
    waits = f". {who_acts(grant)} acts next" if grant.waits_on else ""
    return held + waits


# What is asked for somebody who holds nothing there yet: as what, and in words.
NEW = {
    RoleGrant.Family.SEAT: ("Invitation", "Invite {who} to {where} as {role}"),
    RoleGrant.Family.FINANCE: ("Finance", "Finance {role} for {who} in {where}"),
    RoleGrant.Family.AD_ACCOUNT: ("Staffing", "Put {who} on {where} as {role}"),
}


def question_of(change: GrantChange) -> tuple[str, str]:
    """Return what kind of thing is asked, and what: no invitation is another role."""
    grant, role = change.grant, change.get_role_display()
    began = grant.accepted_at
    is_new = grant.state == RoleGrant.State.LOST or not began or began > change.asked_at
    if change.kind == GrantChange.Kind.ROLE and is_new:
        kind, words = NEW[RoleGrant.Family(grant.family)]
        who = grant.grantee.member or grant.grantee
        return kind, words.format(who=who, where=grant.asset, role=role)
    return change.get_kind_display(), f"{role} on {grant.asset}"


def key_row(consent: Consent) -> dict[str, Any]:
    connection = consent.connection
    is_held = consent.state == Consent.State.HELD
    word = "Held" if is_held else connection.get_state_display()
    if consent.end_asked_at:
        word = "Ending"
    is_dead = connection.state == Connection.State.NEEDS_REAUTHORIZATION
    tone = "wait" if is_held else "bad" if is_dead else "off"
    return {
        "owner": str(connection),
        "url": reverse("admin:accounts_connection_change", args=[connection.pk]),
        "nature": platform(connection.platform).label,
        "sentence": connection.problem or consent.held_because or _nature(consent),
        "pill": {"tone": tone, "icon": "connection", "word": word},
    }


def _nature(consent: Consent) -> str:
    key = consent.connection
    nature = platform(key.platform).key_nature[key.kind]
    kept = "Kept" if consent.keeps_key else "Dropped when its work is done"
    if consent.end_asked_at:
        kept = "Disconnected when nothing needs it"
    return f"{kept}. It {nature}."


def story_panel(
    user: Any, events: EventQuerySet, *, about: Model | None = None
) -> dict[str, Any] | None:
    """Return the last events for a page's story; None for those the trail is shut.

    Where there are more `about` the page's row, the card's head leads to all of them.
    """
    if not user.has_perm("accounts.view_event"):
        return None
    last = list(events.with_payloads()[: MOST_ROWS + 1])
    told = {"events": _folded(story(last[:MOST_ROWS]))}
    if about is None or len(last) <= MOST_ROWS:
        return told
    return {**told, "note": "All of it", "url": _trail_of(about)}


def _trail_of(subject: Model) -> str:
    subject_is = {"about": f"{subject._meta.label_lower}:{subject.pk}"}
    return f"{reverse('admin:accounts_event_changelist')}?{urlencode(subject_is)}"


def client_link(client: Client) -> SafeString:
    """Return the way to the client's page."""
    url = reverse("admin:accounts_client_change", args=[client.pk])
    return format_html('<a href="{}">{}</a>', url, client)


def whose(asset: Asset) -> SafeString | str:
    """Return the way to its client's page, or who it is for when it is no client's."""
    if asset.client is not None:
        return client_link(asset.client)
    if asset.owner == Asset.Owner.AGENCY:
        return "ourselves"
    if asset.kind == Asset.Kind.CREATOR:
        return f"{asset.creator}, its creator" if asset.creator else "nobody yet"
    return f"nobody yet; {asset.center} owns it" if asset.center else "nobody yet"


def story(events: Iterable[Event]) -> list[dict[str, Any]]:
    return [
        {"at": event.occurred_at, "sentence": sentence}
        for event, sentence in describe(events)
    ]


def _folded(story: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what happened again and again as one row, when it was last so.

    What was told to several clients happened once.
    """
    same = (list(rows) for _, rows in groupby(story, key=itemgetter("sentence")))
    return [{**rows[0], "times": len({row["at"] for row in rows})} for rows in same]


def pill_cell(grant: RoleGrant) -> SafeString:
    return pill_of_state(pill_of(grant))


def pill_of_state(state: dict[str, Any]) -> SafeString:
    return render_to_string("parts/pill.html", {"state": state})


def moment_cell(moment: dt.datetime | dt.date | None) -> SafeString | str:
    if moment is None:
        return "Never"
    return render_to_string("parts/moment.html", {"moment": moment})
