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
    Grantee,
    Reach,
    RoleGrant,
)
from accounts.outbound import OutboundError
from accounts.platforms.registry import platform as the_platform
from accounts.platforms.roles import Role
from accounts.trail import Actor, record
from onboarding.flows import candidates, requests
from onboarding.models import AccessLink, LinkSession, RequestItem

Stage = LinkSession.Stage

# A task that reads the accounts may live this long before another takes over.
LEASE = dt.timedelta(seconds=150)

HELD = "This login already serves another client. An access owner decides."


def start(link: AccessLink, item: RequestItem, *, browser: str) -> LinkSession:
    """Open (or reopen) this browser's visit and book a fresh consent attempt."""
    now = timezone.now()
    by = Actor.link(link, _holder(link))
    with transaction.atomic():
        AccessLink.objects.filter(pk=link.pk, started_at__isnull=True).update(
            started_at=now
        )
        session = _session_of(link, item, browser)
        if session.stage != Stage.SHARED:
            session.stage = Stage.STARTED
        session.problem = ""
        session.attempt = consent.begin(
            platform=item.platform,
            purpose=Consent.Purpose.CLIENT,
            browser=browser,
            by=by,
        )
        session.save()
        record("link.started", by=by, subject=link, client=link.request.client)
    return session


def visit_of(session_id: Any, *, browser: str) -> LinkSession | None:
    """Return the visit if this browser made it and it still may be seen."""
    session = (
        LinkSession.objects.filter(pk=session_id)
        .select_related(
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
    if session.link.expires_at <= timezone.now() or session.link.revoked_at:
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
    session = attempt.sessions.select_related("link__request__client").get()
    by = Actor.link(session.link, _holder(session.link))
    if not code:
        consent.refuse(attempt, by=by)
        _stop(session, "refused", by=by)
        return session
    if not session.link.request.is_open or session.link.revoked_at:
        raise consent.NotThisAttempt
    try:
        consent.exchange(attempt, code, by=by)
    except OutboundError as error:
        kind = "code_expired" if error.kind == "code_used" else "platform_down"
        _stop(session, kind, by=by, sentence=str(error))
        raise
    with transaction.atomic():
        session.stage = Stage.READING
        session.save(update_fields=["stage"])
        async_task("onboarding.tasks.read_accounts", str(session.pk))
    return session


def read_accounts(session_id: Any) -> bool:
    """See who signed in and what they may share; False if another worker is at it.

    Safe to repeat. A passing trouble of the platform leaves the visit reading, for
    the next sweep.
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
        if problem:
            _stop(session, problem, by=by)
            return True
        found = candidates.read(connection, session.item, by=by)
    except OutboundError as error:
        if error.permanent:
            _stop(session, "discovery_failed", by=by, sentence=str(error))
        return True
    session.candidates = found
    problem = candidates.why_nothing_to_choose(found)
    if problem:
        _stop(session, problem, by=by)
        return True
    session.stage = Stage.CHOOSING
    session.lease_until = None
    session.save()
    return True


def share(session: LinkSession, ticked: list[str]) -> list[RoleGrant]:
    """Book and request a grant for every ticked account that may be shared.

    Ids that were not offered are ignored: the form may have been tampered with.
    Raises ValueError when nothing valid was ticked.
    """
    offered = {
        row["external_id"]: (center, row)
        for center in session.candidates
        for row in center["rows"]
        if row["can_choose"]
    }
    chosen = [offered[account_id] for account_id in ticked if account_id in offered]
    if not chosen:
        raise ValueError("Nothing was ticked.")
    by = Actor.link(session.link, session.signed_in_as)
    with transaction.atomic():
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

    Raises requests.AlreadyRecorded.
    """
    item = session.item
    by = Actor.link(session.link, session.signed_in_as)
    with transaction.atomic():
        asset = _asset(session, {"external_id": external_id, "name": ""}, None)
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
    """ "That is not me": drop what this login showed, so that another may sign in."""
    by = Actor.link(session.link, session.signed_in_as)
    with transaction.atomic():
        session.candidates = []
        session.stage = Stage.STARTED
        session.signed_in_as = ""
        session.save(update_fields=["candidates", "stage", "signed_in_as"])
        record(
            "link.wrong_login",
            by=by,
            subject=session.link,
            client=session.link.request.client,
        )


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
    """Return what came of this item, newest state included."""
    return list(
        RoleGrant.objects.filter(item_grants__item=session.item).select_related(
            "asset", "grantee"
        )
    )


def sweep(now: dt.datetime) -> None:
    """Read again for visits whose worker died or whose platform was down."""
    stuck = LinkSession.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=now),
        stage=Stage.READING,
        link__request__closed_at__isnull=True,
    )
    for session_id in stuck.values_list("pk", flat=True)[:100]:
        read_accounts(session_id)


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
    ).update(lease_until=now + LEASE)
    if not claimed:
        return None
    return LinkSession.objects.select_related(
        "link__request__client", "item__receiver", "attempt"
    ).get(pk=session_id)


def _stop(session: LinkSession, problem: str, *, by: Actor, sentence: str = "") -> None:
    session.stage, session.problem, session.lease_until = Stage.STOPPED, problem, None
    with transaction.atomic():
        session.save()
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
    assert session.attempt is not None
    Reach.objects.update_or_create(
        connection=session.attempt.connection,
        asset=asset,
        defaults={
            "native_role": row.get("native_role", ""),
            "can_grant": True,
            "why_not": "",
            "seen_at": timezone.now(),
        },
    )
    grant = requests.draft_grant(session.item, asset, by=by)
    requests.attach(session.item, grant)
    return grant


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
