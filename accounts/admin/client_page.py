"""The panels of the client's page, and the act that is next there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import get_text_list

from accounts import fixes, rows, standing
from accounts.admin import (
    client_turns,
    disconnecting,
    reading_back,
    spark_page,
    staffing,
)
from accounts.admin.client_grants import ClientGrants, grants_of
from accounts.admin.panels import PANEL, Panel, next_of
from accounts.center_admins import named_step, who_accepts
from accounts.models import Assignment, Client, Consent, Event, RoleGrant
from accounts.standing import FOUND, FRESH, IN_TROUBLE, ON_CLIENT, ON_US, OVER

WAITING = (IN_TROUBLE, ON_US, ON_CLIENT)
APART = (FOUND, OVER)  # neither ours yet nor any more
MOST_NAMED = 3
UNSTAFFED = (
    "None of our people works there as asked yet: put somebody on it, or adopt who was"
    " found."
)
DESK = "admin:accounts_rolegrant_changelist"


def _accounts(request: HttpRequest, client: Client) -> dict[str, Any]:
    """Draw the accounts by who acts next; ours first."""
    here = grants_of(client)
    total = here.counts.total() - here.counts[FOUND.key]
    context: dict[str, Any] = {"grants": _by_turn(request, here)}
    if total > len(here.first):
        context["more"] = {"label": f"All {total}", "url": desk_of(client)}
    if total:
        live = total - here.counts[OVER.key]
        context["note"] = f"{here.counts[FRESH.key]} of {live} read back today"
    return context


def _by_turn(request: HttpRequest, here: ClientGrants) -> list[dict[str, Any]]:
    """Return a row an account; where it is among several centers, it says which."""
    has_several = len({grant.asset.center_id for grant in here.first}) > 1
    return client_turns.in_turns(
        (
            client_turns.turn_of(grant, here.people[grant.pk], request.user),
            _row(here, grant, has_several=has_several),
        )
        for grant in here.first
    )


def _row(here: ClientGrants, grant: RoleGrant, *, has_several: bool) -> dict[str, Any]:
    center = grant.asset.center or "No center read yet"
    return {
        **rows.grant_row(grant),
        "center": str(center) if has_several else "",
        "people": [rows.holder_row(person) for person in here.people[grant.pk]],
        "more_people": here.more_people[grant.pk],
    }


def _fix(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    """Return the card of the account that waits first and has one, else of any."""
    for grant in (*_waiting_grants(client), *_other_grants(client)):
        card = fixes.of(grant)
        if card is not None:
            drawn = fixes.draw(
                card,
                fixes.words_of(grant),
                request,
                who=fixes.who_acts_on(card, grant),
                client=client,
                since=grant.since,
            )
            return {**drawn, "title": f"{grant.asset}: {card.title}"}
    return None


def _waiting_grants(client: Client) -> list[RoleGrant]:
    """Return the accounts somebody has to act on, the one in most trouble first."""
    first = grants_of(client).first
    return [grant for place in WAITING for grant in standing.stands_at(place, first)]


def _other_grants(client: Client) -> list[RoleGrant]:
    """Return the accounts nobody acts on; not what was given up and asked for anew."""
    first = grants_of(client).first
    live = {one.asset_id for one in first if one.state not in RoleGrant.ENDED}
    return [
        one
        for one in first
        if one.state not in RoleGrant.ENDED or one.asset_id not in live
    ]


def desk_of(client: Client, *places: standing.Standing) -> str:
    """Return the list of this client's grants, narrowed to one place if named."""
    stands = "".join(f"&stands={place.key}" for place in places)
    return f"{reverse(DESK)}?client={client.pk}{stands}"


