"""A client's visit: start, sign in at the platform, see the accounts, share.

Everything after Start belongs to the browser that pressed it. The callback only
exchanges the code; who signed in and what they may share is read in a task.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import connections, consent, grants
from accounts.models import (
    Asset,
    Connection,
    Consent,
    ConsentAttempt,
    Grantee,
    Reach,
    RoleGrant,
)
from accounts.outbound import OutboundError
from accounts.platforms.registry import platform as the_platform
from accounts.platforms.roles import Role
from accounts.trail import Actor, record
from onboarding.flows import candidates, requests
from onboarding.models import AccessLink, AccessRequest, LinkSession, RequestItem

Stage = LinkSession.Stage

# A task that reads the accounts may live this long before another takes over.
LEASE = dt.timedelta(seconds=150)

# A visit whose platform fails for this long says so instead of going on reading.
PATIENCE = dt.timedelta(minutes=15)

NO_CENTER = "No Business Center holds it: it cannot be shared by the portal."
HELD = "This login already serves another client. An access owner decides."


class VisitIsOver(Exception):
    """The request, the link or the visit's own stage no longer allows this step."""


def start(link: AccessLink, item: RequestItem, *, browser: str) -> LinkSession:
    """Open (or reopen) this browser's visit, with a consent attempt to leave on.

    An attempt still on its way is kept: Start pressed in two tabs is one trip.
    Raises VisitIsOver.
    """
    now = timezone.now()
    by = Actor.link(link, _holder(link))
    if not _may_go_on(link, item):
        raise VisitIsOver
    with transaction.atomic():
        AccessLink.objects.filter(pk=link.pk, started_at__isnull=True).update(
            started_at=now
        )
        session = _session_of(link, item, browser)
        if session.stage != Stage.SHARED:
            session.stage = Stage.STARTED
        session.problem = ""
        if not _is_on_its_way(session.attempt, now):
            session.attempt = consent.begin(
                platform=item.platform,
                purpose=Consent.Purpose.CLIENT,
                browser=browser,
                by=by,
            )
        session.save(update_fields=["stage", "problem", "attempt"])
        record("link.started", by=by, subject=link, client=link.request.client)
    return session


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
    if not _is_usable(session.link):
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
    if session is None or not _may_go_on(session.link, session.item):
        raise consent.NotThisAttempt
    by = Actor.link(session.link, _holder(session.link))
    LinkSession.objects.filter(pk=session.pk).update(stage=Stage.STARTED)
    if not code:
        consent.refuse(attempt, by=by)
        _stop(session, "refused", by=by)
        return session
    try:
        consent.exchange(attempt, code, by=by)
    except OutboundError as error:
        kind = "code_expired" if error.kind == "code_used" else "platform_down"
        _stop(session, kind, by=by, sentence=str(error))
        raise
    _begin_reading(session)
    return session


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
        connection = connections.identify(session.attempt, by=by)
        session.signed_in_as = connection.label
        problem = _why_not_this_login(session, connection, by=by)
        found = [] if problem else candidates.read(connection, session.item, by=by)
    except OutboundError as error:
        _book_trouble(session, error, by=by)
        return True
    problem = problem or candidates.why_nothing_to_choose(found)
    if problem:
        _stop(session, problem, by=by)
    else:
        _still_reading(session).update(
            stage=Stage.CHOOSING,
            signed_in_as=session.signed_in_as,
            candidates=found,
            lease_until=None,
        )
    return True


def _book_trouble(session: LinkSession, error: OutboundError, *, by: Actor) -> None:
    assert session.attempt is not None
    claimed_at = session.attempt.claimed_at
    is_long = claimed_at is not None and timezone.now() - claimed_at > PATIENCE
    if error.permanent or (error.kind == "malformed" and is_long):
        _stop(session, "discovery_failed", by=by, sentence=str(error))
    elif is_long:
        _stop(session, "platform_down", by=by, sentence=str(error))
    else:
        _still_reading(session).update(lease_until=None)


