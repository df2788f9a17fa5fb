"""A browser's visit: who may see it, what it may still do, and how it stops."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.flows import consent
from accounts.trail import Actor, record
from onboarding.flows import requests
from onboarding.models import AccessLink, AccessRequest, LinkSession, RequestItem
from onboarding.words import STOPS

Stage = LinkSession.Stage

# The problem of a visit whose request was changed by us while it was under way.
CHANGED = "changed"


class VisitIsOver(Exception):
    """The request, the link or the visit's own stage no longer allows this step."""


def visit_of(session_id: Any, *, browser: str) -> LinkSession | None:
    """Return the visit if this browser made it and it still may be seen."""
    session = (
        LinkSession.objects.filter(pk=session_id)
        .select_related(
            "link__contact",
            "link__request__client",
            "link__request__contact",
            "link__request__asked_by",
            "item__receiver",
            "attempt__connection",
        )
        .first()
    )
    if session is None or not browser:
        return None
    if session.browser_hash != consent.hash_text(browser):
        return None
    is_ended_by_us = session.problem == CHANGED
    if not (_stands if is_ended_by_us else _is_usable)(session.link):
        return None
    if not session.link.request.is_open and session.shared_at is None:
        return None
    return session


def visit_by_state(state: str, *, platform: str, browser: str) -> LinkSession | None:
    """Return this browser's visit that sent out `state`, for a callback seen again."""
    if not state or not browser:
        return None
    return LinkSession.objects.filter(
        attempt__state_hash=consent.hash_text(state),
        attempt__platform=platform,
        browser_hash=consent.hash_text(browser),
    ).first()


def visit_by_token(token: str, *, browser: str) -> LinkSession | None:
    """Return where this browser got to with this link, if it got past signing in."""
    if not browser:
        return None
    under_way = LinkSession.objects.filter(
        Q(stage__in=(Stage.READING, Stage.CHOOSING, Stage.SHARED)) | Q(problem=CHANGED),
        link__token_hash=consent.hash_text(token),
        browser_hash=consent.hash_text(browser),
    ).order_by("-started_at")
    newest = under_way.first()
    return newest and visit_of(newest.pk, browser=browser)


def may_go_on(link: AccessLink, item: RequestItem) -> bool:
    return _is_usable(link) and link.request.is_open and requests.is_cleared(item)


def hold(session: LinkSession, stage: str) -> None:
    """Lock the visit and its request in this transaction; raise VisitIsOver.

    From here on the visit speaks of its request as it is now: it may have been
    changed, and its client merged into another, since the page was drawn.
    """
    request = AccessRequest.objects.select_for_update().get(pk=session.link.request_id)
    fresh = LinkSession.objects.select_for_update().get(pk=session.pk)
    is_ours = (fresh.stage, fresh.problem, fresh.attempt_id) == (
        *(stage, session.problem),
        session.attempt_id,
    )
    session.link.refresh_from_db()
    session.link.request = request
    session.item.refresh_from_db()
    if not is_ours or not may_go_on(session.link, session.item):
        raise VisitIsOver


def stop(session: LinkSession, problem: str, *, by: Actor, sentence: str = "") -> None:
    """End this trip with a problem page, unless the visit began anew meanwhile.

    Who has shared before and now says no keeps the page with the results.
    """
    keeps_results = problem == "refused" and session.shared_at is not None
    session.stage = Stage.SHARED if keeps_results else Stage.STOPPED
    session.problem = "" if keeps_results else problem
    with transaction.atomic():
        stopped = (
            LinkSession.objects.exclude(problem=CHANGED)
            .filter(pk=session.pk, attempt=session.attempt_id)
            .update(
                stage=session.stage,
                problem=session.problem,
                signed_in_as=session.signed_in_as,
                candidates=[],
                lease_until=None,
            )
        )
        if stopped:
            record(
                "link.stopped",
                by=by,
                subject=session.link,
                client=session.link.request.client,
                data={"problem": STOPS.get(problem, problem), "sentence": sentence},
            )


def end_for_change(request: AccessRequest) -> None:
    """Stop every visit of a request that was changed; what came of them stays shown.

    Call inside the transaction of the change.
    """
    visits = LinkSession.objects.filter(link__request=request)
    over: dict[str, Any] = {"problem": CHANGED, "candidates": [], "lease_until": None}
    visits.filter(shared_at__isnull=True).update(stage=Stage.STOPPED, **over)
    visits.filter(shared_at__isnull=False).update(stage=Stage.SHARED, **over)


def _is_usable(link: AccessLink) -> bool:
    return link.revoked_at is None and _stands(link)


def _stands(link: AccessLink) -> bool:
    """True while its day has not come and its contact is there, ended by us or not."""
    is_there = link.contact is None or link.contact.is_active
    return is_there and link.expires_at > timezone.now()


def holder(link: AccessLink) -> str:
    contact = link.contact or link.request.contact
    return contact.name
