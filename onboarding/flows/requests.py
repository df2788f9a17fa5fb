"""Ask a client for access: the request, its approval, its end."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.flows import approvals, clients, grants
from accounts.flows.apart import in_turn
from accounts.models import Approval, Client, Contact, Grantee, RoleGrant, User
from accounts.models.base import free
from accounts.platforms.roles import Role
from accounts.standing import OVER
from accounts.trail import Actor, record
from onboarding.flows import booking, planning, website
from onboarding.models import AccessRequest, RequestItem
from onboarding.models.requests import reminder_days

Closed = AccessRequest.Closed
State = RoleGrant.State

# Where a grant stands that nobody has anything left to do for: it is held, or over.
HELD, SETTLED = None, {None, OVER.key}


class AlreadyOpen(Exception):
    """The same client and center have an open request: show that one."""

    def __init__(self, item: RequestItem) -> None:
        super().__init__("There is an open request for this client and center already.")
        self.item = item


@dataclass(frozen=True)
class Wish:
    """What staff filled in: one platform, one receiver, one role."""

    contact: Contact
    platform: str
    receiver: Grantee
    role: Role
    closes_at: dt.datetime
    account_ids: list[str] = field(default_factory=list)
    message: str = ""
    keeps_key: bool = True
    reason: str = ""
    ends_on: dt.date | None = None
    remind_after: tuple[int, ...] = tuple(reminder_days())
    method: RequestItem.Method = RequestItem.Method.LINK


def ask(client: Client, wish: Wish, *, user: User) -> RequestItem:
    """Book the request; an Admin role waits for somebody else's approval first.

    Raises AlreadyOpen and booking.AlreadyRecorded; nothing is written then.
    """
    by = Actor.staff(user)
    try:
        with transaction.atomic():
            request = AccessRequest.objects.create(
                client=client,
                contact=wish.contact,
                message=wish.message,
                language=wish.contact.language,
                asked_by=user,
                closes_at=wish.closes_at,
                remind_after=list(wish.remind_after),
            )
            item = _make_item(request, wish, user)
            record(
                "request.made",
                by=by,
                subject=request,
                client=client,
                data={
                    "contact": wish.contact.name,
                    **what_is_asked(item),
                    **in_words(item),
                },
            )
            clients.move_on(client, Client.Status.ONBOARDING, by=by)
            booking.redraft(item, user=user)
            if is_cleared(item):
                website.put_to_hand(item, by=by)
            return item
    except IntegrityError as error:
        raise_if_open(client, wish, error)
        raise


def raise_if_open(
    client: Client,
    wish: Wish,
    error: IntegrityError,
    *,
    but: AccessRequest | None = None,
) -> None:
    """Raise AlreadyOpen if another open request than `but` stood in the way."""
    there = RequestItem.objects.filter(
        client=client, platform=wish.platform, receiver=wish.receiver, is_open=True
    )
    known = there.exclude(request=but).first()
    if known is not None:
        raise AlreadyOpen(known) from error


def wish_of(item: RequestItem) -> Wish:
    """Return what is asked as staff would fill it in today."""
    return Wish(
        contact=item.request.contact,
        platform=item.platform,
        receiver=item.receiver,
        role=Role(item.role),
        closes_at=item.request.closes_at,
        account_ids=list(item.account_ids),
        message=item.request.message,
        keeps_key=item.keeps_key,
        reason=item.reason,
        ends_on=item.ends_on,
        remind_after=tuple(item.request.remind_after),
        method=RequestItem.Method(item.method),
    )


def what_is_asked(item: RequestItem) -> dict[str, Any]:
    """Return what an approver approves, in ids: the digest covers exactly this.

    No names: a Business Center that is renamed stays the one that was approved.
    """
    return {
        "client_id": item.client_id,
        "contact_id": item.request.contact_id,
        "platform": item.platform,
        "receiver_id": item.receiver.external_id,
        "role": item.role,
        "accounts": list(item.account_ids),
        "reason": item.reason,
        "ends_on": item.ends_on,
    }


def in_words(item: RequestItem) -> dict[str, str]:
    return {"role": item.get_role_display(), "receiver": str(item.receiver)}


def _matter_of(item: RequestItem) -> approvals.Matter:
    what, said = what_is_asked(item), in_words(item)
    return approvals.Matter(what, said, item.request, item.client)


def is_cleared(item: RequestItem) -> bool:
    """True when nothing stands between this item and a link, or a share."""
    if not approvals.is_high(item.role):
        return True
    if item.approval is None or not approvals.covers(item.approval, item.ends_on):
        return False
    return item.approval.allows(approvals.digest_of(what_is_asked(item)))


def decide(item: RequestItem, *, yes: bool, user: User, note: str = "") -> None:
    """Book an access owner's decision; a refusal closes the request.

    Raises approvals.CannotDecide.
    """
    assert item.approval is not None
    with transaction.atomic():
        approval = approvals.decide(
            item.approval, _matter_of(item), yes=yes, by=user, note=note
        )
        item.approval = approval
        if approval.decision != approval.Decision.APPROVED:
            close(item.request, Closed.CANCELLED, by=Actor.staff(user))
        else:
            _read_what_waited(approval, by=Actor.staff(user))
            website.put_to_hand(item, by=Actor.staff(user))


def _read_what_waited(approval: Approval, *, by: Actor) -> None:
    """What the client gave before the yes was not as approved: a read decides anew."""
    given = RoleGrant.objects.filter(approval=approval, state=State.DRIFTED)
    for grant in given.select_related("asset__client", "grantee"):
        grants.move(
            grant,
            State.UNVERIFIED,
            by=by,
            waits_on=RoleGrant.WaitsOn.PLATFORM,
            check_at=timezone.now(),
        )


def close(request: AccessRequest, because: str, *, by: Actor) -> None:
    """End a request: its links end with it, its candidates are purged."""
    with transaction.atomic():
        closed = AccessRequest.objects.filter(
            pk=request.pk, closed_at__isnull=True
        ).update(closed_at=timezone.now(), closed_because=because)
        if not closed:
            return
        request.refresh_from_db()
        request.items.update(is_open=False)
        for link in request.links.all():
            link.sessions.update(candidates=[])
        record(
            f"request.{because}",
            by=by,
            subject=request,
            client=request.client,
            data={"client": request.client.name},
        )
        planning.close(request, by=by, is_told=because == Closed.EXPIRED)
        if because != Closed.SETTLED:
            _end_waiting_grants(request, by=by)
        if because == Closed.CANCELLED:
            came = RoleGrant.objects.filter(item_grants__item__request=request)
            grants.let_go(came)


def close_if_settled(request: AccessRequest, *, by: Actor) -> None:
    """Close when every tile has grants and none of them waits for anybody.

    One that was refused waits for us, until it is asked for again or closed.
    """
    for item in request.items.all():
        came = RoleGrant.objects.filter(item_grants__item=item)
        places = set(came.values_list("stands", flat=True))
        if HELD not in places or not places <= SETTLED:
            return
    close(request, Closed.SETTLED, by=by)


def close_overdue(now: dt.datetime) -> int:
    """Close what is past its date; return how many."""
    overdue = AccessRequest.objects.filter(closed_at__isnull=True, closes_at__lte=now)
    by = Actor.task("sweep")
    return len(in_turn(partial(close, one, Closed.EXPIRED, by=by) for one in overdue))


def _make_item(request: AccessRequest, wish: Wish, user: User) -> RequestItem:
    item = RequestItem(request=request, client=request.client)
    fill_in(item, wish)
    put_forward(item, user=user, by=Actor.staff(user))
    item.save()
    return item


def fill_in(item: RequestItem, wish: Wish) -> None:
    item.platform = wish.platform
    item.method = wish.method
    item.receiver = wish.receiver
    item.role = wish.role
    item.account_ids = wish.account_ids
    item.keeps_key = wish.keeps_key
    item.reason = wish.reason
    item.ends_on = wish.ends_on


def put_forward(item: RequestItem, *, user: User, by: Actor) -> None:
    """Have somebody else decide about an Admin role as it is asked for now.

    A yes to exactly this stands, and one for what was sent with it; what was put
    forward otherwise is void. Call inside the transaction that saves the item.
    """
    what, before = what_is_asked(item), item.approval
    is_high = approvals.is_high(item.role)
    if is_high and before is not None and before.digest == approvals.digest_of(what):
        return
    item.approval = approvals.ask(what=what, asked_by=user) if is_high else None
    if before is not None and not _was_used(before):
        approvals.void(before, _matter_of(item), by=by)


def _was_used(approval: Approval) -> bool:
    """True for a yes that accounts were sent with: they are held by it."""
    used = RoleGrant.objects.filter(
        approval=approval, approval__decision=Approval.Decision.APPROVED
    )
    return used.live().exclude(state=State.DRAFT).exists()


def _end_waiting_grants(request: AccessRequest, *, by: Actor) -> None:
    """What nobody answered in time has expired; nothing that was read back ends.

    What a worker holds this minute is left to it: the read it makes decides.
    """
    waiting = RoleGrant.objects.filter(
        free(timezone.now()),
        item_grants__item__request=request,
        state__in=(State.DRAFT, *RoleGrant.UNSETTLED, State.MANUAL),
        observed_native="",
    ).select_related("asset__client", "grantee")
    for grant in waiting:
        grants.move(grant, State.EXPIRED, by=by)