def _still_reading(session: LinkSession) -> Any:
    """The visit's row, unless it began anew or its request closed meanwhile."""
    return LinkSession.objects.filter(
        pk=session.pk,
        attempt=session.attempt_id,
        stage=Stage.READING,
        link__request__closed_at__isnull=True,
    )


def share(session: LinkSession, ticked: list[str]) -> list[RoleGrant]:
    """Book and request a grant for every ticked account that may be shared.

    Ids that were not offered are ignored: the form may have been tampered with.
    Raises ValueError when nothing valid was ticked, and VisitIsOver.
    """
    offered = {
        row["external_id"]: (center, row)
        for center in session.candidates
        for row in center["rows"]
        if row["can_choose"]
    }
    # In one order for everybody: two visits that share the same do not deadlock.
    chosen = [offered[account_id] for account_id in sorted(set(ticked) & set(offered))]
    if not chosen:
        raise ValueError("Nothing was ticked.")
    by = Actor.link(session.link, session.signed_in_as)
    with transaction.atomic():
        _hold(session, Stage.CHOOSING)
        booked = [_book(session, center, row, by=by) for center, row in chosen]
        wanted = [grant for grant in booked if grants.request(grant, by=by)]
        session.stage = Stage.SHARED
        session.shared_at = timezone.now()
        session.save(update_fields=["stage", "shared_at"])
        async_task(
            "accounts.tasks.carry_out_grants", [str(grant.pk) for grant in wanted]
        )
    return booked


def name_account(session: LinkSession, external_id: str) -> RoleGrant:
    """A client without a Business Center names the account; a colleague asks for it.

    Raises requests.AlreadyRecorded and VisitIsOver.
    """
    item = session.item
    by = Actor.link(session.link, session.signed_in_as)
    with transaction.atomic():
        _hold(session, Stage.STOPPED)
        asset = _asset(session, {"external_id": external_id, "name": ""}, None)
        _reach(session, asset, can_grant=False, why_not=NO_CENTER)
        grant = grants.want(
            asset=asset,
            grantee=item.receiver,
            role=Role(item.role),
            source=RoleGrant.Source.METHOD_A,
            by=by,
            approval=item.approval,
            reason=item.reason,
            ends_on=item.ends_on,
        )
        requests.attach(item, grant)
        item.method = RequestItem.Method.METHOD_A
        item.save(update_fields=["method"])
        if grant.state == RoleGrant.State.DRAFT:
            grants.by_hand(
                grant,
                problem=(
                    f"In {item.receiver}, under Ad accounts, request access to"
                    f" {external_id} as {grant.get_asked_role_display()}."
                ),
                by=by,
            )
        session.stage = Stage.SHARED
        session.shared_at = timezone.now()
        session.save(update_fields=["stage", "shared_at"])
    return grant


def forget_login(session: LinkSession) -> None:
    """ "That is not me": drop what this login showed, so that another may sign in.

    Its consent is withdrawn unless it served this client before. Raises VisitIsOver.
    """
    client = session.link.request.client
    by = Actor.link(session.link, session.signed_in_as)
    with transaction.atomic():
        _hold(session, Stage.CHOOSING)
        assert session.attempt is not None
        wrong = session.attempt.connection
        assert wrong is not None
        if not wrong.reaches.filter(asset__client=client).exists():
            wrong.consents.filter(client=client).exclude(
                state=Consent.State.WITHDRAWN
            ).update(state=Consent.State.WITHDRAWN, withdrawn_at=timezone.now())
            record(
                "consent.withdrawn",
                by=by,
                subject=wrong,
                client=client,
                data={"label": str(wrong)},
            )
        LinkSession.objects.filter(pk=session.pk).update(
            candidates=[],
            stage=Stage.STOPPED,
            problem="wrong_person",
            signed_in_as="",
        )
        record("link.wrong_login", by=by, subject=session.link, client=client)


