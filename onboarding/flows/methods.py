"""Methods A and B: what a colleague or the client has done on the website, and the
switch from one way to another.

A word starts the reads and proves nothing. A switch keeps the history: what is held
stays, what is not is wanted anew, the new way.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.flows import grants
from accounts.flows.reads import BY_WEBSITE
from accounts.models import CenterSync, Client, RoleGrant, User
from accounts.models.base import free
from accounts.standing import ON_US
from accounts.trail import Actor, record
from onboarding.flows import (
    booking,
    editing,
    links,
    planning,
    requests,
    visits,
    website,
)
from onboarding.flows.requests import Wish
from onboarding.flows.visits import holder
from onboarding.models import AccessLink, AccessRequest, RequestItem

Method = RequestItem.Method
State = RoleGrant.State

BECAUSE = "Access is asked for another way."
SAYS_INVITED = "The client says we are invited."
# Wanted another way: nothing of it is held, and no call of ours is under way.
NOT_BEGUN = Q(state__in=(State.DRAFT, State.MANUAL))
ON_THE_WEBSITE = Q(state__in=RoleGrant.UNSETTLED, source__in=BY_WEBSITE)


class NeedsAccounts(Exception):
    """Method A asks for accounts by their ids: there is none."""


def already_ours(client: Client, wish: Wish) -> list[RoleGrant]:
    """Return what our center holds already of the accounts Method A would ask for."""
    if wish.method != Method.METHOD_A:
        return []
    held = RoleGrant.objects.filter(
        asset__client=client,
        asset__platform=wish.platform,
        asset__external_id__in=wish.account_ids,
        grantee=wish.receiver,
        state__in=(State.ACTIVE, State.DRIFTED),
    )
    return list(held.select_related("asset__client", "asset__center", "grantee"))


def sent(request: AccessRequest, *, user: User) -> list[RoleGrant]:
    """Book a colleague's word that the request is sent; return the accounts it is of.

    None where it was said before. Raises editing.RequestIsOver.
    """
    by = Actor.staff(user)
    with transaction.atomic():
        request, item = editing.hold(request)
        waiting = website.await_owner(item, by=by)
        if not waiting:
            return []
        item.sent_at, item.sent_by = timezone.now(), user
        item.save(update_fields=["sent_at", "sent_by"])
        _tell("request.sent", request, by, accounts=_ids(waiting))
    return waiting


def invited(link: AccessLink, item: RequestItem) -> bool:
    """Book the client's word that we are invited; False if this link has said it.

    Our lists are read soon: only they show it. Raises VisitIsOver.
    """
    by = Actor.link(link, handed_to=holder(link))
    with transaction.atomic():
        request, item = _hold_open(link.request)
        said = AccessLink.objects.filter(pk=link.pk, started_at__isnull=True)
        if item.method != Method.METHOD_B or not requests.is_cleared(item):
            raise visits.VisitIsOver
        look_soon(item)
        if not said.update(started_at=timezone.now()):
            return False
        record("link.invited", by=by, subject=link, client=request.client)
        website.await_our_center(item, by=by)
        planning.stop(request, by=by, because=SAYS_INVITED)
    return True


def look_soon(item: RequestItem) -> None:
    """Have our center's lists read at the next sweep: who its partners are comes first.

    What a partner shares that is new there is read right after.
    """
    now = timezone.now()
    theirs = item.client.assets.filter(kind="center").values("external_id")
    rows = CenterSync.objects.filter(
        Q(partner_id="") | Q(partner_id__in=theirs), center=item.receiver.center
    )
    rows.filter(due_at__gt=now).update(due_at=now)


def may_ask_again(item: RequestItem) -> bool:
    """True when a named account is neither held nor on its way, nor to be asked for.

    Or when one came to nothing, named or not, and it is ours to act on that.
    """
    came = website.grants_of(item)
    live = set(came.live().values_list("asset__external_id", flat=True))
    refused = came.filter(stands=ON_US.key, state__in=RoleGrant.ENDED)
    return bool(set(item.account_ids) - live) or refused.exists()


def switch(
    request: AccessRequest,
    method: str,
    account_ids: list[str],
    *,
    reason: str = "",
    user: User,
) -> bool:
    """Ask another way from now on, or the same way again for what came to nothing.

    False if nothing would change. Raises NeedsAccounts, editing.RequestIsOver and
    booking.AlreadyRecorded; nothing is written then.
    """
    by = Actor.staff(user)
    if method == Method.METHOD_A and not account_ids:
        raise NeedsAccounts
    with transaction.atomic():
        request, item = editing.hold(request)
        before, named = item.get_method_display(), item.account_ids
        is_other = method != item.method
        is_else = is_other or named != account_ids
        item.method, item.account_ids = method, account_ids
        if not is_other and named == account_ids and not may_ask_again(item):
            return False
        item.sent_at = item.sent_by = None
        requests.put_forward(item, user=user, by=by)
        item.save()
        _tell(
            "request.switched" if is_other else "request.asked_again",
            request,
            by,
            before=before,
            after=item.get_method_display(),
            accounts=", ".join(account_ids) or "what the client chooses",
            reason=reason,
        )
        if is_else:
            links.revoke_all(request, by=by, because=BECAUSE)
            visits.end_for_change(request)
        if is_other:
            _want_no_more(item, by=by)
        grants.let_go(website.grants_of(item))
        booking.redraft(item, user=user)
        if requests.is_cleared(item):
            website.put_to_hand(item, by=by)
    return True


def _hold_open(request: AccessRequest) -> tuple[AccessRequest, RequestItem]:
    try:
        return editing.hold(request)
    except editing.RequestIsOver as over:
        raise visits.VisitIsOver from over


def _want_no_more(item: RequestItem, *, by: Actor) -> None:
    """End what is wanted the old way; what a worker holds this minute is left to it."""
    wanted = website.grants_of(item).filter(
        NOT_BEGUN | ON_THE_WEBSITE, free(timezone.now()), observed_native=""
    )
    for grant in wanted:
        grants.move(grant, State.EXPIRED, by=by, problem=BECAUSE)


def _ids(asked: Iterable[RoleGrant]) -> str:
    return ", ".join(grant.asset.external_id for grant in asked)


def _tell(action: str, request: AccessRequest, by: Actor, **data: str) -> None:
    record(action, by=by, subject=request, client=request.client, data=data)
