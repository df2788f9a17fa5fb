"""What somebody wants of a grant that stands, and another person's yes to it.

A role that can do more than work (Admin, and all of finance) waits for an access
owner; several wishes may be put forward in one approval.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.flows import approvals
from accounts.flows.grants import move, tell
from accounts.flows.holders import address_of
from accounts.models import Approval, Client, GrantChange, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.trail import Actor
from accounts.zones import house_day

DAY_IS_OVER = "The last day asked for has passed, so nothing is changed."
NOT_APPROVED = "No access owner approved this, so nothing is changed."


class CannotWish(Exception):
    """Says in a sentence why nothing is changed, and what to do instead."""


@dataclass(frozen=True)
class Wish:
    """What staff filled in. `role` None: each as it is held; `client` for those
    accounts that are nobody's yet."""

    role: Role | None
    reason: str
    ends_on: dt.date | None = None
    client: Client | None = None


def needs_approval(grant: RoleGrant, role: str) -> bool:
    return approvals.is_high(role, grant.family)


def make(
    grant: RoleGrant, kind: GrantChange.Kind, role: Role, wish: Wish, *, user: User
) -> GrantChange:
    """Return the wish as a row that is not saved yet.

    Raises CannotWish for an Admin without a last day, or a wish without a reason.
    """
    is_high = needs_approval(grant, role)
    if not wish.reason:
        raise CannotWish("Say why.")
    if is_high and (wish.ends_on is None or wish.ends_on <= house_day()):
        raise CannotWish(f"{role.label} on {grant.asset} needs a last day after today.")
    return GrantChange(
        grant=grant,
        kind=kind,
        role=role,
        client=grant.asset.client or wish.client,
        reason=wish.reason,
        ends_on=wish.ends_on if is_high else None,
        asked_by=user,
    )


def put_forward(changes: Sequence[GrantChange], *, user: User) -> list[GrantChange]:
    """Save the wishes; return those that wait for nobody.

    Call inside the transaction that applies these.
    """
    high = [one for one in changes if needs_approval(one.grant, one.role)]
    if high:
        approval = approvals.ask(what=what_is_asked(high), asked_by=user)
        for change in high:
            change.approval = approval
    for change in changes:
        change.save()
    for change in high:
        _tell("grant.change_asked", change, by=Actor.staff(user))
    return [change for change in changes if change.approval is None]


def what_is_asked(changes: Iterable[GrantChange]) -> dict[str, Any]:
    """Return what an approver approves, in ids: the digest covers exactly this.

    A seat is somebody's by their address: it is asked for that one.
    """
    return {
        "changes": [
            {
                "grant_id": one.grant_id,
                "kind": one.kind,
                "platform": one.grant.asset.platform,
                "account_id": one.grant.asset.external_id,
                "receiver_id": one.grant.grantee.external_id,
                "client_id": one.client_id,
                "role": one.role,
                "reason": one.reason,
                "ends_on": one.ends_on,
                **({"address": address_of(one.grant.grantee)} if _seats(one) else {}),
            }
            for one in sorted(changes, key=lambda one: str(one.grant_id))
        ]
    }


def why_over(change: GrantChange) -> str:
    """Return in a sentence why a wish may not be carried out; "" if it may.

    That its approval covers exactly this was seen when it was given.
    """
    approval = change.approval
    is_high = needs_approval(change.grant, change.role)
    if not is_high or approvals.covers(approval, change.ends_on):
        return ""
    if approval is None or approval.decision != Approval.Decision.APPROVED:
        return NOT_APPROVED
    return DAY_IS_OVER


def is_as_approved(grant: RoleGrant) -> bool:
    """True while what its approval covers is what was approved, or it needed none."""
    approval = grant.approval
    if approval is None:
        return True
    changes = approval.changes.select_related("grant__asset", "grant__grantee__member")
    return approval.allows(approvals.digest_of(what_is_asked(changes)))


def refuse(change: GrantChange, *, by: Actor, note: str) -> None:
    """Call inside the transaction of the decision."""
    close(change, by=by)
    _tell("grant.change_refused", change, by=by, note=note)


def close(change: GrantChange, *, by: Actor, because: str = "") -> None:
    """End a wish; with `because`, the trail says why nothing came of it.

    What was drafted for the wish alone ends with it. Call inside the transaction of
    what ends it.
    """
    change.closed_at = timezone.now()
    change.save(update_fields=["closed_at"])
    if change.grant.state == RoleGrant.State.DRAFT:
        move(change.grant, RoleGrant.State.EXPIRED, by=by)
    if because:
        _tell("grant.change_dropped", change, by=by, because=because)


def close_all(approval: Approval, *, by: Actor, because: str) -> None:
    """End everything that was put forward with an approval that is void.

    Call inside the transaction of what voids it.
    """
    asked = approval.changes.open().select_related("client", "grant__grantee")
    for change in asked.select_related("grant__asset__client"):
        close(change, by=by, because=because)


def _seats(change: GrantChange) -> bool:
    return bool(change.grant.family == RoleGrant.Family.SEAT)


def _tell(action: str, change: GrantChange, *, by: Actor, **data: Any) -> None:
    tell(
        change.grant,
        action,
        by,
        role=change.get_role_display(),
        reason=change.reason,
        ends_on=change.ends_on,
        **data,
    )
