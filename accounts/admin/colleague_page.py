"""What a colleague's page shows: whom they serve, who they are, their story."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst

from accounts import rows
from accounts.admin.panels import PANEL, Panel
from accounts.models import Client, Event, User
from accounts.roles import sees_all_clients
from accounts.signin.trail import KINDS


def role_of(person: User) -> str:
    names = ["Superuser"] if person.is_superuser else []
    return ", ".join([*names, *(group.name for group in person.groups.all())])


def _facts(request: HttpRequest, person: User) -> dict[str, Any]:
    now = timezone.localtime(timezone=person.zone)
    return {
        "facts": [
            ("E-mail", person.email),
            ("Role", role_of(person)),
            ("Last day", _day(person.expires_on) or "None set"),
            ("Away until", _day(person.away_until) or "Not away"),
            ("Their clock", f"{now:%H:%M}, {person.time_zone}"),
        ]
    }


def _factors(request: HttpRequest, person: User) -> dict[str, Any] | None:
    """What they prove themselves with; not for colleagues beside them."""
    if person.pk != request.user.pk and not sees_all_clients(request.user):
        return None
    kept = Authenticator.objects.filter(user=person).order_by("created_at")
    used = "since {}, last used {}".format
    return {
        "facts": [
            (
                capfirst(KINDS.get(one.type, one.type)),
                used(_day(one.created_at), _day(one.last_used_at) or "never"),
            )
            for one in kept
        ]
        or [("None yet", "They add one when they sign in.")]
    }


def _serves(request: HttpRequest, person: User) -> dict[str, Any]:
    """Only clients the onlooker sees, too."""
    live = person.assignments.live().filter(
        client__in=Client.objects.visible_to(request.user)
    )
    return {
        "facts": [
            (one.get_role_display(), rows.client_link(one.client))
            for one in live.select_related("client").order_by("client__name")
        ]
        or [("Nobody", "No client is assigned to them, as far as you may see.")]
    }


def _story(request: HttpRequest, person: User) -> dict[str, Any] | None:
    """The house's own events are told to those who see all."""
    if not sees_all_clients(request.user):
        return None
    return rows.story_panel(request.user, Event.objects.about(person))


def _day(moment: dt.date | None) -> str:
    return f"{moment:%-d %B %Y}" if moment else ""


PANELS = (
    Panel("Serves", PANEL("role"), _serves, 10),
    Panel("Who", PANEL("role"), _facts, 20, "side"),
    Panel("Second factor", PANEL("role"), _factors, 30, "side"),
    Panel("Story", PANEL("story"), _story, 90, "side"),
)
