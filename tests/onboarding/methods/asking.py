"""What a request asks for, whose turn it is, and what a read makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.flows import sync as rounds
from accounts.flows import work
from accounts.models import RoleGrant
from accounts.trail import Actor
from onboarding import tasks, turns
from onboarding.flows import links
from onboarding.models import AccessLink, AccessRequest, RequestItem
from tests.simulated import run_jobs

NORDICS, DACH = "7301846225110446081", "7318820417735294978"
Ask = Callable[..., RequestItem]


def grant_of(item: RequestItem) -> RoleGrant:
    return RoleGrant.objects.live().get(item_grants__item=item)


def last_of(item: RequestItem) -> RoleGrant:
    return RoleGrant.objects.filter(item_grants__item=item).order_by("-asked_at")[0]


def read(item: RequestItem) -> RoleGrant:
    work.read_now([last_of(item)], by=Actor.system("test"))
    return last_of(item)


def stands(grant: RoleGrant) -> tuple[str, str]:
    return grant.state, grant.waits_on


def turn_of(item: RequestItem) -> str:
    turned: Any = turns.with_turn(AccessRequest.objects.filter(items=item)).get()
    return str(turned.turn)


def hand_out(item: RequestItem) -> AccessLink:
    way = AccessLink.HandOut.COPY
    return links.hand_out(item.request, way, by=Actor.system("test")).link


def sync() -> None:
    """Read all our lists, and take in what they bring to light."""
    rounds.everything(at_once=1)
    tasks.sweep()
    work.sweep()
    run_jobs()
