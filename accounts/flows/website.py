"""What a read says of access that people arrange on the platform's website.

Method A: we asked there, and the owner answers there. Method B: the owner invites us,
and our own center may have to accept. No call makes either (TikTok facts 5.4); each
shows in our center's list alone, and whoever says it is done proves nothing.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.flows.grants import move
from accounts.flows.reads import BY_WEBSITE, ClientsSide, Seen
from accounts.models import RoleGrant
from accounts.platforms.registry import platform
from accounts.trail import Actor

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Source = RoleGrant.Source

# How long the platform may take to show what was sent, before somebody asks.
SHOWN_WITHIN = dt.timedelta(days=2)

MUST_AGREE = (
    "{platform} shows our request. {owner} agrees there; {platform} told them by e-mail"
    " and in its notifications."
)
SENT = "Sent on {platform}, as we were told. Its list does not show it yet."
NOT_SHOWN = (
    "{platform} does not show our request, two days after it was sent. Was it sent?"
    " Look in {receiver}; send it again there, or switch to Method B."
)
REFUSED = (
    "{owner} refused our request on {platform}. Ask them why; then ask again, or switch"
    " to Method B."
)
ENDED = (
    "{owner} approved our request on {platform} and has ended it since. Ask them why;"
    " then ask again, or switch to Method B."
)
NO_ROLE = (
    "{receiver} has it, but no list tells at which role. Our Business Center admin"
    " opens it there and puts a person on it; the portal reads again."
)
UNKNOWN_WORD = (
    "{platform} says “{word}” of our request, which the portal does not know. Look in"
    " {receiver}."
)
MUST_ACCEPT = (
    "{owner} says we are invited. Our Business Center admin accepts it in {receiver},"
    " under Partners. If nothing is there, ask which id was typed."
)
NOT_GIVEN = (
    "{owner}'s own center does not list it as shared with {receiver}. Ask them to add"
    " the account to the partnership."
)


def book(grant: RoleGrant, seen: Seen, theirs: ClientsSide, *, by: Actor) -> bool:
    """Book what is missing of a grant that no list shows with a role.

    False for one that came about by a call, or is no longer on its way.
    """
    if grant.source not in BY_WEBSITE or grant.via_id is not None:
        return False
    if grant.state == State.MANUAL and seen.status not in ("PENDING", "BOUND"):
        return True  # not sent yet: what is listed is left of an earlier request
    if grant.source == Source.METHOD_A:
        _book_request(grant, seen, by=by)
    else:
        _book_invitation(grant, seen, theirs, by=by)
    return True


def _book_request(grant: RoleGrant, seen: Seen, *, by: Actor) -> None:
    if seen.status == "REJECTED":
        _come_to_nothing(grant, REFUSED, by=by)
    elif seen.status == "UNBOUND":
        _come_to_nothing(grant, ENDED, by=by)
    elif seen.status == "BOUND":
        _book_without_role(grant, by=by)
    elif seen.status == "PENDING":
        _wait(grant, WaitsOn.CLIENT, MUST_AGREE, by=by)
    elif seen.status:
        _wait(grant, WaitsOn.ACCOUNT_MANAGER, UNKNOWN_WORD, by=by, word=seen.status)
    elif timezone.now() - grant.asked_at > SHOWN_WITHIN:
        _wait(grant, WaitsOn.ACCOUNT_MANAGER, NOT_SHOWN, by=by)
    else:
        _wait(grant, WaitsOn.CLIENT, SENT, by=by)


def _book_invitation(
    grant: RoleGrant, seen: Seen, theirs: ClientsSide, *, by: Actor
) -> None:
    if seen.status == "BOUND":
        _book_without_role(grant, by=by)
    elif theirs.shares(grant) is False:
        _wait(grant, WaitsOn.CLIENT, NOT_GIVEN, by=by)
    else:
        _wait(grant, WaitsOn.CENTER_ADMIN, MUST_ACCEPT, by=by)


def _book_without_role(grant: RoleGrant, *, by: Actor) -> None:
    move(
        grant,
        State.UNVERIFIED,
        by=by,
        waits_on=WaitsOn.CENTER_ADMIN,
        problem=said(NO_ROLE, grant),
        check_again=True,
        accepted_at=grant.accepted_at or timezone.now(),
    )


def _come_to_nothing(grant: RoleGrant, sentence: str, *, by: Actor) -> None:
    """It is over, and somebody here asks again or closes it."""
    move(
        grant,
        State.DECLINED,
        by=by,
        waits_on=WaitsOn.ACCOUNT_MANAGER,
        problem=said(sentence, grant),
    )


def _wait(
    grant: RoleGrant, waits_on: WaitsOn, sentence: str, *, by: Actor, **words: Any
) -> None:
    move(
        grant,
        State.PENDING,
        by=by,
        waits_on=waits_on,
        problem=said(sentence, grant, **words),
        check_again=True,
    )


def said(sentence: str, grant: RoleGrant, **words: Any) -> str:
    return sentence.format(
        owner=grant.asset.client or "Its owner",
        platform=platform(grant.asset.platform).label,
        receiver=grant.grantee,
        **words,
    )
