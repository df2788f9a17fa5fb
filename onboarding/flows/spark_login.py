"""See which creator signed in, and book their yes: a task, safe to repeat.

Nobody's yes is booked for somebody else: a handle we did not ask is said to whoever
holds the phone, and one that nobody can compare is theirs to confirm.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import consent, identifying
from accounts.flows import spark as books
from accounts.flows.apart import in_turn
from accounts.flows.spark_moving import refresh
from accounts.models import Connection, Consent, ConsentAttempt, SparkAuthorization
from accounts.models.base import free
from accounts.outbound import OutboundError
from accounts.trail import Actor
from onboarding.flows.reading import LEASE, end_key_soon, is_long, problem_of
from onboarding.flows.spark_visits import (
    TASK,
    Outcome,
    VisitIsOver,
    actor,
    stop,
    visits,
)
from onboarding.models import SparkLink, SparkVisit

# Stops at which somebody has signed in who may be the wrong one.
OTHER_LOGIN, UNSURE_LOGIN = "other_handle", "unsure_handle"
OTHER_CREATOR = "other_creator"
DOUBTED = (OTHER_LOGIN, UNSURE_LOGIN, OTHER_CREATOR)
# Somebody may be anybody, and another login has answered before.
SECOND_LOGIN = "second_login"
# Somebody is on the way to the platform or back; nobody has seen yet who it is.
UNREAD = {"problem": "", "signed_in_as": ""}


def read_login(visit_id: Any) -> bool:
    """See who signed in, and book their yes; False if another worker is at it.

    A passing trouble of the platform leaves it for the next sweep, until PATIENCE is
    over.
    """
    visit = _claim(visit_id)
    if visit is None:
        return False
    assert visit.attempt is not None
    by = Actor.task("read login")
    try:
        connection = identifying.identify(visit.attempt, by=by)
    except OutboundError as error:
        if error.permanent or is_long(visit.attempt):
            stop(visit, problem_of(error), by=by, sentence=str(error))
        else:
            _same_trip(visit).update(lease_until=None)
        return True
    except Exception:  # nobody has thought of it: nobody is to wait for ever
        if is_long(visit.attempt):
            stop(visit, "discovery_failed", by=by)
        raise
    visit.signed_in_as = connection.label if handle_of(connection) else ""
    doubt = _doubt(visit.link.authorization, connection)
    if doubt == UNSURE_LOGIN:
        stop(visit, doubt, by=by)
    elif doubt:
        _turn_away(visit, connection, doubt, by=by)
    else:
        _book(visit, connection)
    return True


def confirm(visit: SparkVisit) -> None:
    """ "Yes, that is me": book a login nobody could compare. Raises VisitIsOver."""
    connection = _doubted(visit, UNSURE_LOGIN)
    _book(visit, connection)


def forget_login(visit: SparkVisit) -> None:
    """ "That is not me": end the key that came, so that another login may come.

    One that serves somebody already stays. Raises VisitIsOver.
    """
    connection = _doubted(visit, *DOUBTED)
    by = actor(visit.link, signed_in_as=visit.signed_in_as)
    visit.signed_in_as = ""
    _turn_away(visit, connection, "wrong_account", by=by)


def sweep(now: dt.datetime) -> None:
    """Take up visits whose process died in the callback, or whose platform was down."""
    waiting = visits().filter(free(now), **UNREAD, link__in=_usable())
    granted = waiting.filter(attempt__outcome=Outcome.GRANTED)
    broken = waiting.filter(
        attempt__outcome=Outcome.OPEN, attempt__claimed_at__lt=now - LEASE
    )
    by = Actor.task("sweep")
    in_turn(
        (
            *(partial(async_task, TASK, str(visit.pk)) for visit in granted[:100]),
            *(partial(stop, visit, "code_expired", by=by) for visit in broken[:100]),
        )
    )


def _claim(visit_id: Any) -> SparkVisit | None:
    now = timezone.now()
    granted = ConsentAttempt.objects.filter(outcome=Outcome.GRANTED)
    claimed = SparkVisit.objects.filter(
        free(now), **UNREAD, pk=visit_id, attempt__in=granted, link__in=_usable()
    ).update(lease_until=now + LEASE)
    found: SparkVisit | None = visits().filter(pk=visit_id).first() if claimed else None
    return found


def _usable() -> Any:
    """Links that stand, as a subquery of their own: see reading._open_links."""
    return SparkLink.objects.usable()


def _same_trip(visit: SparkVisit) -> Any:
    """The visit's row, unless it began anew meanwhile."""
    return SparkVisit.objects.filter(pk=visit.pk, attempt=visit.attempt_id)


def _doubted(visit: SparkVisit, *problems: str) -> Connection:
    connection = visit.attempt.connection if visit.attempt else None
    if visit.problem not in problems or connection is None:
        raise VisitIsOver
    return connection


def _turn_away(
    visit: SparkVisit, connection: Connection, problem: str, *, by: Actor
) -> None:
    """Stop here, and end the key that came, unless it serves somebody already."""
    with transaction.atomic():
        if not connection.consents.standing().exists():
            end_key_soon(connection)
        stop(visit, problem, by=by)


def _doubt(asked: SparkAuthorization, connection: Connection) -> str:
    """Return the stop for a login that may not be this creator's, or ""."""
    creator = asked.creator
    whose = connection.consents.standing().values_list("creator", flat=True)
    if whose:
        return "" if creator.pk in whose else OTHER_CREATOR
    handle = handle_of(connection)
    if handle and creator.handle:
        return "" if handle == _bare(creator.handle) else OTHER_LOGIN
    return SECOND_LOGIN if _has_another(asked, connection) else UNSURE_LOGIN


def _has_another(asked: SparkAuthorization, connection: Connection) -> bool:
    """True when another login has answered already, and its key stands."""
    key = asked.connection
    return key is not None and key != connection and key.state not in Connection.ENDED


def handle_of(connection: Connection) -> str:
    """Return the handle the platform told of a login, "" where it told none.

    Only a handle that was told has its sign: see identifying.
    """
    return _bare(connection.label) if connection.label.startswith("@") else ""


def _bare(handle: str) -> str:
    return handle.removeprefix("@").casefold()


def _book(visit: SparkVisit, connection: Connection) -> None:
    """Book the creator's yes, unless the visit began anew or its link is over."""
    asked = visit.link.authorization
    by = actor(visit.link, signed_in_as=visit.signed_in_as)
    with transaction.atomic():
        key = Connection.objects.select_for_update().get(pk=connection.pk)
        if not _same_trip(visit).select_for_update().filter(problem=visit.problem):
            return
        refresh(asked)
        standing = connection.consents.standing()
        if key.state in Connection.ENDED:  # who says yes a day later finds it gone
            stop(visit, "code_expired", by=by)
        elif standing.exclude(creator=asked.creator).exists():
            stop(visit, OTHER_CREATOR, by=by)
        elif visit.problem == UNSURE_LOGIN and _has_another(asked, connection):
            _turn_away(visit, connection, SECOND_LOGIN, by=by)
        elif books.connect(asked, connection, by=by):
            standing.get_or_create(
                connection=connection,
                purpose=Consent.Purpose.CREATOR,
                defaults={
                    "creator": asked.creator,
                    "wording_version": consent.WORDING_VERSION,
                },
            )
            who = visit.signed_in_as or asked.creator.shown
            _same_trip(visit).update(problem="", signed_in_as=who, lease_until=None)
