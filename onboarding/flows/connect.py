"""A client's visit: start, sign in at the platform, come back, start again.

Everything after Start belongs to the browser that pressed it. The callback only
exchanges the code; who signed in and what they may share is read in a task.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import consent, dropping
from accounts.flows.apart import in_turn
from accounts.flows.approvals import CannotDecide
from accounts.models import Client, Consent, ConsentAttempt, User
from accounts.models.base import free
from accounts.outbound import OutboundError
from accounts.roles import is_access_owner
from accounts.trail import Actor, record
from onboarding.flows import planning
from onboarding.flows.minting import note_start
from onboarding.flows.reading import (
    LEASE,
    begin_reading,
    end_key_soon,
    problem_of,
)
from onboarding.flows.visits import (
    Stage,
    VisitIsOver,
    hold,
    holder,
    may_go_on,
    stop,
)
from onboarding.models import AccessLink, LinkSession, RequestItem

# Problems of a login that leave nothing this client could be served with.
CANNOT_SERVE = frozenset(
    {"missing_scopes", "no_accounts", "none_shareable", "not_admin"}
)


def start(link: AccessLink, item: RequestItem, *, browser: str) -> LinkSession:
    """Open (or reopen) this browser's visit, with a consent attempt to leave on.

    An attempt still on its way is kept: Start pressed in two tabs is one trip.
    Raises VisitIsOver.
    """
    by = Actor.link(link, handed_to=holder(link))
    if not may_go_on(link, item):
        raise VisitIsOver
    with transaction.atomic():
        note_start(link)
        session = _session_of(link, item, browser)
        _give_up_what_came_to_nothing(session, link.request.client, by=by)
        if session.stage != Stage.SHARED:
            session.stage = Stage.STARTED
        session.problem = ""
        if not consent.is_on_its_way(session.attempt):
            session.attempt = consent.begin(
                client=link.request.client,
                platform=item.platform,
                purpose=Consent.Purpose.CLIENT,
                browser=browser,
                by=by,
            )
        session.save(update_fields=["stage", "problem", "attempt"])
        record("link.started", by=by, subject=link, client=link.request.client)
        planning.stop(link.request, by=by, because="Start was pressed.")
    return session


def came_back(*, platform: str, state: str, code: str, browser: str) -> LinkSession:
    """Finish the trip: exchange the code once and read the accounts in a task.

    Raises consent.NotThisAttempt (no call was made) and OutboundError (the session
    says which page to show).
    """
    attempt = consent.claim(
        state=state,
        platform=platform,
        purpose=Consent.Purpose.CLIENT,
        browser=browser,
    )
    session = attempt.sessions.select_related(
        "link__contact", "link__request__client", "item"
    ).first()
    if session is None or not may_go_on(session.link, session.item):
        raise consent.NotThisAttempt
    by = Actor.link(session.link, handed_to=holder(session.link))
    LinkSession.objects.filter(pk=session.pk).update(stage=Stage.STARTED)
    if not code:
        consent.refuse(attempt, by=by)
        stop(session, "refused", by=by)
        return session
    try:
        consent.exchange(attempt, code, by=by)
    except OutboundError as error:
        kind = "code_expired" if error.kind == "code_used" else problem_of(error)
        stop(session, kind, by=by, sentence=str(error))
        raise
    begin_reading(session)
    return session


def forget_login(session: LinkSession) -> None:
    """ "That is not me": drop what this login showed, so that another may sign in.

    Its consent is withdrawn unless it served this client before, and its key is ended
    at once unless it serves anybody. Raises VisitIsOver.
    """
    by = Actor.link(session.link, signed_in_as=session.signed_in_as)
    with transaction.atomic():
        hold(session, Stage.CHOOSING)
        client = session.link.request.client
        assert session.attempt is not None
        wrong = session.attempt.connection
        assert wrong is not None
        if dropping.give_up(wrong, client, by=by):
            end_key_soon(wrong)
        LinkSession.objects.filter(pk=session.pk).update(
            candidates=[],
            stage=Stage.STOPPED,
            problem="wrong_person",
            signed_in_as="",
        )
        record("link.wrong_login", by=by, subject=session.link, client=client)


def release(held: Consent, *, user: User) -> None:
    """Let a login that serves another client serve this one too.

    Raises CannotDecide for anybody but an access owner: two clients are concerned.
    """
    if not is_access_owner(user):
        raise CannotDecide("Only an access owner decides this.")
    by = Actor.staff(user)
    with transaction.atomic():
        released = Consent.objects.filter(pk=held.pk, state=Consent.State.HELD).update(
            state=Consent.State.GIVEN, held_because=""
        )
        if not released:
            return
        record(
            "consent.released",
            by=by,
            subject=held.connection,
            client=held.client,
            data={"label": str(held.connection)},
        )
        waiting = LinkSession.objects.filter(
            link__request__client=held.client,
            link__request__closed_at__isnull=True,
            attempt__connection=held.connection,
            stage=Stage.STOPPED,
            problem="other_client",
        )
        for session in waiting:
            LinkSession.objects.filter(pk=session.pk).update(
                stage=Stage.READING, problem="", lease_until=None
            )
            async_task("onboarding.tasks.read_accounts", str(session.pk))


def keep_apart(held: Consent, *, user: User) -> None:
    """Do not let this login serve a second client; its person starts with another.

    Raises CannotDecide for anybody but an access owner.
    """
    if not is_access_owner(user):
        raise CannotDecide("Only an access owner decides this.")
    with transaction.atomic():
        ended = Consent.objects.filter(pk=held.pk, state=Consent.State.HELD).update(
            state=Consent.State.WITHDRAWN, withdrawn_at=timezone.now()
        )
        if ended:
            record(
                "consent.kept_apart",
                by=Actor.staff(user),
                subject=held.connection,
                client=held.client,
                data={"label": str(held.connection)},
            )


def sweep(now: dt.datetime) -> None:
    """Read again for visits whose worker died or whose platform was down."""
    in_turn((lambda: _take_up_broken_callbacks(now), lambda: _read_on(now)))


def _read_on(now: dt.datetime) -> None:
    stuck = LinkSession.objects.filter(
        free(now),
        stage=Stage.READING,
        link__request__closed_at__isnull=True,
    )
    for session_id in stuck.values_list("pk", flat=True)[:100]:
        async_task("onboarding.tasks.read_accounts", str(session_id))


def _take_up_broken_callbacks(now: dt.datetime) -> None:
    """A process died in the callback: read on with its token, or say start again."""
    broken = LinkSession.objects.filter(
        stage=Stage.STARTED,
        attempt__claimed_at__lt=now - LEASE,
        link__request__closed_at__isnull=True,
    ).select_related("attempt", "link__request__client")
    in_turn(partial(_take_up, session) for session in broken[:100])


def _take_up(session: LinkSession) -> None:
    assert session.attempt is not None
    if session.attempt.outcome == ConsentAttempt.Outcome.GRANTED:
        begin_reading(session)
    else:
        stop(session, "code_expired", by=Actor.task("sweep"))


def _give_up_what_came_to_nothing(
    session: LinkSession, client: Client, *, by: Actor
) -> None:
    """Another login comes, perhaps: the one that could not serve here need not stay."""
    was = session.attempt.connection if session.attempt else None
    if was is not None and session.problem in CANNOT_SERVE:
        dropping.give_up(was, client, by=by)


def _session_of(link: AccessLink, item: RequestItem, browser: str) -> LinkSession:
    identity: dict[str, Any] = {
        "link": link,
        "item": item,
        "browser_hash": consent.hash_text(browser),
    }
    try:
        with transaction.atomic():
            return LinkSession.objects.get_or_create(**identity)[0]
    except IntegrityError:  # Start was pressed twice
        return LinkSession.objects.get(**identity)
