"""What a client's page says is next, where an open request waits for one of us."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.panels import add_next
from accounts.center_admins import admins_of
from accounts.models import Client
from onboarding import rows, turns
from onboarding.admin.panels import requests_of
from onboarding.models import AccessRequest

ON_THE_WEBSITE = (
    "On the website, in {receiver}, under Partners. The portal reads our list every"
    " quarter of an hour and goes on by itself."
)


def of_client(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    """Return the banner of the request that waits longest for one of us."""
    if not request.user.has_perm("onboarding.view_accessrequest"):
        return None
    may = request.user.has_perm("onboarding.change_accessrequest")
    waiting: list[Any] = requests_of(client)
    for asked in reversed(waiting):
        banner = BANNERS.get(asked.turn)
        if banner is not None:
            return {"tone": "wait", "icon": "person", **banner(asked, may=may)}
    return None


def _to_accept(asked: AccessRequest, *, may: bool) -> dict[str, Any]:
    """Name who accepts us in, and where; whoever may has our list read at once."""
    (item,) = asked.items.all()
    center = item.receiver.center
    banner = {
        "title": f"Next: {admins_of(center)} accepts the invitation of {asked.client}.",
        "sentence": ON_THE_WEBSITE.format(receiver=item.receiver),
        "act": _open(asked),
    }
    if may:
        url = reverse("admin:onboarding_look", args=[asked.pk])
        read = {"label": "Read back now", "icon": "job", "url": url, "is_post": True}
        banner["act"] = read
    return banner


def _to_hand_out(asked: AccessRequest, *, may: bool) -> dict[str, Any]:
    url = reverse("admin:onboarding_hand_out", args=[asked.pk])
    return {
        "title": f"Next: hand out the link to {asked.contact}.",
        "sentence": rows.where_it_is(asked, turns.US),
        "act": {"label": "Hand it out", "url": url} if may else _open(asked),
    }


def _to_call(asked: AccessRequest, *, may: bool) -> dict[str, Any]:
    return {
        "title": f"Next: call {asked.contact}.",
        "sentence": rows.why_call(asked),
        "act": _open(asked),
    }


def _open(asked: AccessRequest) -> dict[str, Any]:
    url = reverse("admin:onboarding_accessrequest_change", args=[asked.pk])
    return {"label": "Open it", "url": url}


BANNERS = {
    turns.ACCEPT: _to_accept,
    turns.US: _to_hand_out,
    turns.TALK: _to_call,
}


def register_next() -> None:
    add_next("client", of_client)
