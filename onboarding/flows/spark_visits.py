"""A creator's visit: start, say yes on the platform's page, come back, start again.

Everything after Connect belongs to the browser that pressed it. The callback only
exchanges the code; who signed in is read in a task (spark_login).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import consent
from accounts.flows.spark_moving import tell
from accounts.models import Connection, Consent, ConsentAttempt, SparkAuthorization
from accounts.outbound import OutboundError
from accounts.platforms.registry import platform as the_platform
from accounts.trail import Actor
from onboarding.flows import minting
from onboarding.flows.reading import problem_of
from onboarding.flows.spark import along, is_asked
from onboarding.models import SparkLink, SparkVisit
from onboarding.words import STOPS

Outcome = ConsentAttempt.Outcome
# What the platform calls a no on its own page (facts 3.1).
SAID_NO = "access_denied"
# Whatever else an address may claim the platform said.
LONGEST_ERROR = 64
TASK = "onboarding.tasks.read_login"


class VisitIsOver(Exception):
    """The authorization, the link or the visit no longer allows this step."""


class NothingTicked(Exception):
    """Nothing was ticked that the platform could be asked for."""


def start(link: SparkLink, words: Sequence[str], *, browser: str) -> SparkVisit:
    """Open (or reopen) this browser's visit, with an attempt to leave on.

    `words` are those the creator ticked. An attempt still on its way that asks for the
    same is kept: pressed in two tabs it is one trip. A new pair replaces the login's
    old one, so what others live on is asked for along. Raises VisitIsOver,
    NothingTicked.
    """
    asked = link.authorization
    offered = [word for word in asked.asked if word in words]
    scopes = the_platform(asked.platform).spark.scopes_of(offered)
    if not may_go_on(link):
        raise VisitIsOver
    if not scopes:
        raise NothingTicked
    by = actor(link)
    with transaction.atomic():
        minting.note_start(link)
        visit = _visit_of(link, browser)
        is_same = visit.offered == offered and not visit.problem
        if not is_same or not consent.is_on_its_way(visit.attempt):
            visit.attempt = consent.begin(
                client=asked.client,
                creator=asked.creator,
                platform=asked.platform,
                purpose=Consent.Purpose.CREATOR,
                browser=browser,
                scopes=[*scopes, *_lived_on(asked, scopes)],
                by=by,
            )
        visit.offered, visit.problem, visit.signed_in_as = offered, "", ""
        visit.lease_until = None
        visit.save()
        tell(asked, "spark.started", by, platform=the_platform(asked.platform).label)
    return visit


def _lived_on(asked: SparkAuthorization, scopes: Sequence[str]) -> list[str]:
    """Return what else the creator's keys may do, for their other authorizations."""
    others = SparkAuthorization.objects.filter(
        creator=asked.creator, platform=asked.platform, connection__isnull=False
    ).exclude(pk=asked.pk)
    alive = others.exclude(state__in=SparkAuthorization.OVER).exclude(
        connection__state__in=Connection.ENDED
    )
    held = alive.values_list("connection__scopes", flat=True)
    return sorted({scope for one in held for scope in one} - set(scopes))


def came_back(
    *, platform: str, state: str, code: str, error: str, browser: str
) -> SparkVisit:
    """Finish the trip: exchange the code once; a task sees who signed in.

    Who has agreed before may be sent back without a code (facts 3.1). Raises
    consent.NotThisAttempt (no call was made) and OutboundError (the visit says which
    page to show).
    """
    attempt = consent.claim(
        state=state,
        platform=platform,
        purpose=Consent.Purpose.CREATOR,
        browser=browser,
    )
    visit = visits().filter(attempt=attempt).first()
    if visit is None or not may_go_on(visit.link):
        raise consent.NotThisAttempt
    by = actor(visit.link)
    if error == SAID_NO:
        consent.refuse(attempt, by=by)
        stop(visit, "refused", by=by)
    elif not code:
        told = error[:LONGEST_ERROR]
        consent.fail(attempt, told or STOPS["no_code"], by=by)
        stop(visit, "no_code", by=by, sentence=told)
    else:
        _exchange(visit, attempt, code, by=by)
    return visit


def _exchange(
    visit: SparkVisit, attempt: ConsentAttempt, code: str, *, by: Actor
) -> None:
    """Swap the code, and have a task see who it was. Raises OutboundError."""
    try:
        consent.exchange(attempt, code, by=by)
    except OutboundError as error:
        kind = "code_expired" if error.kind == "code_used" else problem_of(error)
        stop(visit, kind, by=by, sentence=str(error))
        raise
    async_task(TASK, str(visit.pk))


def visit_of(visit_id: Any, *, browser: str) -> SparkVisit | None:
    """Return the visit if this browser made it and it still may be seen.

    Whoever has agreed goes on seeing how it stands, also after the link's end.
    """
    if not browser:
        return None
    hashed = consent.hash_text(browser)
    visit = visits().filter(pk=visit_id, browser_hash=hashed).first()
    if visit is None or not (is_allowed(visit) or may_go_on(visit.link)):
        return None
    return visit


def visit_by_state(state: str, *, platform: str, browser: str) -> SparkVisit | None:
    """Return this browser's visit that sent out `state`, for a callback seen again."""
    if not state or not browser:
        return None
    return SparkVisit.objects.filter(
        attempt__state_hash=consent.hash_text(state),
        attempt__platform=platform,
        browser_hash=consent.hash_text(browser),
    ).first()


def visit_by_token(token: str, *, browser: str) -> SparkVisit | None:
    """Return where this browser got to with this link, if it came back with it."""
    if not browser:
        return None
    mine = SparkVisit.objects.filter(
        link__token_hash=consent.hash_text(token),
        browser_hash=consent.hash_text(browser),
        attempt__claimed_at__isnull=False,
    ).first()
    return mine and visit_of(mine.pk, browser=browser)


def is_allowed(visit: SparkVisit) -> bool:
    """True once somebody's yes is in the books by this visit."""
    return bool(visit.signed_in_as) and not visit.problem


def may_go_on(link: SparkLink) -> bool:
    is_out = link.revoked_at is None and link.expires_at > timezone.now()
    return is_out and is_asked(link.authorization)


def stop(visit: SparkVisit, problem: str, *, by: Actor, sentence: str = "") -> None:
    """End this trip with a problem page, unless the visit began anew meanwhile."""
    visit.problem = problem
    with transaction.atomic():
        stopped = SparkVisit.objects.filter(
            pk=visit.pk, attempt=visit.attempt_id
        ).update(problem=problem, signed_in_as=visit.signed_in_as, lease_until=None)
        if stopped:
            told = {"problem": STOPS.get(problem, problem), "sentence": sentence}
            tell(visit.link.authorization, "link.stopped", by, **told)


def visits() -> Any:
    """Return all visits, with what their pages tell fetched along."""
    return SparkVisit.objects.select_related(
        "attempt__connection", *along("link__authorization")
    )


def actor(link: SparkLink, *, signed_in_as: str = "") -> Actor:
    creator = link.authorization.creator
    return Actor.link(link, handed_to=str(creator), signed_in_as=signed_in_as)


def _visit_of(link: SparkLink, browser: str) -> SparkVisit:
    identity: dict[str, Any] = {
        "link": link,
        "browser_hash": consent.hash_text(browser),
    }
    try:
        with transaction.atomic():
            return SparkVisit.objects.get_or_create(**identity)[0]
    except IntegrityError:  # Connect was pressed twice
        return SparkVisit.objects.get(**identity)
