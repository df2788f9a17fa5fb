"""Take our own people off an account with our own key.

That is all we can do where no key of the client's reaches the share itself: its end is
then the client's, on the platform's website, and closed by a read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounts.flows import agency, attempts, connections
from accounts.flows.grants import move
from accounts.flows.lists import Reader
from accounts.flows.sharing import MOST_ATTEMPTS
from accounts.flows.steps import ANSWERS_IN
from accounts.flows.unsharing import after, tries, wait
from accounts.models import Connection, GrantAttempt, Grantee, RoleGrant
from accounts.outbound import OutboundError
from accounts.trail import Actor
from accounts.zones import house_day

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Operation = GrantAttempt.Operation
Outcome = GrantAttempt.Outcome

NO_KEY = (
    "No key of ours reaches {center}, so nobody can be taken off. An access owner"
    " connects it again."
)
BY_THE_CLIENT = (
    "{client} ends the share in its own Business Center: the steps and a letter are"
    " on the grant's page."
)
WHERE_IT_WAS_APPROVED = (
    "{client} ends the access where it approved our request: the steps and a letter are"
    " on the grant's page."
)
NOT_OFF = "Our people could not be taken off: {error}"
STILL_ON_IT = "{n} of our people are still on it."
BY_HAND = "{person} is still on it. Take them off in {center}, on the website."


def take_off(grant: RoleGrant, *, by: Actor) -> None:
    """Take one person off the account that their own grant is about."""
    assert grant.via is not None
    center = grant.via.grantee
    keys = agency.keys_for(center)
    if not keys:
        problem = NO_KEY.format(center=center)
        wait(grant, WaitsOn.ACCESS_OWNER, by=by, problem=problem)
        return
    if tries(grant) >= MOST_ATTEMPTS:
        by_hand(grant, by=by)
        return
    try:
        agency.ask_each(
            keys, lambda key: unassign(grant, key, center, grant.grantee, by=by)
        )
    except OutboundError as error:
        wait(grant, after(error), by=by, problem=str(error))
    else:
        wait(grant, WaitsOn.PLATFORM, by=by)


def by_hand(grant: RoleGrant, *, by: Actor) -> None:
    """Leave one person's role to a colleague; a read still closes it."""
    assert grant.via is not None
    problem = BY_HAND.format(person=grant.grantee, center=grant.via.grantee)
    wait(grant, WaitsOn.ACCOUNT_MANAGER, by=by, problem=problem)


def take_all_off(grant: RoleGrant, *, by: Actor) -> None:
    """Take our people off an account our center holds, then leave it to the client."""
    center = grant.grantee
    keys = agency.keys_for(center)
    if not keys:
        problem = NO_KEY.format(center=center)
        wait(grant, WaitsOn.ACCESS_OWNER, by=by, problem=problem)
        return
    reader = Reader(by, in_person=True)
    for key in keys:
        try:
            left = _all_off(grant, key, reader)
        except OutboundError as error:
            trouble = error
            if error.kind in agency.ONE_LOGINS:
                continue
        else:
            _book_left(grant, left, by=by)
            return
        break
    if after(trouble) == WaitsOn.PORTAL:
        wait(grant, WaitsOn.PORTAL, by=by, problem=str(trouble))
    else:
        ask_client(grant, by=by, note=NOT_OFF.format(error=trouble))


def _book_left(grant: RoleGrant, left: Sequence[Any], *, by: Actor) -> None:
    """Try again for those still on it, so often; then the share is the client's."""
    note = STILL_ON_IT.format(n=len(left)) if left else ""
    if left and tries(grant) < MOST_ATTEMPTS * len(left):
        wait(grant, WaitsOn.PORTAL, by=by, problem=note)
    else:
        ask_client(grant, by=by, note=note)


def ask_client(grant: RoleGrant, *, by: Actor, note: str = "") -> None:
    """Leave the share to the client, by a day; reads go on and close it."""
    how = WHERE_IT_WAS_APPROVED if is_by_request(grant) else BY_THE_CLIENT
    asked = how.format(client=grant.asset.client or "Its owner")
    wait(
        grant,
        WaitsOn.CLIENT,
        by=by,
        problem=f"{asked} {note}".strip(),
        due_on=grant.due_on or house_day() + ANSWERS_IN,
    )


def is_by_request(grant: RoleGrant) -> bool:
    """True for what its owner gave by approving our request: no partner's share."""
    return grant.source == RoleGrant.Source.METHOD_A


def _all_off(grant: RoleGrant, key: Connection, reader: Reader) -> Sequence[Any]:
    """Take everybody off; return whom the account's list still shows afterwards."""
    center = grant.grantee
    people = _people_on(grant, key, reader)
    for person in people:
        try:
            unassign(grant, key, center, person, by=reader.by)
        except OutboundError as error:
            if after(error) == WaitsOn.PORTAL:
                raise
    return _people_on(grant, key, reader) if people else people


def _people_on(grant: RoleGrant, key: Connection, reader: Reader) -> Sequence[Any]:
    """Read who is on the account; book the roles of those who are not any more."""
    ours = grant.grantee.external_id
    theirs = list(grant.under.live().select_related("asset__client", "grantee"))
    people = reader.account_members(key, ours, grant, theirs)
    left = {person.external_id for person in people}
    for one in theirs:
        if one.grantee.external_id not in left:
            move(one, State.WITHDRAWN, by=reader.by)
    return people


def unassign(
    grant: RoleGrant, key: Connection, center: Grantee, person: Any, *, by: Actor
) -> None:
    """Make the call for one person of our center. Raises OutboundError."""
    name = str(getattr(person, "name", person))
    [attempt] = attempts.begin(
        "grant.unassign_sent", Operation.UNASSIGN, [grant], key, by=by, person=name
    )
    ids = (center.external_id, grant.asset.external_id, person.external_id)
    try:
        written = connections.call(
            key,
            lambda connector, token: connector.unassign_member(token, *ids),
            purpose="take one of our people off it",
            by=by,
            in_person=True,
        )
    except OutboundError as error:
        attempts.refuse(attempt, error)
        raise
    outcome = Outcome.UNKNOWN if written.is_partial else Outcome.SAID_YES
    attempts.close(attempt, outcome, answer=name, trace_id=written.trace_id)
