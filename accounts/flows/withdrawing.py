"""Take a grant back: the intent first, then the calls, and a read that proves it.

Only a clean read from our side that no longer lists the account, or the person on it,
ends a grant. With the client's key the share itself is ended (unsharing.py); without
one our people are taken off and the client ends it (unassigning.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import unassigning, unsharing
from accounts.flows.grants import move, tell
from accounts.flows.reads import ClientsSide, Seen
from accounts.flows.unsharing import wait
from accounts.models import GrantAttempt, Grantee, RoleGrant
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Operation = GrantAttempt.Operation
Outcome = GrantAttempt.Outcome

# What may be held by somebody, and so may be taken back.
TAKEABLE = (*RoleGrant.HELD, State.UNVERIFIED, State.PENDING)
# How long a yes may take to show before the platform is asked once more.
PATIENCE = dt.timedelta(minutes=30)

STILL_LISTED = "{receiver} still lists it. The portal reads again."
STILL_ON_OFFER = "The client's side still offers it to {receiver}."
IN_HANDS = {WaitsOn.CLIENT, WaitsOn.ACCOUNT_MANAGER, WaitsOn.CENTER_ADMIN}


def can_be_taken_back(grant: RoleGrant) -> bool:
    """True while it may be held and the portal knows where to take it from."""
    is_anywhere = grant.is_placed or grant.grantee.kind == Grantee.Kind.CENTER
    return grant.state in TAKEABLE and is_anywhere


def withdraw(
    grant: RoleGrant, *, reason: str, by: Actor, ends_partner: bool = False
) -> bool:
    """Put a grant on its way down; False if there is nothing to take back.

    A task carries it out. `ends_partner`: end the partnership with it, which counts
    only while this is the last share of that partner.
    """
    with transaction.atomic():
        begun = _begin(
            grant,
            reason=reason,
            by=by,
            waits_on=WaitsOn.PORTAL,
            ends_partner=ends_partner,
        )
        if begun:
            async_task("accounts.tasks.carry_out_grants", [str(grant.pk)])
    return begun


def go_along(grant: RoleGrant, *, reason: str, because: str, by: Actor) -> bool:
    """Put a grant on its way down with what it hangs on: a read tells, no call does.

    Call inside the transaction of what ends it.
    """
    return _begin(
        grant, reason=reason, by=by, waits_on=WaitsOn.PLATFORM, problem=because[:300]
    )


def _begin(grant: RoleGrant, *, reason: str, by: Actor, **how: Any) -> bool:
    now = timezone.now()
    step = {
        "state": State.WITHDRAWING,
        "next_check_at": now,
        "since": now,
        "problem": "",
        "due_on": None,
        "ends_partner": False,
        **how,
    }
    moved = RoleGrant.objects.filter(pk=grant.pk, state__in=TAKEABLE).update(**step)
    if moved:
        for name, value in step.items():
            setattr(grant, name, value)
        tell(grant, "grant.withdraw_asked", by, reason=reason)
    return bool(moved)


def send(grants: Iterable[RoleGrant], *, by: Actor) -> None:
    """Make the next call for every grant that is on its way down and waits for one."""
    leaving = [
        grant
        for grant in grants
        if (grant.state, grant.waits_on) == (State.WITHDRAWING, WaitsOn.PORTAL)
    ]
    for grant in unsharing.send((g for g in leaving if not g.is_placed), by=by):
        unassigning.take_all_off(grant, by=by)
    for grant in leaving:
        if grant.is_placed:
            unassigning.take_off(grant, by=by)


def is_in_hands(grant: RoleGrant) -> bool:
    """True while a person ends it: a read will tell, but not within the minute."""
    return grant.state == State.WITHDRAWING and grant.waits_on in IN_HANDS


def judge(
    grant: RoleGrant, seen: Seen, theirs: ClientsSide | None, *, by: Actor
) -> None:
    """Book what a clean read from our side says of a grant being taken back.

    `theirs` is the client's side; None where there is none to look at.
    """
    if seen.is_listed:
        _book_still_there(grant, theirs, by=by)
    elif _may_still_come(grant, theirs):
        problem = STILL_ON_OFFER.format(receiver=grant.grantee)
        _book_still_there(grant, theirs, by=by, problem=problem)
    else:
        book_gone(grant, by=by)


def book_gone(grant: RoleGrant, *, by: Actor) -> None:
    """The role is gone, and with a center's all that hang on it."""
    with transaction.atomic():
        move(grant, State.WITHDRAWN, by=by)
        for under in grant.under.live().select_related("asset__client", "grantee"):
            move(under, State.WITHDRAWN, by=by)


def _may_still_come(grant: RoleGrant, theirs: ClientsSide | None) -> bool:
    """True for a share that was never held and that the client's side still offers.

    Nobody can tell before the first call when the client's side cannot be read.
    """
    if grant.verified_at is not None or theirs is None or grant.is_placed:
        return False
    shared = theirs.shares(grant)
    return grant.waits_on == WaitsOn.PORTAL if shared is None else shared


def _book_still_there(
    grant: RoleGrant, theirs: ClientsSide | None, *, by: Actor, problem: str = ""
) -> None:
    """Wait on, call again, or leave it to people: as the last call tells."""
    last = grant.attempts.first()
    problem = problem or STILL_LISTED.format(receiver=_reader_of(grant))
    if is_in_hands(grant) and not _has_a_new_key(grant, last):
        wait(grant, WaitsOn(grant.waits_on), by=by, problem=grant.problem)
    elif grant.waits_on != WaitsOn.PLATFORM or last is None:
        wait(grant, WaitsOn.PORTAL, by=by, problem=grant.problem)
    elif last.outcome == Outcome.REFUSED:
        _book_refused(grant, last, by=by)
    elif _is_answered_by_now(last) or (theirs and theirs.shares(grant) is False):
        wait(grant, WaitsOn.PLATFORM, by=by, problem=problem)
    else:
        _call_again(grant, last, problem, by=by)


def _reader_of(grant: RoleGrant) -> Grantee:
    """Return the center of ours whose list shows the grant."""
    return grant.via.grantee if grant.via else grant.grantee


def _has_a_new_key(grant: RoleGrant, last: GrantAttempt | None) -> bool:
    """True when the client has connected since we last tried."""
    way = None if grant.is_placed else unsharing.way_of(grant)
    if way is None or way.key.key_given_at is None:
        return False
    return last is None or way.key.key_given_at > last.started_at


def _is_answered_by_now(last: GrantAttempt) -> bool:
    """True while a yes may still take its time to show."""
    is_young = timezone.now() - last.started_at < PATIENCE
    return last.outcome == Outcome.SAID_YES and is_young


def _call_again(
    grant: RoleGrant, last: GrantAttempt, problem: str, *, by: Actor
) -> None:
    """A partnership that ended without the share leaves the share to be ended."""
    ends_partner = grant.ends_partner and last.outcome == Outcome.UNKNOWN
    wait(grant, WaitsOn.PORTAL, by=by, problem=problem, ends_partner=ends_partner)


def _book_refused(grant: RoleGrant, last: GrantAttempt, *, by: Actor) -> None:
    """Nobody can end it by a call: a person does, unless a lesser call is left."""
    if grant.ends_partner and last.operation == Operation.END_PARTNER:
        wait(grant, WaitsOn.PORTAL, by=by, problem=last.answer, ends_partner=False)
    elif grant.is_placed:
        unassigning.by_hand(grant, by=by)
    else:
        unassigning.ask_client(grant, by=by, note=last.answer)
