"""Keys that renew themselves: a sweep a minute, and whoever needs one before.

One job renews a batch. Its calls run side by side in threads that do nothing else; what
came is written down by the job itself, many results at a time. A key that somebody
needs or asks for is renewed through the same claim, so that no token is sent twice.
"""

from __future__ import annotations

import datetime as dt
import time

from django.utils import timezone

from accounts.flows.apart import in_turn
from accounts.flows.refresh_batch import Batch, ask, connector_for
from accounts.flows.refresh_claims import Claim, busy, claim_one, let_go, prolong
from accounts.flows.refresh_results import settle
from accounts.models import Connection
from accounts.outbound import OutboundError
from accounts.outbound.throttle import (
    BACKGROUND_SECONDS,
    IN_PERSON_SECONDS,
    Throttle,
)
from accounts.platforms.registry import platforms
from accounts.trail import Actor

BY = Actor.task("renew keys")
# A key is renewed before its use when it ends sooner than this.
NEARLY = dt.timedelta(seconds=60)
POLL_SECONDS = 0.25

PUT_OFF = "{label}'s key could not be renewed. The portal tries again at {when:%H:%M}."
ENDED = "{label}'s key no longer works. {label} opens a fresh link and consents."
NO_WAY = "This key cannot be renewed. {label} connects again."


def sweep() -> int:
    """Renew what is due, for a minute at most; return how many came anew."""
    return sum(
        in_turn(
            Batch(spec.key, spec.app_id, BY).run
            for spec in platforms().values()
            if any(spec.refreshes.values())
        )
    )


def now(connection: Connection, *, by: Actor, in_person: bool = True) -> Connection:
    """Renew this key whatever its date; return it as it is then.

    Whoever finds it claimed waits for that result instead. Raises OutboundError.
    """
    if not connection.refresh_ref:
        raise _error(NO_WAY, connection, permanent=True, kind="unsupported")
    bound = IN_PERSON_SECONDS if in_person else BACKGROUND_SECONDS
    ends_at = time.monotonic() + bound
    claim = claim_one(connection, by=by)
    while claim is None:
        row = _held_by_another(connection)
        if row.version != connection.version:
            return row
        if time.monotonic() > ends_at:
            raise busy(connection)
        time.sleep(POLL_SECONDS)
        if row.lease_until is not None and row.lease_until <= timezone.now():
            claim = claim_one(connection, by=by)
    return _renew(claim, by=by, in_person=in_person)


def fresh(connection: Connection, *, by: Actor, in_person: bool) -> Connection:
    """Return the key with an access token that is good for a while yet.

    One that cannot be renewed, or is dead, is returned as it is. Raises OutboundError
    when it must be renewed first and cannot be now.
    """
    is_live = connection.state == Connection.State.LIVE
    if not connection.refresh_ref or not is_live or _is_good(connection):
        return connection
    connection.refresh_from_db()
    if _is_good(connection):
        return connection
    due_at = connection.refresh_due_at
    if connection.tries and due_at is not None and due_at > timezone.now():
        raise _error(PUT_OFF, connection, when=timezone.localtime(due_at))
    return now(connection, by=by, in_person=in_person)


def _renew(claim: Claim, *, by: Actor, in_person: bool) -> Connection:
    connection = claim.connection
    throttle = Throttle(connection.platform, connection.app_id, in_person=in_person)
    try:
        throttle.take()
    except OutboundError:
        let_go(claim)
        raise
    if not prolong(claim):
        raise busy(connection)
    answer = ask(connector_for(connection.platform), claim)
    settle([answer], by=by)
    if answer.error is not None:
        if answer.error.pause:
            throttle.rest(answer.error.pause, str(answer.error))
        raise answer.error
    throttle.ease()
    connection.refresh_from_db()
    return connection


def _is_good(connection: Connection) -> bool:
    until = connection.access_until
    return until is None or until > timezone.now() + NEARLY


def _held_by_another(connection: Connection) -> Connection:
    """Return the row as it is while somebody renews it, or once they have.

    Raises OutboundError when they got no new pair: what failed for one is not tried
    again at once by all who waited.
    """
    row = Connection.objects.get(pk=connection.pk)
    if row.state != Connection.State.LIVE:
        raise _error(ENDED, row, permanent=True, kind="dead_token")
    if row.version == connection.version and row.lease_until is None:
        when = timezone.localtime(row.refresh_due_at or timezone.now())
        raise _error(PUT_OFF, row, when=when)
    return row


def _error(
    sentence: str,
    connection: Connection,
    *,
    permanent: bool = False,
    kind: str = "renewing",
    **said: object,
) -> OutboundError:
    text = sentence.format(label=connection, **said)
    return OutboundError(text, permanent=permanent, kind=kind)
