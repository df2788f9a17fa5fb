"""What every hand-out has in common: a token of its own, shown once, and an end."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.flows.consent import hash_text
from onboarding.models.links import HandedOut

Link = TypeVar("Link", bound=HandedOut)

# Letters to one reader within an hour, whoever asks for them.
MOST_LETTERS = 5
AN_HOUR = dt.timedelta(hours=1)


class TooManyLetters(Exception):
    """This reader has had their share of letters for the hour."""


@dataclass(frozen=True)
class HandOut(Generic[Link]):
    """A link and its address; the address exists only here and is shown once."""

    link: Link
    url: str


def mint(kind: type[Link], door: str, **fields: Any) -> HandOut[Link]:
    """Make a link with a token nobody has; `door` names the page it opens."""
    token = secrets.token_urlsafe(32)
    link = rows(kind).create(token_hash=hash_text(token), **fields)
    return HandOut(link, settings.SITE_URL + reverse(door, args=[token]))


def note_fetch(link: HandedOut) -> None:
    """Remember the first fetch, perhaps by a mail scanner; nothing depends on it."""
    if link.first_fetched_at is None:
        rows(type(link)).filter(pk=link.pk, first_fetched_at__isnull=True).update(
            first_fetched_at=timezone.now()
        )


def note_start(link: HandedOut) -> None:
    """Remember the first press of Start; that is how we know a person was there."""
    rows(type(link)).filter(pk=link.pk, started_at__isnull=True).update(
        started_at=timezone.now()
    )


def end(link: HandedOut) -> bool:
    """Make the link lead nowhere; False if it does so already."""
    standing = rows(type(link)).filter(pk=link.pk, revoked_at__isnull=True)
    return bool(standing.update(revoked_at=timezone.now()))


def check_letters(links: QuerySet[Link]) -> None:
    """Raise TooManyLetters if the reader of these links had their share."""
    mailed = links.filter(
        hand_out=HandedOut.HandOut.MAIL, made_at__gt=timezone.now() - AN_HOUR
    )
    if mailed.count() >= MOST_LETTERS:
        raise TooManyLetters


def rows(kind: type[Link]) -> QuerySet[Link]:
    """Return all links of a kind; the abstract model has no manager of its own."""
    found: QuerySet[Link] = kind._default_manager.all()
    return found
