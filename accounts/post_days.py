"""What ends on which day, as a colleague sees it: codes of posts and campaigns."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urljoin
from uuid import UUID, uuid5

from django.conf import settings
from django.urls import reverse
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
# Where nothing was given no campaign runs with it.
NOT_RUN = (SparkAuthorization.State.DECLINED, SparkAuthorization.State.EXPIRED)


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


def _codes(user: Any, span: Span) -> list[Ending]:
    # A day more on each side: the agency's days are not UTC's.
    wide = (span.first - dt.timedelta(days=1), span.last + dt.timedelta(days=2))
    visible = PostAuthorization.objects.visible_to(user).filter(
        state__in=SHOWN, ends_at__date__range=wide
    )
    rows: Any = post_rows.for_rows(visible)
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
    running = (
        SparkAuthorization.objects.visible_to(user)
        .filter(campaign_ends_on__range=span)
        .exclude(state__in=NOT_RUN)
        .select_related("creator", "client")
    )
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
        for one in running
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
