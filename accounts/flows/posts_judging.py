"""What a read makes of a post, and when it is read next.

A read that failed changes nothing but the time of the next.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Any

from django.utils import timezone

from accounts.flows.posts_lists import Rows, post_of_code
from accounts.flows.posts_steps import State, move, wait
from accounts.models import PlatformRead, PostAuthorization
from accounts.outbound import OutboundError
from accounts.platforms.registry import platform
from accounts.trail import Actor
from accounts.vault import VaultError, vault
from accounts.zones import house_clock

EVERY = dt.timedelta(hours=6)
NEAR_ITS_END = dt.timedelta(days=1)
NEAR_EVERY = dt.timedelta(hours=1)
AGAIN_AFTER = dt.timedelta(minutes=15)
SECOND_LOOK = dt.timedelta(minutes=10)
# With more than this left nobody is reminded yet.
LONG_LEFT = dt.timedelta(days=15)

# What a creator's key tells of a code (TikTok facts 7.2).
CODE_STATES = {
    "NOT_USED": State.UNUSED,
    "IN_USE": State.ACTIVE,
    "EXPIRED": State.ENDED,
    "DELETED": State.ENDED,
}
DELETED = "DELETED"

MISSED = "Not listed in this read. The next look that counts: {at}."
LEFT = (
    "{account} no longer lists it, in two reads, before the code's end. Ask {creator}"
    " whether the code was deleted or made anew."
)
TAKEN_BACK = "{creator} took the code back. Ask for a new one."
UNKNOWN = "The answer says “{status}” of this code, which the portal does not know."


def judge(post: PostAuthorization, rows: Rows, *, by: Actor) -> bool:
    """Book what a clean list says; True if it lists the post's code.

    What is given up merely learns whether it is there. Raises OutboundError where the
    list alone does not tell.
    """
    row = rows.of(post)
    if post.state == State.WITHDRAWING:
        return row is not None
    told = _told(post, row, by=by) if row is not None else None
    if told is not None:
        _book(post, told, rows.read, by=by)
    elif post.state == State.ACTIVE:
        _book_missing(post, rows.read, by=by)
    return told is not None


def _told(post: PostAuthorization, row: Any, *, by: Actor) -> Any:
    """Return a row whose word we know; of any other what the code itself answers.

    None where the code is refused: it is not in effect.
    """
    if row.status in platform(post.authorization.platform).spark.post_words:
        return row
    account = post.ad_account
    if account is None or not post.code_ref:
        return None
    try:
        code = vault().get(post.code_ref, purpose="see whether a code counts", by=by)
    except VaultError as error:
        raise OutboundError(str(error), permanent=True, kind="vault") from None
    told = post_of_code(post, account, code, by=by)
    return told and replace(row, starts_at=told.starts_at, ends_at=told.ends_at)


def judge_code(
    post: PostAuthorization, code: Any, evidence: PlatformRead, *, by: Actor
) -> None:
    """Book what the creator's key tells; a word nobody knows is kept and proves none.

    What an ad account is to use is proved by that one's list alone.
    """
    if post.state not in (State.WAITING, State.UNUSED, State.ACTIVE):
        return
    state = CODE_STATES.get(code.status)
    if state is None:
        wait(post, UNKNOWN.format(status=code.status), next_look(post), by=by)
        return
    told = {
        **_times(post, code.starts_at, code.ends_at),
        "native_status": code.status[:64],
        "last_read": evidence,
        "days": code.days or post.days,
    }
    if state == State.ENDED or _is_over(code.ends_at):
        is_deleted = code.status == DELETED
        creator = post.authorization.creator
        problem = TAKEN_BACK.format(creator=creator) if is_deleted else ""
        move(post, State.ENDED, by=by, problem=problem, **told)
    elif post.ad_account is None:
        told["verified_at"] = evidence.read_at
        move(post, state, by=by, check_at=next_look(post, code.ends_at), **told)


def could_not_read(post: PostAuthorization, error: OutboundError, *, by: Actor) -> None:
    """Keep what is known; it grows old, and then shows it."""
    is_news = post.verified_at is None or error.kind == "no_key"
    said = str(error) if is_news else post.problem
    wait(post, said, later(error), by=by)


def is_missed(post: PostAuthorization) -> bool:
    """True once a clean read after the last proof did not list it."""
    if post.last_read is None or post.verified_at is None:
        return False
    return post.last_read.read_at > post.verified_at


def later(error: OutboundError) -> dt.datetime:
    """Return when to try again after a call that failed."""
    now = timezone.now()
    if error.permanent:
        return now + NEAR_EVERY
    allowed = error.pause.until(now) if error.pause else error.until
    return max(now + AGAIN_AFTER, allowed or now)


def next_look(
    post: PostAuthorization, ends_at: dt.datetime | None = None
) -> dt.datetime:
    """Every six hours, each at a moment of its own; hourly near the end, then at it."""
    now, ends_at = timezone.now(), ends_at or post.ends_at
    pause = EVERY
    if ends_at is not None and ends_at - now < NEAR_ITS_END:
        pause = NEAR_EVERY
    at = now + pause * random.uniform(0.9, 1)  # noqa: S311
    return min(at, ends_at) if ends_at is not None and ends_at > now else at


def _book(
    post: PostAuthorization, row: Any, evidence: PlatformRead, *, by: Actor
) -> None:
    told = {
        **_times(post, row.starts_at, row.ends_at),
        "item_id": row.item_id,
        "title": row.title[:250],
        "native_status": row.status[:64],
        "last_read": evidence,
    }
    if row.starts_at and row.ends_at:
        told["days"] = max(0, (row.ends_at - row.starts_at).days)
    words = platform(post.authorization.platform).spark.post_words
    if _is_over(row.ends_at or post.ends_at):
        move(post, State.ENDED, by=by, **told)
    elif words.get(row.status) is False:
        problem = TAKEN_BACK.format(creator=post.authorization.creator)
        move(post, State.ENDED, by=by, problem=problem, **told)
    else:
        told["verified_at"] = evidence.read_at
        move(post, State.ACTIVE, by=by, check_at=next_look(post, row.ends_at), **told)


def _book_missing(
    post: PostAuthorization, evidence: PlatformRead, *, by: Actor
) -> None:
    """Past its end, one clean read ends it; before, two that lie apart."""
    first = post.last_read if is_missed(post) else None
    if _is_over(post.ends_at):
        move(post, State.ENDED, by=by, last_read=evidence)
    elif first is None:
        at = evidence.read_at + SECOND_LOOK
        said = MISSED.format(at=house_clock(at))
        told: dict[str, Any] = {"check_at": at, "last_read": evidence}
        move(post, State.ACTIVE, by=by, problem=said, **told)
    elif evidence.read_at - first.read_at >= SECOND_LOOK:
        whose = {"account": post.ad_account, "creator": post.authorization.creator}
        problem = LEFT.format(**whose)
        move(post, State.ENDED, by=by, problem=problem, last_read=evidence)
    else:
        wait(post, post.problem, first.read_at + SECOND_LOOK, by=by)


def _times(
    post: PostAuthorization, starts: dt.datetime | None, ends: dt.datetime | None
) -> dict[str, Any]:
    """Return both ends as told; a code that was given more days is reminded of anew."""
    told: dict[str, Any] = {
        "starts_at": starts or post.starts_at,
        "ends_at": ends or post.ends_at,
    }
    if ends is not None and ends > timezone.now() + LONG_LEFT:
        told |= {"reminded": None, "creator_reminded": None}
    return told


def _is_over(ends_at: dt.datetime | None) -> bool:
    return ends_at is not None and ends_at <= timezone.now()
