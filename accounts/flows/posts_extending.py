"""Give a code more days with the creator's key, while a colleague waits.

It is asked for once and never by the portal itself: twice could be twice as long.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.flows import connections, posts_keys, posts_reading
from accounts.flows.posts import NO_KEY, CannotUse, why_not_days
from accounts.flows.posts_steps import State, tell
from accounts.models import PostAuthorization, User
from accounts.outbound import OutboundError
from accounts.trail import Actor
from accounts.zones import house_clock

STANDING = (State.UNUSED, State.ACTIVE)
NOTHING = "There is no code left to give more days to. Make a new one."


def why_not(post: PostAuthorization) -> str:
    """Return in a sentence why it gets no more days by us; "" if it may."""
    if post.state not in STANDING or not post.item_id:
        return NOTHING
    if posts_keys.of_creator(post.authorization) is None:
        return NO_KEY.format(creator=post.authorization.creator)
    return ""


def extend(post: PostAuthorization, days: int, *, user: User) -> bool:
    """Ask for more days, then read; False if the read shows the old end yet.

    Raises CannotUse, and OutboundError: then a read within the minute tells.
    """
    by, before = Actor.staff(user), _end(post)
    key = posts_keys.of_creator(post.authorization)
    no = why_not(post) or why_not_days(post.authorization, days)
    if key is None or no:
        raise CannotUse(no)
    standing = PostAuthorization.objects.filter(pk=post.pk, state__in=STANDING)
    with transaction.atomic():
        if not standing.update(next_check_at=timezone.now()):
            raise CannotUse(NOTHING)
        tell(post, "post.extend_asked", by, days=days)
    try:
        connections.call(
            key,
            lambda connector, token: connector.extend_post(
                token, key.external_user_id, post.item_id, days
            ),
            purpose="give a post's code more days",
            by=by,
            in_person=True,
        )
    except OutboundError as error:
        if not error.outcome_unknown:
            raise
    posts_reading.read(post, by=by, in_person=True)
    if _end(post) == before or post.ends_at is None:
        return False
    tell(post, "post.extended", by, until=house_clock(post.ends_at))
    return True


def _end(post: PostAuthorization) -> str:
    return house_clock(post.ends_at) if post.ends_at else ""
