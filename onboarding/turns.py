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
TURNS = {
    TALK: "Call the client",
    US: "Hand out the link",
    OWNER: "Owner must approve",
    CLIENT: "Waits on the client",
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
            When(Exists(waiting), then=Value(GRANTS)),
            When(unreached & ~Exists(started), then=Value(TALK)),
            When(~Exists(links), then=Value(US)),
            default=Value(CLIENT),
            output_field=TextField(),
        ),
    )
