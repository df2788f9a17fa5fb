"""The menu, as one literal."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.roles import is_media_buyer
from accounts.standing import MYSELF

# Heading, then (label, icon, URL name, permission to see it).
REFERENCE = (
    "Reference",
    (
        ("Roles", "grant", "admin:reference_roles", ""),
        ("Ways in", "next", "admin:reference_methods", ""),
        ("Platforms", "connection", "admin:reference_platforms", ""),
        ("Limits", "look", "admin:reference_limits", ""),
        ("Security practices", "lock", "admin:reference_practices", ""),
    ),
)
MENU = (
    ("", (("Today", "today", "admin:index", ""),)),
    (
        "Clients",
        (
            (
                "Clients",
                "client",
                "admin:accounts_client_changelist",
                "accounts.view_client",
            ),
            (
                "Ad accounts",
                "account",
                "admin:accounts_adaccount_changelist",
                "accounts.view_adaccount",
            ),
            (
                "Role grants",
                "grant",
                "admin:accounts_rolegrant_changelist",
                "accounts.view_rolegrant",
            ),
            (
                "Access requests",
                "mail",
                "admin:onboarding_accessrequest_changelist",
                "onboarding.view_accessrequest",
            ),
            (
                "Spark",
                "spark",
                "admin:accounts_sparkauthorization_changelist",
                "accounts.view_sparkauthorization",
            ),
            (
                "Codes of posts",
                "checklist",
                "admin:accounts_postauthorization_changelist",
                "accounts.view_postauthorization",
            ),
            (
                "Creators",
                "person",
                "admin:accounts_creator_changelist",
                "accounts.view_creator",
            ),
            (
                "Keys",
                "connection",
                "admin:accounts_connection_changelist",
                "accounts.view_connection",
            ),
        ),
    ),
    (
        "Examine",
        (
            (
                "The trail",
                "trail",
                "admin:accounts_event_changelist",
                "accounts.view_event",
            ),
        ),
    ),
    (
        "House",
        (
            (
                "Our centers",
                "client",
                "admin:accounts_businesscenter_changelist",
                "accounts.view_businesscenter",
            ),
            (
                "Capacity",
                "limit",
                "admin:accounts_capacity",
                "accounts.change_businesscenter",
            ),
            (
                "Members",
                "person",
                "admin:accounts_member_changelist",
                "accounts.view_member",
            ),
            (
                "Teams",
                "review",
                "admin:accounts_team_changelist",
                "accounts.view_team",
            ),
            (
                "Colleagues",
                "person",
                "admin:accounts_user_changelist",
                "accounts.view_user",
            ),
            ("Jobs", "job", "admin:jobs", "django_q.view_task"),
        ),
    ),
    REFERENCE,
)
# Who only uses accounts: other lists are empty for them, or of no use.
MENU_OF_BUYERS = (
    (
        "",
        (
            ("Today", "today", "admin:index", ""),
            (
                "Your accounts",
                "account",
                "admin:accounts_rolegrant_changelist",
                "accounts.view_rolegrant",
            ),
            (
                "Spark",
                "spark",
                "admin:accounts_sparkauthorization_changelist",
                "accounts.view_sparkauthorization",
            ),
        ),
    ),
    REFERENCE,
)

# What a list shows of itself when one comes from the menu.
NARROWED = {"Our centers": "?owner__exact=agency", "Your accounts": f"?holder={MYSELF}"}


def places_for(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu with only what this person may open."""
    places = []
    menu = MENU_OF_BUYERS if is_media_buyer(request.user) else MENU
    for heading, links in menu:
        shown = [
            _link(request, label, icon, name)
            for label, icon, name, permission in links
            if not permission or request.user.has_perm(permission)
        ]
        if shown:
            places.append({"heading": heading, "links": shown})
    return places


def _link(request: HttpRequest, label: str, icon: str, name: str) -> dict[str, Any]:
    url = reverse(name)
    here = (
        request.path == url if name == "admin:index" else request.path.startswith(url)
    )
    url += NARROWED.get(label, "")
    return {"label": label, "icon": icon, "url": url, "is_current": here}
