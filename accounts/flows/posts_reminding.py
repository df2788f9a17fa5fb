"""Say that codes end: 14, 7 and 1 days before, to who manages and who created.

Every morning each of them gets one letter about all of theirs. A step is claimed for
ever before its letter leaves, for each of the two apart: whatever kills the worker,
nobody gets the same twice. A letter the mail server refuses is tried the next morning.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation

from accounts.flows import posts_keys
from accounts.flows.apart import in_turn
from accounts.flows.posts_steps import State, for_work, tell
from accounts.letters import LetterRefused, LetterUnsure, in_full, send_letter
from accounts.models import Creator, PostAuthorization, User
from accounts.platforms.registry import platform
from accounts.trail import Actor
from accounts.zones import clock, house_day

STEPS = (14, 7, 1)
BY = Actor.task("remind of codes")
# The columns of who was told of which step.
OURS, CREATORS = "reminded", "creator_reminded"


@dataclass(frozen=True)
class Letter:
    """What one of the two is told this morning; `whose` is the column it is kept in."""

    whose: str
    reader: User | Creator
    posts: list[PostAuthorization]

    @property
    def name(self) -> str:
        ours = self.whose == OURS
        return "spark_code_ends" if ours else "spark_code_ends_creator"


def send_due(now: dt.datetime) -> int:
    """Write to all who are to know today; return how many letters left."""
    acts = [partial(send, letter, now) for letter in due(now)]
    return sum(in_turn(acts))


def due(now: dt.datetime) -> Iterator[Letter]:
    """Yield one letter a reader, each about what they were not told yet."""
    for whose in (OURS, CREATORS):
        groups: defaultdict[Any, list[PostAuthorization]] = defaultdict(list)
        for post in _ending(now):
            told, reader = getattr(post, whose), _reader(whose, post)
            if reader is not None and (told is None or told > step_of(post, now)):
                groups[reader].append(post)
        for reader, posts in groups.items():
            yield Letter(whose, reader, posts)


def send(letter: Letter, now: dt.datetime) -> bool:
    """Claim what the letter tells, then send it; False if another worker was first.

    Raises LetterRefused: the job shows it.
    """
    mine = [post for post in letter.posts if _claim(letter, post, now)]
    if not mine:
        return False
    reader = letter.reader
    language = reader.language if isinstance(reader, Creator) else "en"
    with timezone.override(clock(reader.time_zone)), translation.override(language):
        context = {
            "reader": reader,
            "rows": [_row(post) for post in mine],
            "short": [_row(post) for post in mine if _is_short(post)],
            "url": in_full(reverse("admin:accounts_postauthorization_changelist")),
        }
        try:
            send_letter(
                letter.name, to=reader.email, context=context, language=language
            )
        except LetterUnsure:
            raise
        except LetterRefused as refused:
            _give_back(letter, mine, str(refused))
            raise
    return True


def days_left(post: PostAuthorization, now: dt.datetime) -> int:
    """Return how many days off its last day is, by the agency's clock."""
    assert post.ends_at is not None
    house = timezone.get_default_timezone()
    last, today = (timezone.localdate(at, house) for at in (post.ends_at, now))
    return (last - today).days


def step_of(post: PostAuthorization, now: dt.datetime) -> int:
    """Return which reminder is due: the last whose day has come."""
    return min(step for step in STEPS if days_left(post, now) <= step)


def _ending(now: dt.datetime) -> list[PostAuthorization]:
    """Return what ends soon. Once its campaign is over nobody needs to hear of it."""
    soon = PostAuthorization.objects.filter(
        state__in=(State.UNUSED, State.ACTIVE),
        ends_at__gt=now,
        ends_at__lt=now + dt.timedelta(days=max(STEPS) + 1),
        authorization__campaign_ends_on__gte=house_day(),
    ).order_by("ends_at", "pk")
    along = for_work(soon).prefetch_related("authorization__client__assignments__user")
    return [post for post in along if days_left(post, now) <= max(STEPS)]


def _reader(whose: str, post: PostAuthorization) -> User | Creator | None:
    """Return who acts for the client now, or the creator where we have an address."""
    if whose == CREATORS:
        creator = post.authorization.creator
        return creator if creator.email else None
    colleague: User | None = post.authorization.client.acts
    return colleague if colleague is not None and colleague.may_sign_in else None


def _claim(letter: Letter, post: PostAuthorization, now: dt.datetime) -> bool:
    whose, step = letter.whose, step_of(post, now)
    untold = Q(**{whose: None}) | Q(**{f"{whose}__gt": step})
    rows = PostAuthorization.objects.filter(untold, pk=post.pk, state=post.state)
    with transaction.atomic():
        claimed = rows.update(**{whose: step})
        if claimed:
            left = days_left(post, now)
            days = "1 day" if left == 1 else f"{left} days"
            tell(post, "post.reminded", BY, whom=str(letter.reader), days=days)
    return bool(claimed)


def _give_back(letter: Letter, posts: list[PostAuthorization], problem: str) -> None:
    """It did not leave: they are to be told yet."""
    for post in posts:
        before = getattr(post, letter.whose)
        with transaction.atomic():
            rows = PostAuthorization.objects.filter(pk=post.pk)
            rows.update(**{letter.whose: before})
            whom = str(letter.reader)
            tell(post, "post.not_reminded", BY, whom=whom, problem=problem)


def _row(post: PostAuthorization) -> dict[str, Any]:
    authorization = post.authorization
    assert post.ends_at is not None
    page = reverse("admin:accounts_postauthorization_change", args=[post.pk])
    return {
        "title": str(post),
        "creator": authorization.creator,
        "client": authorization.client,
        "campaign": authorization.campaign,
        "campaign_ends_on": authorization.campaign_ends_on,
        "ends_at": timezone.localtime(post.ends_at),
        "is_short": _is_short(post),
        "has_key": posts_keys.of_creator(authorization) is not None,
        "longest": max(platform(authorization.platform).spark.post_days),
        "url": in_full(page),
    }


def _is_short(post: PostAuthorization) -> bool:
    assert post.ends_at is not None
    last = timezone.localdate(post.ends_at, timezone.get_default_timezone())
    return last <= post.authorization.campaign_ends_on
