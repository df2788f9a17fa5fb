"""Another role for a grant that stands: asked for, approved, carried out, read back."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.flows.reads import Seen
from accounts.models import GrantChange, RoleGrant
from accounts.trail import Actor


def waiting_for(user: Any) -> QuerySet[GrantChange]:
    """Return what this colleague sees of the changes that await a decision."""
    seen: QuerySet[GrantChange] = GrantChange.objects.open().visible_to(user)
    return seen.filter(approval__decision="waiting")


def apply(change: GrantChange, *, by: Actor) -> bool:
    """Put the role that was asked for to work; False if that may not be any more."""
    return False


def after_read(grant: RoleGrant, seen: Seen, *, by: Actor) -> bool:
    """Go on with a change of role after a clean read that does not show it.

    Call with what was read, another role or nothing at all. True when the change
    took care of it; False when there is none under way and the read is the caller's.
    """
    return False