def _found(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    """Return what nobody asked for, and the way to adopt it."""
    here = grants_of(client)
    count = here.counts[FOUND.key]
    if not count:
        return None
    return {
        "found": [rows.grant_row(grant) for grant in here.found],
        "note": str(count),
        "all_url": desk_of(client, FOUND),
        "adopt_url": _adopt_url(request, client),
        "count": count,
    }


def _adopt_url(request: HttpRequest, client: Client) -> str:
    """Return the way to adopt all of them at once, for those who may."""
    if not request.user.has_perm("accounts.add_grantchange"):
        return ""
    return f"{reverse('admin:accounts_adopt')}?client={client.pk}"


def _keys(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    if not request.user.has_perm("accounts.view_connection"):
        return None
    keys = client.consents.all()
    return {"keys": [{**rows.key_row(one), **_ending(request, one)} for one in keys]}


def _ending(request: HttpRequest, consent: Consent) -> dict[str, str]:
    """Return the way to disconnect a key, for those who may, until somebody has."""
    is_given = consent.state == Consent.State.GIVEN and not consent.end_asked_at
    if not is_given or not disconnecting.may_end(request.user, consent):
        return {}
    return {"end_url": reverse("admin:accounts_disconnect", args=[consent.pk])}


def _people(request: HttpRequest, client: Client) -> dict[str, Any]:
    may_see_contacts = request.user.has_perm("accounts.view_contact")
    people = [
        {
            "label": contact.job or "Contact",
            "name": contact.name,
            "email": contact.email,
            "note": contact.email_problem if contact.is_active else "No longer there",
        }
        for contact in (client.contacts.all() if may_see_contacts else ())
    ]
    people += [
        {
            "label": assignment.get_role_display(),
            "name": str(assignment.user),
            "note": _duty(client, assignment),
        }
        for assignment in client.assignments.all()
        if assignment.is_live
    ]
    if client.team is not None:
        note = "Who usually works here; filled in where the accounts are staffed"
        people.append({"label": "Team", "name": str(client.team), "note": note})
    return {"people": people}


def _duty(client: Client, assignment: Assignment) -> str:
    """Say who serves now, where a lead is away or a deputy stands in."""
    colleague, lead = assignment.user, client.lead
    if not colleague.may_sign_in:
        return "May not sign in"
    if colleague.is_away:
        return f"Away until {colleague.away_until:%-d %B}"
    if assignment.role != Assignment.Role.DEPUTY:
        return ""
    if lead is None:
        return "Serves now: nobody leads"
    if lead.is_away:
        return f"Serves while {lead} is away until {lead.away_until:%-d %B}"
    return "Stands by" if lead.may_sign_in else f"Serves now: {lead} may not sign in"


def _story(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    told = rows.story_panel(request.user, Event.objects.of_client(client))
    if told is None:
        return None
    url = reverse("admin:accounts_event_changelist")
    whole = {"note": "The whole trail", "url": f"{url}?client_key={client.pk}"}
    return {**told, **whole}


PANELS = (
    Panel("Found, never asked", PANEL("found"), _found, 8),
    Panel("Accounts", PANEL("accounts"), _accounts, 10),
    Panel("What to do", PANEL("card"), _fix, 12),
    Panel("Spark", PANEL("spark_of"), spark_page.of_client, 14),
    Panel("Keys", PANEL("keys"), _keys, 40, "side"),
    Panel("People", PANEL("people"), _people, 50, "side"),
    Panel("Story", PANEL("story"), _story, 90, "side"),
)


def next_act(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    """Return the one thing to do next: enter a contact, or see what waits longest."""
    if not client.contacts.all():
        return {
            "tone": "wait",
            "title": "Next: enter the contact who decides.",
            "sentence": "Under Edit, Contacts. Links are mailed to contacts only.",
        }
    return (
        _refused_letter(request, client)
        or _waiting(request, client)
        or next_of("client", request, client)
        or _unstaffed(request, client)
    )


def _waiting(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    """Say who acts next on the account in most trouble, or the longest wait."""
    grant = next(iter(_waiting_grants(client)), None)
    if grant is None:
        return None
    url = reverse("admin:accounts_rolegrant_change", args=[grant.pk])
    read = reading_back.act(request, grant) if who_accepts(grant) else None
    return {
        "tone": "bad" if grant.stands == IN_TROUBLE.key else "wait",
        "title": f"Next, on {grant.asset}: {named_step(grant)}",
        "sentence": "" if fixes.of(grant) else grant.problem,
        "act": read or {"label": "Open it", "url": url},
    }


def _unstaffed(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    """Name what our center holds and none of ours works on; the head has the button."""
    empty = grants_of(client).unstaffed
    if not empty or staffing.client_act(request, client) is None:
        return None
    named, more = empty[:MOST_NAMED], len(empty) - MOST_NAMED
    others = [f"{more} more"] if more > 0 else []
    return {
        "tone": "wait",
        "icon": "person",
        "title": f"Next: put our people on {get_text_list([*named, *others], 'and')}.",
        "sentence": UNSTAFFED,
    }


def _refused_letter(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    """Say that who decides gets no letters, to those who may see the address."""
    if not request.user.has_perm("accounts.view_contact"):
        return None
    for contact in client.contacts.all():
        if contact.is_primary and contact.is_active and contact.email_problem:
            return {
                "tone": "bad",
                "icon": "mail",
                "title": f"{contact} gets no letters.",
                "sentence": f"{contact.email_problem} The address is under Edit,"
                " Contacts. A link can be copied meanwhile.",
            }
    return None
