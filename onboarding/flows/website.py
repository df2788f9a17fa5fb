"""What people do on the platform's website: which accounts, and what they said of it.

Nobody's word proves anything: it sets the reads going.
"""

from __future__ import annotations

from django.utils import timezone

from accounts.flows import grants
from accounts.flows.website import MUST_ACCEPT, SENT, said
from accounts.models import RoleGrant
from accounts.models.grants import RoleGrantQuerySet
from accounts.trail import Actor
from onboarding.models import RequestItem

Method = RequestItem.Method
Source = RoleGrant.Source
State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn

SOURCES = {
    Method.LINK: Source.LINK,
    Method.METHOD_A: Source.METHOD_A,
    Method.METHOD_B: Source.METHOD_B,
}
ASK_FOR_IT = "In {receiver}, request access to {account_id} as {role}."


def source_of(item: RequestItem) -> Source:
    return SOURCES[Method(item.method)]


def grants_of(item: RequestItem) -> RoleGrantQuerySet:
    """Return what came of an item, with what a step needs to know of each."""
    wanted = RoleGrant.objects.filter(item_grants__item=item)
    return wanted.select_related("asset__client", "asset__center", "grantee")


def put_to_hand(item: RequestItem, *, by: Actor) -> None:
    """Have a colleague ask for each account, where that is the way (method A).

    Call once the item is cleared, inside the transaction that made or changed it.
    """
    if item.method != Method.METHOD_A:
        return
    for grant in grants_of(item).filter(state=State.DRAFT):
        ask_for(grant, by=by)


def ask_for(grant: RoleGrant, *, by: Actor) -> None:
    problem = ASK_FOR_IT.format(
        receiver=grant.grantee,
        account_id=grant.asset.external_id,
        role=grant.get_asked_role_display(),
    )
    grants.by_hand(grant, problem=problem, by=by)


def await_owner(item: RequestItem, *, by: Actor) -> list[RoleGrant]:
    """Wait for the owner of each account that was to be asked for; return those."""
    now, sent = timezone.now(), []
    for grant in grants_of(item).filter(state=State.MANUAL):
        grants.move(
            grant,
            State.PENDING,
            by=by,
            waits_on=WaitsOn.CLIENT,
            problem=said(SENT, grant),
            check_at=now,
            source=Source.METHOD_A,
            asked_at=now,
        )
        sent.append(grant)
    return sent


def await_our_center(item: RequestItem, *, by: Actor) -> list[RoleGrant]:
    """Wait for our center to accept what the client says is sent; return those."""
    now, sent = timezone.now(), []
    for grant in grants_of(item).filter(state=State.DRAFT):
        grants.move(
            grant,
            State.PENDING,
            by=by,
            waits_on=WaitsOn.CENTER_ADMIN,
            problem=said(MUST_ACCEPT, grant),
            check_at=now,
        )
        sent.append(grant)
    return sent
