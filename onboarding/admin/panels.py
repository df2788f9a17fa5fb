"""What requests show on the client's page and on their own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts import rows as book_rows
from accounts.admin.panels import PANEL, Panel, add_act, add_next, add_panel
from accounts.flows.reads import BY_WEBSITE
from accounts.models import Client, Consent, Event, RoleGrant
from accounts.roles import is_access_owner
from onboarding import rows
from onboarding.admin import asking_again, spark, website
from onboarding.flows import planning
from onboarding.models import AccessRequest, AttributionAdvice

# What is asked for on the website, and not listed with a role yet.
BEFORE_A_READ = (RoleGrant.State.MANUAL, RoleGrant.State.PENDING)


def _asked(request: HttpRequest, asked: AccessRequest) -> dict[str, Any]:
    item = asked.items.select_related("receiver", "approval").get()
    return {"facts": rows.what_is_asked(asked, item)}


def _came_of_it(request: HttpRequest, asked: AccessRequest) -> dict[str, Any]:
    grants = book_rows.for_rows(
        RoleGrant.objects.filter(item_grants__item__request=asked)
    )
    return {"grants": [book_rows.grant_row(grant) for grant in grants]}


def _handed_out(request: HttpRequest, asked: AccessRequest) -> dict[str, Any] | None:
    """Return the links; None where none is to be handed out, and none was."""
    links = rows.link_rows(asked)
    is_by_link = any(item.is_by_link for item in asked.items.all())
    return {"links": links} if links or is_by_link else None


def _reminders(request: HttpRequest, asked: AccessRequest) -> dict[str, Any] | None:
    """Return the plan, and its buttons for those who may work on the request."""
    reminders = rows.reminder_rows(asked)
    if not reminders:
        return None
    is_under_way = any("due" in row for row in reminders)
    may = request.user.has_perm("onboarding.change_accessrequest")
    url = reverse("admin:onboarding_remind", args=[asked.pk])
    is_left = may and not is_under_way and not planning.why_over(asked)
    return {
        "reminders": reminders,
        "remind_url": url if may and is_under_way else "",
        "resume_url": url if is_left and asked.remind_after else "",
        "note": "Ends at Start" if is_under_way else "",
    }


def _story(request: HttpRequest, asked: AccessRequest) -> dict[str, Any] | None:
    events = Event.objects.about(asked, *asked.links.all())
    return book_rows.story_panel(request.user, events.visible_to(request.user))


def _of_client(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    if not request.user.has_perm("onboarding.view_accessrequest"):
        return None
    return {"requests": [rows.request_row(row) for row in requests_of(client)]}


def requests_of(client: Any) -> list[AccessRequest]:
    """Return the client's last requests, read once a page."""
    if not hasattr(client, "requests_here"):
        asked = rows.for_rows(client.access_requests.all())
        asked = asked.select_related("client__attribution_advice")
        client.requests_here = list(asked[: book_rows.MOST_ROWS])
    found: list[AccessRequest] = client.requests_here
    return found


def advice_for(client: Client) -> AttributionAdvice | None:
    """Return what the client is recommended: it comes along with its requests."""
    asked = requests_of(client)
    owner = asked[0].client if asked else client
    return getattr(owner, "attribution_advice", None)


def _held(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    if not request.user.has_perm("accounts.view_connection"):
        return None
    held = [one for one in client.consents.all() if one.state == Consent.State.HELD]
    if not held:
        return None
    may_decide = is_access_owner(request.user)
    return {
        "held": [
            {
                "label": str(consent.connection),
                "sentence": consent.held_because,
                "serves": _others_served(consent) if may_decide else "",
                "url": reverse("admin:onboarding_release", args=[consent.pk])
                if may_decide
                else "",
            }
            for consent in held
        ]
    }


def _others_served(held: Consent) -> str:
    """Return whom the login serves already, for those who decide about both."""
    others = held.connection.consents.standing().exclude(pk=held.pk)
    return ", ".join(
        str(other.client) for other in others.select_related("client") if other.client
    )


def _offer_to_ask(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    if not request.user.has_perm("onboarding.add_accessrequest"):
        return None
    return {
        "label": "Ask for access",
        "icon": "plus",
        "url": reverse("admin:onboarding_ask", args=[client.pk]),
    }


def _offer_the_steps(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Lead to the request that says what is to be done on the website."""
    if not request.user.has_perm("onboarding.view_accessrequest"):
        return None
    is_by_hand = grant.source in BY_WEBSITE and grant.state in BEFORE_A_READ
    open_items = grant.item_grants.filter(item__is_open=True)
    asked = open_items.values_list("item__request", flat=True).first()
    if not is_by_hand or asked is None:
        return None
    return {
        "label": "See the steps",
        "icon": "manual",
        "url": reverse("admin:onboarding_accessrequest_change", args=[asked]),
    }


OF_REQUEST = (
    Panel("Send the request", "onboarding/panels/to_send.html", website.to_send, 4),
    Panel("Accept us in", "onboarding/panels/to_accept.html", website.to_accept, 5),
    Panel("Accounts", PANEL("accounts"), _came_of_it, 10),
    Panel("Hand-outs", "onboarding/panels/links.html", _handed_out, 20),
    Panel("Reminders", "onboarding/panels/reminders.html", _reminders, 25),
    Panel("What is asked", PANEL("role"), _asked, 30, "side"),
    Panel("Story", PANEL("story"), _story, 90, "side"),
)


def register_panels() -> None:
    mine = "onboarding/panels/{}.html".format
    add_act("client", _offer_to_ask)
    add_act("grant", asking_again.offer)
    add_act("grant", asking_again.offer_to_close)
    add_act("grant", _offer_the_steps)
    add_act("spark", spark.offer)
    add_next("spark", spark.banner)
    add_panel("client", Panel("Requests", mine("requests"), _of_client, 20, "side"))
    add_panel("spark", Panel("Hand-outs", mine("links"), spark.links_panel, 40))
    add_panel("client", Panel("Held for a decision", mine("held"), _held, 5))
