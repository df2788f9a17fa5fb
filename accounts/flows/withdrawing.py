"""Take a grant back: the intent first, then the calls, and a read that proves it.

Only a clean read from our side that no longer lists the account ends it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.flows.grants import move
from accounts.flows.reads import ClientsSide, Seen
from accounts.models import RoleGrant
from accounts.trail import Actor, record

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn

# What may be held by somebody, and so may be taken back.
TAKEABLE = (*RoleGrant.HELD, State.UNVERIFIED, State.PENDING)
STILL_LISTED = "{receiver} still lists it at {time}. The portal reads again."


def withdraw(grant: RoleGrant, *, reason: str, by: Actor) -> bool:
    """Put a grant on its way down; False if there is nothing to take back.

    `send` carries it out.
    """
    now = timezone.now()
    step = {
        "state": State.WITHDRAWING,
        "waits_on": WaitsOn.PORTAL,
        "next_check_at": now,
        "since": now,
        "problem": "",
    }
    with transaction.atomic():
        moved = RoleGrant.objects.filter(pk=grant.pk, state__in=TAKEABLE).update(**step)
        if moved:
            for name, value in step.items():
                setattr(grant, name, value)
            record(
                "grant.withdraw_asked",
                by=by,
                subject=grant,
                client=grant.asset.client,
                data={
                    "asset": str(grant.asset),
                    "account_id": grant.asset.external_id,
                    "grantee": str(grant.grantee),
                    "reason": reason,
                },
            )
    return bool(moved)


def send(grants: Iterable[RoleGrant], *, by: Actor) -> None:
    """Ask the platform to end every grant that is on its way down."""


def judge(grant: RoleGrant, seen: Seen, theirs: ClientsSide, *, by: Actor) -> None:
    """Book what a clean read from our side says of a grant being taken back."""
    if not seen.is_listed:
        move(grant, State.WITHDRAWN, by=by, due_on=None)
        return
    now = timezone.localtime()
    move(
        grant,
        State.WITHDRAWING,
        by=by,
        waits_on=WaitsOn(grant.waits_on),
        problem=STILL_LISTED.format(receiver=grant.grantee, time=f"{now:%H:%M}"),
        check_again=True,
    )
