"""The next call of a grant, as its attempts tell it, and what is left to the client.

A role is changed by asking again. Whether that changes anything is unconfirmed
(TikTok facts 5.3): if a read still shows the old role, the share is taken back and
made anew. What no call can do, the client does on the platform's website.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from accounts.flows.grants import move, role_label
from accounts.models import Approval, GrantAttempt, GrantChange, RoleGrant
from accounts.trail import Actor
from accounts.zones import house_day

Operation = GrantAttempt.Operation
Outcome = GrantAttempt.Outcome
WaitsOn = RoleGrant.WaitsOn

# How long the client has before somebody asks why.
ANSWERS_IN = dt.timedelta(days=7)

BY_THE_CLIENT = (
    "In Business Center {center}, under Partners, {who} opens {receiver_id} and sets"
    " {account_id} to {role}."
)


def change_of(grant: RoleGrant) -> GrantChange | None:
    """Return the change of role that is being carried out; none that awaits a yes."""
    change: GrantChange | None = (
        grant.changes.open()
        .filter(kind=GrantChange.Kind.ROLE)
        .select_related("approval")
        .first()
    )
    if change is None or change.approval is None:
        return change
    return change if change.approval.decision == Approval.Decision.APPROVED else None


def attempts_of(grant: RoleGrant) -> QuerySet[GrantAttempt, GrantAttempt]:
    """Return the attempts that count, newest first: who asks anew begins anew."""
    return grant.attempts.filter(started_at__gte=grant.asked_at)


def has_stood(grant: RoleGrant) -> bool:
    """True when a read has shown it as asked, and nothing was sent for it since."""
    if grant.verified_at is None:
        return False
    return not grant.attempts.filter(started_at__gt=grant.verified_at).exists()


def next_call(grant: RoleGrant) -> Operation:
    """Return which call brings a requesting grant on."""
    last = attempts_of(grant).exclude(outcome=Outcome.REFUSED).first()
    if last is None or change_of(grant) is None:
        return Operation.CHANGE if grant.is_held else Operation.SHARE
    said_yes = last.outcome == Outcome.SAID_YES
    if last.operation == Operation.UNSHARE:
        return Operation.SHARE if said_yes or not grant.is_held else Operation.UNSHARE
    if last.operation == Operation.CHANGE and grant.is_held:
        return Operation.UNSHARE if said_yes else Operation.CHANGE
    return Operation.SHARE


def leave_to_client(grant: RoleGrant, *, by: Actor, **changes: Any) -> None:
    """Ask the client to set the role on the platform's website; reads go on."""
    center = grant.asset.center
    move(
        grant,
        RoleGrant.State.UNVERIFIED,
        by=by,
        waits_on=WaitsOn.CLIENT,
        problem=BY_THE_CLIENT.format(
            center=center.external_id if center else "that owns it",
            who=grant.asset.client or "its owner",
            receiver_id=grant.grantee.external_id,
            account_id=grant.asset.external_id,
            role=role_label(grant.asked_role),
        ),
        check_again=True,
        due_on=grant.due_on or house_day() + ANSWERS_IN,
        **changes,
    )


def is_left_to_client(grant: RoleGrant) -> bool:
    """True while the client is to set another role than the one we were given."""
    return (
        grant.state == RoleGrant.State.UNVERIFIED
        and grant.waits_on == WaitsOn.CLIENT
        and grant.is_at_another_role
    )