def release(held: Consent, *, by: Actor) -> None:
    """Let a login that serves another client serve this one too."""
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


def results(session: LinkSession) -> list[RoleGrant]:
    """Return what came of this browser's own logins, newest state included.

    Somebody else with the same link has shared, too, perhaps: that is theirs to see.
    """
    mine = Connection.objects.filter(attempts__browser_hash=session.browser_hash)
    return list(
        RoleGrant.objects.filter(
            pk__in=session.item.item_grants.values("grant"),
            asset__in=Reach.objects.filter(connection__in=mine).values("asset"),
        ).select_related("asset", "grantee")
    )


def sweep(now: dt.datetime) -> None:
    """Read again for visits whose worker died or whose platform was down."""
    _take_up_broken_callbacks(now)
    stuck = LinkSession.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=now),
        stage=Stage.READING,
        link__request__closed_at__isnull=True,
    )
    for session_id in stuck.values_list("pk", flat=True)[:100]:
        read_accounts(session_id)


def _take_up_broken_callbacks(now: dt.datetime) -> None:
    """A process died in the callback: read on with its token, or say start again."""
    broken = LinkSession.objects.filter(
        stage=Stage.STARTED,
        attempt__claimed_at__lt=now - LEASE,
        link__request__closed_at__isnull=True,
    ).select_related("attempt", "link__request__client")
    for session in broken[:100]:
        assert session.attempt is not None
        if session.attempt.outcome == ConsentAttempt.Outcome.GRANTED:
            _begin_reading(session)
        else:
            _stop(session, "code_expired", by=Actor.task("sweep"))


def _begin_reading(session: LinkSession) -> None:
    with transaction.atomic():
        session.stage = Stage.READING
        session.save(update_fields=["stage"])
        async_task("onboarding.tasks.read_accounts", str(session.pk))


def _is_usable(link: AccessLink) -> bool:
    """True while the link itself stands: not expired, not ended, its contact there."""
    return (
        link.expires_at > timezone.now()
        and link.revoked_at is None
        and (link.contact is None or link.contact.is_active)
    )


def _may_go_on(link: AccessLink, item: RequestItem) -> bool:
    return _is_usable(link) and link.request.is_open and requests.is_cleared(item)


def _is_on_its_way(attempt: ConsentAttempt | None, now: dt.datetime) -> bool:
    """True for an attempt nobody has come back on and that is good for a while yet."""
    return (
        attempt is not None
        and attempt.claimed_at is None
        and attempt.expires_at > now + consent.LIFE / 2
    )


def _hold(session: LinkSession, stage: str) -> None:
    """Lock the visit and its request in this transaction; raise VisitIsOver."""
    request = AccessRequest.objects.select_for_update().get(pk=session.link.request_id)
    fresh = LinkSession.objects.select_for_update().get(pk=session.pk)
    is_ours = (fresh.stage, fresh.attempt_id) == (stage, session.attempt_id)
    session.link.request.closed_at = request.closed_at
    if not is_ours or not _may_go_on(session.link, session.item):
        raise VisitIsOver


def _session_of(link: AccessLink, item: RequestItem, browser: str) -> LinkSession:
    identity = {
        "link": link,
        "item": item,
        "browser_hash": consent.hash_text(browser),
    }
    try:
        with transaction.atomic():
            return LinkSession.objects.get_or_create(**identity)[0]
    except IntegrityError:  # Start was pressed twice
        return LinkSession.objects.get(**identity)


def _claim(session_id: Any) -> LinkSession | None:
    now = timezone.now()
    claimed = LinkSession.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=now),
        pk=session_id,
        stage=Stage.READING,
        link__request__closed_at__isnull=True,
    ).update(lease_until=now + LEASE)
    if not claimed:
        return None
    return LinkSession.objects.select_related(
        "link__request__client", "item__receiver", "attempt"
    ).get(pk=session_id)


