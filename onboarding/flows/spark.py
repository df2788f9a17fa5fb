"""Hand-outs of a Spark authorization: every way out mints a link of its own.

Only the hash of a token is stored. Whoever opens a link sees what is asked; only the
browser that pressed Connect goes on from there.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows.consent import hash_text
from accounts.flows.spark_moving import pass_turn, tell
from accounts.letters import LetterRefused, LetterUnsure, send_letter
from accounts.models import SparkAuthorization, User
from accounts.trail import Actor
from onboarding.flows import minting
from onboarding.flows.minting import MOST_LETTERS, HandOut
from onboarding.models import SparkLink
from onboarding.spark_words import describe

State = SparkAuthorization.State
# What a creator can no longer say yes to.
# What pages and letters tell of an authorization, fetched along.
ALONG = ("client", "creator", "asked_by", "center", "connection")
OLD_ADDRESS = "The creator has another e-mail address now."


class NotAsked(Exception):
    """The authorization is over, or its day has passed: nobody can say yes to it."""


class NoAddress(Exception):
    """No e-mail address of this creator is in the books."""


def is_asked(authorization: SparkAuthorization) -> bool:
    """True while its creator may answer, or answer anew."""
    return not authorization.is_over and authorization.closes_at > timezone.now()


def along(path: str) -> list[str]:
    """Return the relations to fetch, where `path` leads to the authorization."""
    return [f"{path}__{name}" for name in ALONG]


def has_link(authorization: SparkAuthorization) -> bool:
    """True while a link that works is out."""
    return newest_link(authorization) is not None


def newest_link(authorization: SparkAuthorization) -> SparkLink | None:
    """Return the last link that was made and still works."""
    return SparkLink.objects.usable().filter(authorization=authorization).first()


def hand_out(
    authorization: SparkAuthorization,
    way: SparkLink.HandOut,
    *,
    by: Actor,
    user: User | None = None,
) -> HandOut[SparkLink]:
    """Mint a link for the creator; its address is shown once. Raises NotAsked."""
    if not is_asked(authorization):
        raise NotAsked
    with transaction.atomic():
        made = minting.mint(
            SparkLink,
            "spark_link",
            authorization=authorization,
            hand_out=way,
            made_by=user,
            expires_at=authorization.closes_at,
        )
        how = f"{made.link.get_hand_out_display()} for {authorization.creator}"
        tell(authorization, "link.handed_out", by, how=how)
        pass_turn(authorization)
    return made


def mail(
    authorization: SparkAuthorization, *, by: Actor, user: User | None = None
) -> SparkLink:
    """Send the creator a letter with a fresh link.

    Raises NotAsked, NoAddress, minting.TooManyLetters, and LetterRefused: the link is
    ended again then, unless the letter is perhaps under way.
    """
    creator = authorization.creator
    if not creator.email:
        raise NoAddress
    minting.check_letters(SparkLink.objects.filter(authorization__creator=creator))
    made = hand_out(authorization, SparkLink.HandOut.MAIL, by=by, user=user)
    try:
        send_letter(
            "spark_link",
            to=creator.email,
            context={"ask": describe(authorization), "url": made.url},
            language=creator.language,
        )
    except LetterUnsure:
        raise
    except LetterRefused:
        revoke(made.link, by=by, because="Its letter did not leave.")
        raise
    return made.link


def revoke(link: SparkLink, *, by: Actor, because: str = "") -> None:
    with transaction.atomic():
        if minting.end(link):
            tell(link.authorization, "link.revoked", by, because=because)
            pass_turn(link.authorization)


def revoke_all(
    authorization: SparkAuthorization, *, by: Actor, because: str = ""
) -> None:
    for link in authorization.links.filter(revoked_at__isnull=True):
        revoke(link, by=by, because=because)


def revoke_mailed(creator_id: UUID, *, before: dt.datetime, by: Actor) -> None:
    """End what went to an address that is no longer the creator's."""
    mailed = SparkLink.objects.filter(
        authorization__creator=creator_id,
        hand_out=SparkLink.HandOut.MAIL,
        made_at__lte=before,
        revoked_at__isnull=True,
    )
    for link in mailed.select_related(*along("authorization")):
        revoke(link, by=by, because=OLD_ADDRESS)


def find(token: str) -> SparkLink | None:
    """Return the usable link of this token, or None: unknown, expired, ended alike."""
    usable = SparkLink.objects.usable().filter(token_hash=hash_text(token))
    link = usable.select_related(*along("authorization")).first()
    return link if link is not None and is_asked(link.authorization) else None


def mail_again(email: str) -> None:
    """Have a fresh link mailed for what this address is asked for; silent always."""
    waiting = SparkAuthorization.objects.filter(
        creator__email__iexact=email.strip(), closes_at__gt=timezone.now()
    ).exclude(state__in=SparkAuthorization.OVER)
    for pk in waiting.values_list("pk", flat=True)[:MOST_LETTERS]:
        async_task("onboarding.tasks.mail_spark_link", str(pk))
