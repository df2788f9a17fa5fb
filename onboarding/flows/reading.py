"""See who signed in and what they may share: a task, safe to repeat."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import consent, dropping, identifying
from accounts.models import Connection, Consent, ConsentAttempt
from accounts.models.base import free
from accounts.outbound import OutboundError
from accounts.platforms.registry import platform as the_platform
from accounts.trail import Actor, record
from onboarding.flows import candidates
from onboarding.flows.visits import Stage, stop
from onboarding.models import AccessLink, LinkSession

# A task that reads the accounts may live this long before another takes over.
LEASE = dt.timedelta(seconds=150)

# A visit whose platform fails for this long says so instead of going on reading.
PATIENCE = dt.timedelta(minutes=15)

# Answers that came and told nothing: whoever sent them is there, so not "down".
UNREADABLE = {"malformed", "incomplete", "partial"}

HELD = "This login already serves another client. An access owner decides."


def begin_reading(session: LinkSession) -> None:
    with transaction.atomic():
        session.stage = Stage.READING
        session.save(update_fields=["stage"])
        async_task("onboarding.tasks.read_accounts", str(session.pk))


def read_accounts(session_id: Any) -> bool:
    """See who signed in and what they may share; False if another worker is at it.

    Safe to repeat. A passing trouble of the platform leaves the visit reading, for
    the next sweep, until PATIENCE is over.
    """
    session = _claim(session_id)
    if session is None:
        return False
    assert session.attempt is not None
    by = Actor.task("read accounts")
    try:
        connection = identifying.identify(session.attempt, by=by)
        session.signed_in_as = connection.label
        problem = _why_not_this_login(session, connection, by=by)
        found = [] if problem else candidates.read(connection, session.item, by=by)
    except candidates.OurOwn:
        found, problem = [], "agency_login"
        _end_our_own(session, connection, by=by)
    except OutboundError as error:
        _book_trouble(session, error, by=by)
        return True
    except Exception:  # nobody has thought of it: the client must not wait for ever
        if is_long(session.attempt):
            stop(session, "discovery_failed", by=by)
        raise
    problem = problem or candidates.why_nothing_to_choose(found)
    if problem:
        stop(session, problem, by=by)
    else:
        _still_reading(session).update(
            stage=Stage.CHOOSING,
            signed_in_as=session.signed_in_as,
            candidates=found,
            lease_until=None,
        )
    return True


def end_key_soon(connection: Connection) -> None:
    """Have a key that nobody stands behind ended by a task, before it comes anew.

    Call inside the transaction that ends the permission.
    """
    async_task("accounts.tasks.end_unused_key", str(connection.pk), connection.version)


def _end_our_own(session: LinkSession, connection: Connection, *, by: Actor) -> None:
    """A colleague signed in on a client's link: that is nobody's permission."""
    with transaction.atomic():
        if dropping.give_up(connection, session.link.request.client, by=by):
            end_key_soon(connection)


def _claim(session_id: Any) -> LinkSession | None:
    now = timezone.now()
    claimed = LinkSession.objects.filter(
        free(now), pk=session_id, stage=Stage.READING, link__in=_open_links()
    ).update(lease_until=now + LEASE)
    if not claimed:
        return None
    return LinkSession.objects.select_related(
        "link__request__client", "item__receiver", "attempt"
    ).get(pk=session_id)


def _book_trouble(session: LinkSession, error: OutboundError, *, by: Actor) -> None:
    if error.permanent or is_long(session.attempt):
        stop(session, problem_of(error), by=by, sentence=str(error))
    else:
        _still_reading(session).update(lease_until=None)


def is_long(attempt: ConsentAttempt | None) -> bool:
    """True once the platform has failed somebody for longer than PATIENCE."""
    claimed_at = attempt.claimed_at if attempt else None
    return claimed_at is not None and timezone.now() - claimed_at > PATIENCE


def problem_of(error: OutboundError) -> str:
    """Return the problem page for trouble that ends this trip."""
    told_nothing = error.permanent or error.kind in UNREADABLE
    return "discovery_failed" if told_nothing else "platform_down"


def _still_reading(session: LinkSession) -> Any:
    """The visit's row, unless it began anew or its request closed meanwhile."""
    return LinkSession.objects.filter(
        pk=session.pk,
        attempt=session.attempt_id,
        stage=Stage.READING,
        link__in=_open_links(),
    )


def _open_links() -> Any:
    """Links that stand, of open requests, as a subquery of their own.

    A join would move the visit's own conditions into a subquery too, and PostgreSQL
    does not look at those again after waiting for another worker's update: both
    workers would then hold the visit.
    """
    return AccessLink.objects.filter(
        request__closed_at__isnull=True, revoked_at__isnull=True
    )


def _why_not_this_login(
    session: LinkSession, connection: Connection, *, by: Actor
) -> str:
    """Return the problem page of a login that cannot serve here, or ""."""
    live = connection.consents.standing()
    if live.filter(purpose=Consent.Purpose.AGENCY).exists():
        return "agency_login"
    given = _book_consent(session, connection, by=by)
    if given.state == Consent.State.HELD:
        return "other_client"
    spec = the_platform(connection.platform)
    if spec.missing_scopes(connection.scopes, "client"):
        return "missing_scopes"
    return ""


def _book_consent(
    session: LinkSession, connection: Connection, *, by: Actor
) -> Consent:
    client = session.link.request.client
    with transaction.atomic():
        Connection.objects.select_for_update().get(pk=connection.pk)
        live = connection.consents.standing()
        others = live.exclude(client=client).exists()
        given, made = live.get_or_create(
            connection=connection,
            purpose=Consent.Purpose.CLIENT,
            client=client,
            defaults={
                "state": Consent.State.HELD if others else Consent.State.GIVEN,
                "held_because": HELD if others else "",
                "wording_version": consent.WORDING_VERSION,
                "keeps_key": session.item.keeps_key,
            },
        )
        if made or _promise_anew(given, keeps_key=session.item.keeps_key):
            record(
                "consent.held" if others else "consent.booked",
                by=by,
                subject=connection,
                client=client,
                data={"label": str(connection), "keeps_key": given.keeps_key},
            )
    return given


def _promise_anew(given: Consent, *, keeps_key: bool) -> bool:
    """What was read last about the key is what holds; False if it said the same."""
    if given.keeps_key == keeps_key:
        return False
    given.keeps_key = keeps_key
    given.wording_version = consent.WORDING_VERSION
    given.save(update_fields=["keeps_key", "wording_version"])
    return True