def _stop(session: LinkSession, problem: str, *, by: Actor, sentence: str = "") -> None:
    """End this trip with a problem page, unless the visit began anew meanwhile.

    Who has shared before and now says no keeps the page with the results.
    """
    keeps_results = problem == "refused" and session.shared_at is not None
    session.stage = Stage.SHARED if keeps_results else Stage.STOPPED
    session.problem = "" if keeps_results else problem
    with transaction.atomic():
        stopped = LinkSession.objects.filter(
            pk=session.pk, attempt=session.attempt_id
        ).update(
            stage=session.stage,
            problem=session.problem,
            signed_in_as=session.signed_in_as,
            candidates=[],
            lease_until=None,
        )
        if stopped:
            record(
                "link.stopped",
                by=by,
                subject=session.link,
                client=session.link.request.client,
                data={"problem": problem, "sentence": sentence},
            )


def _why_not_this_login(
    session: LinkSession, connection: Connection, *, by: Actor
) -> str:
    """Return the problem page of a login that cannot serve here, or ""."""
    live = connection.consents.exclude(state=Consent.State.WITHDRAWN)
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
        live = connection.consents.exclude(state=Consent.State.WITHDRAWN)
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
        if made:
            record(
                "consent.held" if others else "consent.booked",
                by=by,
                subject=connection,
                client=client,
                data={"label": str(connection), "keeps_key": given.keeps_key},
            )
    return given


def _book(
    session: LinkSession, center: dict[str, Any], row: dict[str, Any], *, by: Actor
) -> RoleGrant:
    """Take one ticked account into the books, with the grant it is wanted for."""
    center_asset = _center(session, center)
    asset = _asset(session, row, center_asset)
    _reach(session, asset, can_grant=True, native_role=row.get("native_role", ""))
    grant = requests.draft_grant(session.item, asset, by=by)
    requests.attach(session.item, grant)
    return grant


def _reach(
    session: LinkSession,
    asset: Asset,
    *,
    can_grant: bool,
    native_role: str = "",
    why_not: str = "",
) -> None:
    assert session.attempt is not None
    Reach.objects.update_or_create(
        connection=session.attempt.connection,
        asset=asset,
        defaults={
            "native_role": native_role,
            "can_grant": can_grant,
            "why_not": why_not,
            "seen_at": timezone.now(),
        },
    )


def _center(session: LinkSession, center: dict[str, Any]) -> Asset:
    identity = {
        "platform": session.item.platform,
        "kind": Asset.Kind.CENTER,
        "external_id": center["center_id"],
    }
    asset, _ = Asset.objects.get_or_create(
        **identity,
        defaults={
            "name": center["center_name"],
            "client": session.link.request.client,
            "owner": Asset.Owner.CLIENT,
        },
    )
    Grantee.objects.get_or_create(
        **identity,
        defaults={
            "label": asset.name,
            "standing": Grantee.Standing.CLIENT,
            "center": asset,
        },
    )
    return asset


def _asset(session: LinkSession, row: dict[str, Any], center: Asset | None) -> Asset:
    """Return the account's row, this client's and nobody else's."""
    client = session.link.request.client
    asset, _ = Asset.objects.get_or_create(
        platform=session.item.platform,
        kind=Asset.Kind.AD_ACCOUNT,
        external_id=row["external_id"],
        defaults={"client": client, "owner": Asset.Owner.CLIENT},
    )
    if asset.client_id not in {None, client.pk}:
        raise requests.AlreadyRecorded(asset)
    asset.client, asset.owner = client, Asset.Owner.CLIENT
    asset.center = center or asset.center
    for name in ("name", "currency", "time_zone", "native_status"):
        setattr(asset, name, row.get(name) or getattr(asset, name))
    asset.save()
    return asset


def _holder(link: AccessLink) -> str:
    contact = link.contact or link.request.contact
    return f"Somebody with the link for {contact.name}"
