"""What ends on which day, as a colleague sees it: codes of posts and campaigns."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urljoin
from uuid import UUID, uuid5

from django.conf import settings
from django.db.models import F, Min
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import post_rows
from accounts.ics import AllDay
from accounts.models import PostAuthorization, SparkAuthorization

POST, CAMPAIGN = "post", "campaign"
SHOWN = (
    PostAuthorization.State.UNUSED,
    PostAuthorization.State.ACTIVE,
    PostAuthorization.State.ENDED,
)


class Span(NamedTuple):
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Ending:
    """What ends on a day; red where a code ends and its campaign goes on."""

    key: UUID
    day: dt.date
    kind: str
    title: str
    of: str
    note: str
    is_red: bool
    url: str
    revised_at: dt.datetime


def endings(user: Any, span: Span) -> list[Ending]:
    """Return what ends within these days, by the agency's clock, day by day."""
    found = [*_codes(user, span), *_campaigns(user, span)]
    return sorted(found, key=lambda one: (one.day, one.kind, one.title, one.key))


def next_day(user: Any, after: dt.date) -> dt.date | None:
    """Return the first day after this one on which something ends."""
    house = timezone.get_default_timezone()
    codes = _shown(user).annotate(day=TruncDate("ends_at", tzinfo=house))
    campaigns = _running(user).annotate(day=F("campaign_ends_on"))
    firsts = (
        rows.filter(day__gt=after).aggregate(first=Min("day"))["first"]
        for rows in (codes, campaigns)
    )
    return min(filter(None, firsts), default=None)


def _shown(user: Any) -> Any:
    return PostAuthorization.objects.visible_to(user).filter(state__in=SHOWN)


def _running(user: Any) -> Any:
    """Return what a campaign may run with: nothing that is over, or being removed."""
    visible = SparkAuthorization.objects.visible_to(user)
    return visible.exclude(state__in=SparkAuthorization.OVER)


def _codes(user: Any, span: Span) -> list[Ending]:
    # A day more on each side: the agency's days are not UTC's.
    wide = (span.first - dt.timedelta(days=1), span.last + dt.timedelta(days=2))
    rows: Any = post_rows.for_rows(_shown(user).filter(ends_at__date__range=wide))
    return [
        Ending(
            key=post.pk,
            day=post.ends_on,
            kind=POST,
            title=str(post),
            of=f"{post.authorization.creator.shown}, {post.authorization.client}",
            note=post_rows.beside_campaign(post),
            is_red=post.is_short,
            url=post_rows.page_of(post),
            revised_at=post.verified_at or post.since,
        )
        for post in rows.filter(ends_on__range=span)
    ]


def _campaigns(user: Any, span: Span) -> list[Ending]:
    running = _running(user).filter(campaign_ends_on__range=span)
    desk = "admin:accounts_sparkauthorization_change"
    return [
        Ending(
            key=one.pk,
            day=one.campaign_ends_on,
            kind=CAMPAIGN,
            title=one.campaign,
            of=f"{one.creator.shown}, {one.client}",
            note="",
            is_red=False,
            url=reverse(desk, args=[one.pk]),
            revised_at=one.since,
        )
        for one in running.select_related("creator", "client")
    ]


def all_day(ending: Ending) -> AllDay:
    """Return it for a calendar elsewhere: no code, no address of anybody."""
    is_code = ending.kind == POST
    what = _("Code ends: %(title)s") if is_code else _("Campaign ends: %(title)s")
    key = ending.key if is_code else uuid5(ending.key, CAMPAIGN)
    return AllDay(
        key=f"urn:uuid:{key}",
        day=ending.day,
        title=what % {"title": ending.title},
        text="\n".join(filter(None, [ending.of, ending.note])),
        url=urljoin(settings.SITE_URL, ending.url),
        revised_at=ending.revised_at,
    )
