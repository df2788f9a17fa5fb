"""Another access owner's yes or no to what was put forward, carried out at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.flows import (
    adopting,
    approvals,
    changing,
    seats,
    staffing,
    wishes,
)
from accounts.models import Approval, Client, GrantChange, User
from accounts.trail import Actor

Decision = Approval.Decision
Kind = GrantChange.Kind

HAS_CHANGED = "What was asked had changed, so the approval is void. Ask again."


def decide(
    approval: Approval, *, yes: bool, user: User, note: str = ""
) -> tuple[Approval, int]:
    """Book the decision about everything this approval covers, and carry it out.

    Return it as decided, and for how much of it a yes came too late.
    Raises approvals.CannotDecide.
    """
    with transaction.atomic():
        changes = covered(approval)
        matter = approvals.Matter(
            wishes.what_is_asked(changes),
            in_words(changes),
            subject=changes[0].grant if len(changes) == 1 else approval,
            client=_client_of(changes),
        )
        approval = approvals.decide(approval, matter, yes=yes, by=user, note=note)
        still_open = [change for change in changes if change.closed_at is None]
        followed = [
            change
            for change in still_open
            if _follow(change, approval, by=Actor.staff(user))
        ]
        if approval.decision != Decision.APPROVED:
            return approval, 0
        adopting.read_soon(one for one in followed if one.kind == Kind.ADOPT)
    return approval, len(changes) - len(followed)


def covered(approval: Approval) -> list[GrantChange]:
    """Return all that was put forward with it, what is over by now among it."""
    changes = approval.changes.select_related(
        "grant__asset__client", "grant__grantee__member", "client", "asked_by"
    )
    return list(changes.order_by("grant__asset__name", "pk"))


def in_words(changes: Sequence[GrantChange]) -> dict[str, str]:
    roles = sorted({change.get_role_display() for change in changes})
    first = changes[0].grant
    more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    return {
        "role": ", ".join(roles),
        "receiver": f"{first.grantee} on {first.asset}{more}",
    }


def _follow(change: GrantChange, approval: Approval, *, by: Actor) -> bool:
    """Do as was decided; False if that may not be any more."""
    change.approval = approval
    if approval.decision == Decision.REFUSED:
        wishes.refuse(change, by=by, note=approval.note)
    elif approval.decision == Decision.VOID:
        wishes.close(change, by=by, because=HAS_CHANGED)
    elif change.kind == Kind.ADOPT:
        return adopting.apply(change, by=by)
    elif change.grant.is_in_center:
        return seats.apply(change, by=by)
    elif change.grant.is_placed:
        return staffing.apply(change, by=by)
    else:
        return changing.apply(change, by=by)
    return True


def _client_of(changes: Sequence[GrantChange]) -> Client | None:
    """Return the one client it is about; None where it is about several."""
    clients = {change.client for change in changes}
    return clients.pop() if len(clients) == 1 else None
