"""What one event's page shows: who, when, about what, what was and what is."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import rows
from accounts.admin.panels import PANEL, Panel
from accounts.models import Client, Event, User
from accounts.trail import describe
from accounts.trail.vocabulary import read_payloads
from audit.admin.narrowing import KINDS

SAID_ELSEWHERE = {"by", "subject", "before", "after"}


def payload_of(event: Any) -> dict[str, Any]:
    """Return what the event says; read once a page, empty once erased."""
    if not hasattr(event, "payload"):
        event.payload = read_payloads([event]).get(event.pk, {})
    found: dict[str, Any] = event.payload
    return found


def _changes(request: HttpRequest, event: Event) -> dict[str, Any] | None:
    said = payload_of(event)
    before, after = said.get("before") or {}, said.get("after") or {}
    names = [*after, *(name for name in before if name not in after)]
    if not names:
        return None
    return {
        "changes": [
            {
                "field": in_words(name),
                "before": told(before.get(name, "")),
                "after": told(after.get(name, "")),
            }
            for name in names
        ]
    }


def _said(request: HttpRequest, event: Event) -> dict[str, Any] | None:
    said = payload_of(event)
    if not said:
        return {"facts": [("Erased", "What it said was erased; its hash stays.")]}
    facts = [
        (in_words(name), told(value))
        for name, value in sorted(said.items())
        if name not in SAID_ELSEWHERE
    ]
    return {"facts": facts} if facts else None


def _who(request: HttpRequest, event: Event) -> dict[str, Any]:
    facts: list[tuple[str, Any]] = [
        ("When", rows.moment_cell(event.occurred_at)),
        ("Who", _actor(event)),
        ("Kind", KINDS.get(event.actor_kind, event.actor_kind)),
    ]
    if event.subject_key:
        facts.append(("About", _subject(request, event)))
    if client := _client(request, event):
        facts.append(("Client", rows.client_link(client)))
    facts.append(("Action", event.action))
    return {"facts": facts}


def _proof(request: HttpRequest, event: Event) -> dict[str, Any]:
    return {
        "facts": [
            ("Number", str(event.pk)),
            ("Request", _digits(event.request_id)),
            ("Hash", _digits(event.payload_hash)),
        ]
    }


def _same_request(request: HttpRequest, event: Event) -> dict[str, Any] | None:
    """The rest of what one press, or one run of a job, did."""
    if not event.request_id:
        return None
    others = Event.objects.visible_to(request.user).filter(request_id=event.request_id)
    found = describe(others.exclude(pk=event.pk)[: rows.MOST_ROWS])
    if not found:
        return None
    listed = reverse("admin:accounts_event_changelist")
    return {
        "note": "All of them",
        "url": f"{listed}?request_id={event.request_id}",
        "events": [
            {"at": other.occurred_at, "sentence": said, "url": page_of(other)}
            for other, said in found
        ],
    }


def page_of(event: Event) -> str:
    return reverse("admin:accounts_event_change", args=[event.pk])


def _actor(event: Event) -> SafeString | str:
    """Return the name as it stood then, with the way to the colleague's page."""
    label = str(payload_of(event).get("by", "")) or event.actor_key
    known = event.actor_kind == "staff" and User.objects.filter(pk=event.actor_key)
    if not known:
        return label
    return _link(reverse("admin:accounts_user_change", args=[event.actor_key]), label)


def _client(request: HttpRequest, event: Event) -> Client | None:
    if not event.client_key:
        return None
    return Client.objects.visible_to(request.user).filter(pk=event.client_key).first()


def _subject(request: HttpRequest, event: Event) -> SafeString | str:
    """Return its name as it stood then; a link where there is a page one may open."""
    label = str(payload_of(event).get("subject", "")) or event.subject_key
    try:
        model = apps.get_model(event.subject_type)
        desk = admin.site.get_model_admin(model)
        seen = desk.get_queryset(request).filter(pk=event.subject_key).exists()
    except (LookupError, ValueError, ValidationError, NotRegistered):
        return label
    if not seen or not desk.has_view_permission(request):
        return label
    meta = model._meta
    named = f"admin:{meta.app_label}_{meta.model_name}_change"
    return _link(reverse(named, args=[event.subject_key]), label)


def _digits(text: str) -> SafeString:
    return format_html('<span class="digest">{}</span>', text)


def _link(url: str, label: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, label)


def in_words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def told(value: Any) -> str:
    """Return a value of a payload for people: yes and no, lists in a row."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(map(told, value)) or "Nothing"
    if isinstance(value, dict):
        pairs = (f"{in_words(name)}: {told(one)}" for name, one in value.items())
        return "; ".join(pairs) or "Nothing"
    return str(value) if value not in ("", None) else "Nothing"


PANELS = (
    Panel("Before and after", "audit/panels/changes.html", _changes, 10),
    Panel("What it says", PANEL("role"), _said, 20),
    Panel("Of the same request", PANEL("story"), _same_request, 30),
    Panel("Who and when", PANEL("role"), _who, 40, "side"),
    Panel("Proof", PANEL("role"), _proof, 50, "side"),
)
