"""Attempts: each saved before its call, and closed with what came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.flows.grants import tell
from accounts.models import Connection, GrantAttempt, RoleGrant
from accounts.outbound import OutboundError
from accounts.trail import Actor


def begin(
    action: str,
    operation: GrantAttempt.Operation,
    grants: Sequence[RoleGrant],
    key: Connection,
    *,
    by: Actor,
    **data: Any,
) -> list[GrantAttempt]:
    """Save one open attempt a grant, each with its event `action`."""
    with transaction.atomic():
        attempts = [
            GrantAttempt.objects.create(
                grant=grant, operation=operation, connection=key
            )
            for grant in grants
        ]
        for grant in grants:
            tell(grant, action, by, key=str(key), **data)
    return attempts


def close(attempt: GrantAttempt, outcome: str, **said: str) -> None:
    """Save what came back, cut where a column ends: no answer may keep it open."""
    attempt.outcome = outcome
    attempt.ended_at = timezone.now()
    for name, value in said.items():
        column: Any = GrantAttempt._meta.get_field(name)
        setattr(attempt, name, value[: column.max_length])
    attempt.save()


def refuse(attempt: GrantAttempt, error: OutboundError) -> None:
    """Close an attempt that got no yes; nobody may know whether it was done."""
    is_open = error.outcome_unknown or error.kind == "duplicate"
    outcome = GrantAttempt.Outcome.UNKNOWN if is_open else GrantAttempt.Outcome.REFUSED
    close(attempt, outcome, **said(error))


def said(error: OutboundError) -> dict[str, str]:
    """Return what a refused call leaves on its attempt."""
    return {
        "answer": str(error),
        "native_code": error.code,
        "trace_id": error.trace_id,
    }
