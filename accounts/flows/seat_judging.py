"""What a read says of seats that are on their way: up, to another role, or away."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.flows import drift, seating, steps
from accounts.flows.changing import SETTLES_IN
from accounts.flows.grants import await_read, move, queue_call, role_label
from accounts.flows.judging import NOT_LISTED, PATIENCE
from accounts.flows.reads import Seen
from accounts.flows.sharing import MOST_ATTEMPTS
from accounts.flows.unsharing import wait
from accounts.models import GrantAttempt, RoleGrant
from accounts.platforms.roles import Role
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Outcome = GrantAttempt.Outcome

NOT_TAKEN_OVER = "{holder} holds {observed} still. {hand}"
BY_HAND = "Our Business Center admin sets {holder} to {role} in {center}, by hand."
REMOVE_BY_HAND = (
    "{holder} is still there. Our Business Center admin takes it off in {center}, on"
    " the website; a read closes it."
)
STILL_LISTED = "{center} still lists {holder}. The portal reads again."
NEVER_LISTED = (
    "The platform took it, yet {center} does not list {holder}. An access owner looks"
    " at the members there, on the website."
)


def judge_another_role(grant: RoleGrant, seen: Seen, *, by: Actor) -> None:
    """They sit there at another role: wait, ask again, or leave it to people."""
    last = steps.attempts_of(grant).first()
    if last is None:
        drift.book_listed(grant, seen, by=by)
        return
    observed: dict[str, Any] = {
        "observed_role": seen.role or Role.UNKNOWN,
        "observed_native": seen.native,
        "accepted_at": grant.accepted_at or timezone.now(),
        "missed_at": None,
    }
    if grant.state == State.REQUESTING:
        return  # its next call is due, whatever was read before it
    if _is_settling(last, seen):
        await_read(grant, by=by, **observed)
    elif seating.tries(grant) < MOST_ATTEMPTS:
        queue_call(grant, by=by, **observed)
    else:
        move(
            grant,
            State.DRIFTED,
            by=by,
            waits_on=WaitsOn.CENTER_ADMIN,
            problem=NOT_TAKEN_OVER.format(
                holder=grant.grantee,
                observed=role_label(seen.role or ""),
                hand=_by_hand(grant),
            ),
            **observed,
        )


def judge_unlisted(grant: RoleGrant, *, by: Actor) -> None:
    """The list shows neither seat nor invitation: call again, or wait, or tell."""
    last = steps.attempts_of(grant).first()
    words = {"center": grant.asset, "holder": grant.grantee}
    if last is not None and last.outcome == Outcome.UNKNOWN:
        queue_call(grant, by=by)
    elif last is not None and timezone.now() - last.started_at > PATIENCE:
        move(
            grant,
            State.UNVERIFIED,
            by=by,
            waits_on=WaitsOn.ACCESS_OWNER,
            problem=NEVER_LISTED.format(**words),
            check_again=True,
        )
    else:
        await_read(grant, by=by, problem=NOT_LISTED.format(receiver=grant.grantee))


def judge_removal(grant: RoleGrant, seen: Seen, *, by: Actor) -> None:
    """Book what a read says of a seat or finance role that is being taken away."""
    if not seen.is_listed and seen.status not in ("BOUND", "PENDING"):
        move(grant, State.WITHDRAWN, by=by)
        return
    last = steps.attempts_of(grant).first()
    words = {"center": grant.asset, "holder": grant.grantee}
    if grant.waits_on == WaitsOn.CENTER_ADMIN:
        wait(grant, WaitsOn.CENTER_ADMIN, by=by, problem=grant.problem)
    elif grant.waits_on != WaitsOn.PLATFORM:
        wait(grant, WaitsOn.PORTAL, by=by, problem=grant.problem)
    elif last is not None and _is_settling(last, seen):
        problem = STILL_LISTED.format(**words)
        wait(grant, WaitsOn.PLATFORM, by=by, problem=problem)
    elif _is_exhausted(grant, last):
        problem = REMOVE_BY_HAND.format(**words)
        wait(grant, WaitsOn.CENTER_ADMIN, by=by, problem=problem)
    else:
        problem = STILL_LISTED.format(**words)
        wait(grant, WaitsOn.PORTAL, by=by, problem=problem)


def _is_exhausted(grant: RoleGrant, last: GrantAttempt | None) -> bool:
    is_refused = last is not None and last.outcome == Outcome.REFUSED
    return is_refused or seating.tries(grant) >= MOST_ATTEMPTS


def _is_settling(last: GrantAttempt, seen: Seen) -> bool:
    """True for a read made before a yes could show."""
    read_at = seen.read.read_at if seen.read else timezone.now()
    ended_at = last.ended_at or last.started_at
    return last.outcome == Outcome.SAID_YES and read_at - ended_at < SETTLES_IN


def _by_hand(grant: RoleGrant) -> str:
    role = role_label(grant.asked_role)
    return BY_HAND.format(holder=grant.grantee, role=role, center=grant.asset)
