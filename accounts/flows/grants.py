"""Grants on the ladder: wanted, moved step by step, each step with its event."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.flows import clients
from accounts.models import Approval, Asset, Client, Grantee, RoleGrant
from accounts.platforms.roles import Role
from accounts.trail import Actor, record

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn

# A grant that has waited for an hour is read again in an hour, and so on.
SHORTEST_PAUSE, LONGEST_PAUSE = dt.timedelta(minutes=1), dt.timedelta(hours=6)


def want(
    *,
    asset: Asset,
    grantee: Grantee,
    role: Role,
    source: str,
    by: Actor,
    approval: Approval | None = None,
    reason: str = "",
    ends_on: dt.date | None = None,
) -> RoleGrant:
    """Return the live grant of this asset to this grantee, drafted if there is none.

    One live grant per asset and grantee, however many ask at once.
    """
    grant, made = RoleGrant.objects.live().get_or_create(
        asset=asset,
        grantee=grantee,
        family=RoleGrant.Family.AD_ACCOUNT,
        defaults={
            "asked_role": role,
            "source": source,
            "approval": approval,
            "reason": reason,
            "ends_on": ends_on,
            "waits_on": WaitsOn.CLIENT,
        },
    )
    if made:
        tell(grant, "grant.asked", by, role=role.label)
    return grant


def request(grant: RoleGrant, *, by: Actor) -> bool:
    """Put a grant to work that nobody works on yet; False if somebody does.

    An account that was to be asked for by hand may be shared after all.
    """
    now = timezone.now()
    step = {
        "state": State.REQUESTING,
        "waits_on": WaitsOn.PORTAL,
        "next_check_at": now,
        "since": now,
        "problem": "",
    }
    moved = RoleGrant.objects.filter(
        pk=grant.pk, state__in=(State.DRAFT, State.MANUAL)
    ).update(**step)
    if moved:
        for name, value in step.items():
            setattr(grant, name, value)
        tell(grant, "grant.requested", by, role=Role(grant.asked_role).label)
    return bool(moved)


def by_hand(grant: RoleGrant, *, problem: str, by: Actor) -> None:
    """The platform has no call for this step: a colleague does it on its website."""
    move(
        grant,
        State.MANUAL,
        by=by,
        waits_on=WaitsOn.ACCOUNT_MANAGER,
        problem=problem,
    )


def move(
    grant: RoleGrant,
    state: State,
    *,
    by: Actor,
    waits_on: str = WaitsOn.NOBODY,
    problem: str = "",
    check_again: bool = False,
    **changes: Any,
) -> None:
    """Save a step of the ladder with its event; a step to where it stands is quiet.

    `check_again` sets the next read, later after each fruitless one.
    """
    now = timezone.now()
    is_news = (grant.state, grant.waits_on, grant.problem) != (state, waits_on, problem)
    if (grant.state, grant.waits_on) != (state, waits_on):
        grant.since = now
    for name, value in changes.items():
        setattr(grant, name, value)
    grant.state, grant.waits_on, grant.problem = state, waits_on, problem[:300]
    grant.next_check_at = now + _pause(now - grant.since) if check_again else None
    with transaction.atomic():
        grant.save(
            update_fields=[
                "state",
                "waits_on",
                "problem",
                "since",
                "next_check_at",
                *changes,
            ]
        )
        if is_news:
            tell(
                grant,
                f"grant.{state}",
                by,
                role=role_label(grant.observed_role or grant.asked_role),
                problem=problem,
            )
        if state == State.ACTIVE and grant.asset.client is not None:
            clients.move_on(grant.asset.client, Client.Status.ACTIVE, by=by)


def _pause(waited: dt.timedelta) -> dt.timedelta:
    return min(max(waited, SHORTEST_PAUSE), LONGEST_PAUSE)


def role_label(role: str) -> str:
    return Role(role).label if role in set(Role) else "an unknown role"


def tell(grant: RoleGrant, action: str, by: Actor, **data: Any) -> None:
    """Put something about a grant on the trail, with what it is a grant of."""
    record(
        action,
        by=by,
        subject=grant,
        client=grant.asset.client,
        data={
            "asset": str(grant.asset),
            "account_id": grant.asset.external_id,
            "grantee": str(grant.grantee),
            **data,
        },
    )
