"""A colleague's calendar address: made by them, shown once, until it is revoked."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import CalendarFeed, User
from accounts.trail import Actor, record

MAY = "accounts.view_postauthorization"
# A program asks all day; when it last did is told by the hour.
NOTED_EVERY = dt.timedelta(hours=1)


def live(user: User) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(user=user, revoked_at=None).first()


def make(user: User) -> str:
    """Return the secret of a new address; the one before leads nowhere from now on."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # one at a time
        _end(user)
        feed = CalendarFeed.objects.create(user=user, token_hash=_hash(token))
        record("feed.made", by=Actor.staff(user), subject=feed)
    return token


def revoke(user: User) -> bool:
    """Let the address lead nowhere; False if there is none."""
    with transaction.atomic():
        ended = _end(user)
        if ended is not None:
            record("feed.revoked", by=Actor.staff(user), subject=ended)
    return ended is not None


def reader_of(token: str) -> User | None:
    """Return whose calendar it is, while the address stands and they may sign in."""
    standing = CalendarFeed.objects.filter(token_hash=_hash(token), revoked_at=None)
    feed = standing.select_related("user").first()
    if feed is None or not feed.user.may_sign_in or not feed.user.has_perm(MAY):
        return None
    now = timezone.now()
    old = Q(last_fetched_at=None) | Q(last_fetched_at__lt=now - NOTED_EVERY)
    standing.filter(old).update(last_fetched_at=now)
    return feed.user


def _end(user: User) -> CalendarFeed | None:
    feed = live(user)
    if feed is not None:
        feed.revoked_at = timezone.now()
        feed.save(update_fields=["revoked_at"])
    return feed


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
