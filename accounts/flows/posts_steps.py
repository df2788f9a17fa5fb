"""A post's steps: moved only from where we saw it, each with its event."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import PostAuthorization
from accounts.models.spark import PostAuthorizationQuerySet
from accounts.outbound.secret import Secret
from accounts.trail import Actor, record
from accounts.vault import vault

State = PostAuthorization.State

SHOWN = 4
IS_ANOTHERS = (
    "{creator}'s post {item} has a code here already, for another campaign. Choose"
    " another post, or ask an access owner."
)


def for_work(posts: PostAuthorizationQuerySet) -> PostAuthorizationQuerySet:
    """Fetch along whom a post is of and for."""
    return posts.select_related(
        "authorization__client",
        "authorization__creator",
        "authorization__connection",
        "ad_account",
        "last_read",
    )


def digest_of(code: Secret) -> str:
    """Return what tells two codes apart and gives neither away."""
    return salted_hmac("posts", code.reveal(), algorithm="sha256").hexdigest()


def place_of(post: PostAuthorization) -> str:
    """Return where the post's code rests in the vault."""
    return f"posts/{post.pk}/code"


def end_of(code: Secret) -> str:
    """Return all of a code that anybody is shown."""
    return code.reveal()[-SHOWN:]


def others_of(post: PostAuthorization, digest: str = "") -> PostAuthorizationQuerySet:
    """Return the other posts of the creator, whatever the client, on the same code.

    By the post it is for, as the creator's key makes and deletes one code a post; and
    by the code itself, of which nobody may have read yet what it is for.
    """
    same_code = Q(code_digest=digest or post.code_digest) & ~Q(code_digest="")
    same_post = Q(item_id=post.item_id) & ~Q(item_id="")
    creators = PostAuthorization.objects.live().filter(
        authorization__creator=post.authorization.creator_id,
        authorization__platform=post.authorization.platform,
    )
    return creators.filter(same_code | same_post).exclude(pk=post.pk)


def move(
    post: PostAuthorization,
    state: State,
    *,
    by: Actor,
    check_at: dt.datetime | None = None,
    problem: str = "",
    **changes: Any,
) -> bool:
    """Move a post that still stands where we saw it; False if somebody was faster.

    A code that serves nothing any more is forgotten with the step.
    """
    step: dict[str, Any] = {
        "state": state,
        "next_check_at": check_at,
        "problem": problem[:300],
        **changes,
    }
    if state != post.state:
        step["since"] = timezone.now()
    if state in PostAuthorization.ENDED:
        step["code_ref"] = ""
    reference = post.code_ref
    with transaction.atomic():
        unmoved = PostAuthorization.objects.filter(pk=post.pk, state=post.state)
        if not unmoved.update(**step):
            return False
        if reference and "code_ref" in step:
            vault().delete(reference, by=by)
        is_news = state != post.state
        for name, value in step.items():
            setattr(post, name, value)
        if is_news:
            tell(post, f"post.{state}", by, problem=post.problem)
    return True


def wait(
    post: PostAuthorization, problem: str, check_at: dt.datetime, *, by: Actor
) -> None:
    """Stay, with what stands in the way, until the portal looks again."""
    move(post, State(post.state), by=by, check_at=check_at, problem=problem)


def tell(post: PostAuthorization, action: str, by: Actor, **more: Any) -> None:
    """Put it on the client's trail; of the code only its end."""
    told = {
        "creator": post.authorization.creator.shown,
        "code_end": post.code_end,
        "ad_account": str(post.ad_account or "no ad account yet"),
        **more,
    }
    client = post.authorization.client
    with transaction.atomic():
        record(action, by=by, subject=post, client=client, data=told)
