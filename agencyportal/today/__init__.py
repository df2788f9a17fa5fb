"""The front page: what needs you, whom we wait for, and whether the reads are fresh."""

from __future__ import annotations

from typing import Any

from django.contrib.humanize.templatetags.humanize import apnumber
from django.urls import reverse

from accounts import standing
from accounts.models import RoleGrant
from accounts.roles import is_media_buyer
from accounts.standing import IN_TROUBLE, ON_CLIENT, ON_US
from agencyportal.today import (
    decisions,
    keys,
    practices,
    spark,
    steps,
    tiles,
    vault,
)
from agencyportal.today.centers import our_centers
from agencyportal.today.grants import GrantLists
from agencyportal.today.lately import lately
from agencyportal.today.mine import my_accounts
from agencyportal.today.requests import DONE_THERE, RequestLists
from onboarding import turns


def today_for(user: Any) -> dict[str, Any]:
    """Return the front page's context for this colleague, and only of what they see."""
    grants = RoleGrant.objects.visible_to(user)
    if is_media_buyer(user):
        counts = standing.count(RoleGrant.objects.of_person(user))
        return {
            "title": "Today",
            "tiles": tiles.of_buyer(counts),
            "my_accounts": my_accounts(grants, user),
        }
    counts = standing.count(grants)
    return {
        "title": "Today",
        "first_steps": steps.first_steps(user, sum(counts.values())),
        "events": lately(user),
        "trail_url": reverse("admin:accounts_event_changelist"),
        **_work(user, grants, counts),
    }


def _work(user: Any, grants: Any, counts: dict[str, int]) -> dict[str, Any]:
    """Return what somebody here has to do, and what they wait for."""
    asked = RequestLists.of(user)
    decided = decisions.waiting(user)
    drafted = decisions.drafted_for(decided)
    others = grants.exclude(pk__in=drafted) if drafted else grants
    of_grants = GrantLists.of(others, counts)
    lost_keys = keys.that_need_a_person(user)
    unseen = practices.unattested(user)
    posts = spark.SparkLists.of(user)
    shut = vault.trouble(user)
    twice = grants.filter(ON_US.where(), pk__in=drafted).count() if drafted else 0
    in_hand = counts["trouble"] + counts["us"] - twice
    needs = (
        in_hand
        + asked.needs
        + lost_keys.total
        + len(decided)
        + len(of_grants.found)
        + len(unseen)
        + posts.needs
        + len(shut)
    )
    waits = counts["client"] + asked.totals["client"] + posts.waits
    may_act = user.has_perm("accounts.change_rolegrant")
    return {
        "tiles": tiles.of_staff(counts, of_grants, asked, lost_keys),
        "today_sentence": _sentence(needs, waits, "you" if may_act else "us")
        if any((needs, waits, *counts.values()))
        else "",
        "needs_heading": "Needs you" if may_act else "Needs us",
        "needs_you": [
            *of_grants.in_trouble,
            *decided,
            *asked.for_owner,
            *shut,
            *lost_keys.rows,
            *unseen,
            *posts.on_us,
            *asked.done_there,
            *asked.to_hand_out,
            *of_grants.on_us,
            *of_grants.found,
        ],
        "needs_you_total": needs,
        "more_needs_you": [
            *of_grants.more(counts, IN_TROUBLE, ON_US),
            *asked.more(*DONE_THERE, turns.US, turns.OWNER),
            *posts.more_on_us,
        ],
        "waits_on_clients": sorted(
            [*asked.on_client, *of_grants.on_client, *posts.on_creator],
            key=lambda row: row["since"],
        ),
        "waits_on_clients_total": waits,
        "more_waits_on_clients": [
            *asked.more(turns.CLIENT),
            *of_grants.more(counts, ON_CLIENT),
            *posts.more_on_creator,
        ],
        **_centers(user),
        "desk_acts": _acts(user),
    }


def _centers(user: Any) -> dict[str, Any]:
    centers = our_centers(user)
    return {
        "centers": centers,
        "has_room": any(center.room for center in centers),
        "limits_url": reverse("admin:accounts_platformlimit_changelist"),
    }


def _sentence(needs: int, waits: int, whom: str) -> str:
    """Say both numbers in words: Three things need you. Nine wait on clients."""
    if not needs and not waits:
        return f"Nothing needs {whom}, and no client is waited for."
    need = {0: f"Nothing needs {whom}", 1: f"One thing needs {whom}"}.get(
        needs, f"{_in_words(needs)} things need {whom}"
    )
    wait = {0: "Nothing waits on a client", 1: "One waits on a client"}.get(
        waits, f"{_in_words(waits)} wait on clients"
    )
    return f"{need}. {wait}."


def _in_words(number: int) -> str:
    return str(apnumber(number)).capitalize()


def _acts(user: Any) -> list[dict[str, Any]]:
    if not user.has_perm("onboarding.add_accessrequest"):
        return []
    return [
        {
            "label": "Ask a client for access",
            "icon": "plus",
            "url": reverse("admin:accounts_client_changelist"),
            "is_main": True,
        }
    ]
