"""Whose turn a request is, as lists are filtered and pages count."""

from __future__ import annotations

from django.db.models import (
    Case,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.utils import timezone

from accounts.models import Approval, RoleGrant
from accounts.platforms.roles import Role
from accounts.standing import IN_TROUBLE, ON_CLIENT, ON_US
from accounts.zones import house_day
from onboarding.models import AccessLink, AccessRequest, Reminder, RequestItem

US, OWNER, CLIENT, GRANTS, OVER = "us", "owner", "client", "grants", "over"
TALK = "talk"
# What is done on the platform's website, and by whom.
SEND, AGREES, AGAIN, ACCEPT = "send", "agrees", "again", "accept"
# What each is called, on pills, in filters and in letters alike.
TURNS = {
    TALK: "Call the client",
    US: "Hand out the link",
    OWNER: "Owner must approve",
    CLIENT: "Waits on the client",
    SEND: "Send it by hand",
    AGREES: "Owner must agree",
    AGAIN: "Ask again",
    ACCEPT: "Our center must accept",
    GRANTS: "Its accounts wait",
    OVER: "Over",
}


def with_turn(asked: QuerySet[AccessRequest]) -> QuerySet[AccessRequest]:
    """Say on every request whose `turn` it is; what its accounts wait for is theirs."""
    now = timezone.now()
    items = RequestItem.objects.filter(request=OuterRef("pk"))
    approved = Q(
        approval__decision=Approval.Decision.APPROVED,
        ends_on__gte=house_day(),
    )
    links = AccessLink.objects.filter(request=OuterRef("pk"), revoked_at__isnull=True)
    waiting = RoleGrant.objects.filter(
        stands__in=[place.key for place in (ON_US, ON_CLIENT, IN_TROUBLE)],
        item_grants__item__request=OuterRef("pk"),
    )
    refused = waiting.filter(stands=ON_US.key, state__in=RoleGrant.ENDED)
    words = Reminder.objects.filter(
        request=OuterRef("pk"), contact__isnull=True, state=Reminder.State.SENT
    )
    since = links.filter(made_at__gt=OuterRef("told_at"))
    started = links.filter(started_at__isnull=False)
    unreached = Q(told_at__isnull=False) & ~Exists(since) | ~Q(
        contact__email_problem=""
    )
    return asked.annotate(
        told_at=Subquery(words.order_by("-number").values("ended_at")[:1]),
        turn=Case(
            When(Q(closed_at__isnull=False) | Q(closes_at__lte=now), then=Value(OVER)),
            When(Exists(items.filter(~approved, role=Role.ADMIN)), then=Value(OWNER)),
            *_on_the_website(items, links, refused),
            When(Exists(refused), then=Value(AGAIN)),
            When(Exists(waiting), then=Value(GRANTS)),
            When(unreached & ~Exists(started), then=Value(TALK)),
            When(~Exists(links), then=Value(US)),
            default=Value(CLIENT),
            output_field=TextField(),
        ),
    )


def _on_the_website(
    items: QuerySet[RequestItem],
    links: QuerySet[AccessLink],
    refused: QuerySet[RoleGrant],
) -> list[When]:
    """Tell the turns of methods A and B, which no link and no call of ours decides."""
    live = RoleGrant.objects.filter(item_grants__item__request=OuterRef("pk")).exclude(
        state__in=RoleGrant.ENDED
    )
    by_us = Exists(items.filter(method=RequestItem.Method.METHOD_A))
    by_them = Exists(items.filter(method=RequestItem.Method.METHOD_B))
    is_said = Exists(links.filter(started_at__isnull=False))
    at_owner = Exists(live.filter(state="pending", stands=ON_CLIENT.key))
    with_us = Exists(live.filter(stands__in=[ON_US.key, IN_TROUBLE.key]))
    return [
        When(by_us & Exists(live.filter(state="manual")), then=Value(SEND)),
        When(by_us & (Exists(refused) | ~Exists(live)), then=Value(AGAIN)),
        When(by_us & at_owner & ~with_us, then=Value(AGREES)),
        When(by_us, then=Value(GRANTS)),
        When(by_them & is_said & ~Exists(live), then=Value(ACCEPT)),
    ]
