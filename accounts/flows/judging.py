"""What a clean read says of a grant that is not held as asked: what is missing, and
who acts."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.flows import drift, steps, website
from accounts.flows.grants import await_read, move, queue_call, role_label
from accounts.flows.reads import ClientsSide, Seen
from accounts.models import GrantAttempt, RoleGrant
from accounts.platforms.roles import Role
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn

# How long a share may take to show on either side.
PATIENCE = dt.timedelta(hours=1)

WRONG_ROLE = "{receiver} holds {observed} ({native}); we asked for {asked}."
MUST_ACCEPT = "Shared with {receiver}; our Business Center admin has yet to accept it."
NOT_LISTED = "Not listed for {receiver} yet. The portal reads again."
TAKEN_AWAY = (
    "The platform said yes, yet neither side lists it. Ask {whom} whether it was taken"
    " back; to ask for it again, take it back here first."
)
REJECTED = "The request or the share was declined."
OWNER_MUST_AGREE = "The account's owner has yet to agree, on the platform's website."


def book_unproved(
    grant: RoleGrant, seen: Seen, theirs: ClientsSide, *, by: Actor
) -> None:
    """It is not held as asked: say what is missing, and who acts."""
    if steps.has_stood(grant) and seen.is_listed:
        drift.book_listed(grant, seen, by=by)
    elif seen.is_listed:
        _book_another_role(grant, seen, by=by)
    elif steps.has_stood(grant):
        drift.book_missing(grant, seen, by=by)
    elif website.book(grant, seen, theirs, by=by):
        return
    elif seen.status == "REJECTED":
        move(
            grant,
            State.DECLINED,
            by=by,
            waits_on=WaitsOn.ACCOUNT_MANAGER,
            problem=REJECTED,
        )
    elif seen.status == "PENDING":
        move(
            grant,
            State.PENDING,
            by=by,
            waits_on=WaitsOn.CLIENT,
            problem=OWNER_MUST_AGREE,
            check_again=True,
        )
    elif grant.state != State.MANUAL:  # what nobody did by hand yet stays to be done
        _book_unlisted(grant, shared=theirs.shares(grant), by=by)


def _book_another_role(grant: RoleGrant, seen: Seen, *, by: Actor) -> None:
    move(
        grant,
        State.UNVERIFIED,
        by=by,
        waits_on=WaitsOn.CLIENT,
        problem=WRONG_ROLE.format(
            receiver=grant.grantee,
            observed=role_label(seen.role or ""),
            native=seen.native,
            asked=role_label(grant.asked_role),
        ),
        check_again=True,
        observed_role=seen.role or Role.UNKNOWN,
        observed_native=seen.native,
        accepted_at=grant.accepted_at or timezone.now(),
        missed_at=None,
    )


def _book_unlisted(grant: RoleGrant, *, shared: bool | None, by: Actor) -> None:
    """Tell "somebody must accept" from "never arrived", as far as it can be told.

    `shared` is what the client's side lists; None when we could not look.
    """
    if shared:
        move(
            grant,
            State.PENDING,
            by=by,
            waits_on=WaitsOn.CENTER_ADMIN,
            problem=MUST_ACCEPT.format(receiver=grant.grantee),
            check_again=True,
            accepted_at=grant.accepted_at or timezone.now(),
        )
    elif shared is False and _nobody_knows_of_the_last_try(grant):
        queue_call(grant, by=by)
    elif shared is False and _was_given_long_ago(grant):
        move(
            grant,
            State.UNVERIFIED,
            by=by,
            waits_on=WaitsOn.ACCOUNT_MANAGER,
            problem=TAKEN_AWAY.format(whom=grant.asset.client or "its owner"),
            check_again=True,
        )
    else:
        await_read(grant, by=by, problem=NOT_LISTED.format(receiver=grant.grantee))


def _nobody_knows_of_the_last_try(grant: RoleGrant) -> bool:
    last = grant.attempts.first()
    return last is not None and last.outcome == GrantAttempt.Outcome.UNKNOWN


def _was_given_long_ago(grant: RoleGrant) -> bool:
    """True when the platform's yes is too old for the share to be on its way still."""
    last = grant.attempts.first()
    return last is not None and timezone.now() - last.started_at > PATIENCE
