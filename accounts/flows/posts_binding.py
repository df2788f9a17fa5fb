"""Bring a code to where it is used: made by the creator's key, bound to an ad account.

Both are asked for only after a read that does not show them: a worker killed after its
call, a time-out and an "already" are told by the list.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.flows import agency, connections, posts_keys
from accounts.flows.posts_judging import AGAIN_AFTER, CODE_STATES, judge, later
from accounts.flows.posts_lists import (
    NO_CREATORS_KEY,
    REFUSED,
    code_of,
    post_of_code,
    rows_of,
)
from accounts.flows.posts_reading import read_code
from accounts.flows.posts_steps import (
    IS_ANOTHERS,
    State,
    digest_of,
    end_of,
    move,
    others_of,
    place_of,
    tell,
    wait,
)
from accounts.models import Asset, Connection, PostAuthorization
from accounts.outbound import OutboundError
from accounts.trail import Actor
from accounts.vault import Secret, VaultError, vault

# Seconds before each read after a code was sent, where somebody waits for it.
WAITS = (0, 3, 10)
USABLE = {State.UNUSED, State.ACTIVE}

NOT_TAKEN = (
    "The code was not taken. {creator} looks whether it is used up, over, or meant for"
    " another ad account, and sends a new one. {error}"
)
NOT_MADE = "No code was made. Compare the post's id with {creator}'s. {error}"
NO_CODE_CAME = "The answer holds no code for this post. The portal asks again."
NOT_SHOWN = "{account} does not list the code yet. The portal reads again."


def bring_on(post: PostAuthorization, *, waits: Sequence[int], by: Actor) -> None:
    """Make a code that is not made yet, then bind it where it is to be used.

    `waits` are the seconds before each read that follows.
    """
    is_to_make = post.source == PostAuthorization.Source.MINTED and not post.code_ref
    try:
        if is_to_make and not _make(post, by=by):
            return
        if post.ad_account is None:
            read_code(post, by=by, in_person=True)
        else:
            _bind(post, post.ad_account, waits, by=by)
    except OutboundError as error:
        wait(post, str(error), later(error), by=by)
    except VaultError as error:
        wait(post, str(error), timezone.now() + AGAIN_AFTER, by=by)


def _bind(
    post: PostAuthorization, account: Asset, waits: Sequence[int], *, by: Actor
) -> None:
    """Read; send the code where it is not listed; read again. Raises OutboundError."""
    if judge(post, rows_of(account, by=by, in_person=True), by=by):
        return
    refused = _send(post, account, by=by)
    for seconds in waits[:1] if refused else waits:
        time.sleep(seconds)
        if judge(post, rows_of(account, by=by, in_person=True), by=by):
            return
    if refused is None:
        again = timezone.now() + AGAIN_AFTER
        wait(post, NOT_SHOWN.format(account=account), again, by=by)
    else:
        creator = post.authorization.creator
        problem = NOT_TAKEN.format(creator=creator, error=refused)
        move(post, State.FAILED, by=by, problem=problem)


def _send(
    post: PostAuthorization, account: Asset, *, by: Actor
) -> OutboundError | None:
    """Ask for the code to be bound; return why it is refused, if it is.

    Raises OutboundError for what is not the code's fault, VaultError.
    """
    code = vault().get(post.code_ref, purpose="bind a post's code", by=by)
    tell(post, "post.bind_sent", by)
    refused = None

    def authorize(key: Connection) -> None:
        connections.call(
            key,
            lambda connector, token: connector.authorize_post(
                token, account.external_id, code
            ),
            purpose="bind a post's code",
            by=by,
            in_person=True,
        )

    try:
        agency.ask_each(posts_keys.of_ours(account), authorize)
    except OutboundError as error:
        if error.kind in REFUSED:
            refused = error
        elif not (error.outcome_unknown or error.kind == "duplicate"):
            raise
    if not post.item_id:
        _learn_item(post, account, code, by=by)
    return refused


def _learn_item(
    post: PostAuthorization, account: Asset, code: Secret, *, by: Actor
) -> None:
    """Ask which post the code is for: a list may show posts without their codes."""
    try:
        told = post_of_code(post, account, code, by=by)
    except OutboundError:
        return  # the list alone decides
    if told is not None:
        post.item_id, post.title = told.item_id, told.title[:250]
        PostAuthorization.objects.filter(pk=post.pk).update(
            item_id=post.item_id, title=post.title
        )


def _make(post: PostAuthorization, *, by: Actor) -> bool:
    """Take the code that is there, or have one made; False if there is none yet.

    Raises OutboundError for what is not the post's fault, VaultError.
    """
    code = _code_there(post, by=by)
    if code is None:
        try:
            code = _allow(post, by=by)
        except OutboundError as error:
            if error.kind not in REFUSED:
                raise
            creator = post.authorization.creator
            problem = NOT_MADE.format(creator=creator, error=error)
            move(post, State.FAILED, by=by, problem=problem)
            return False
    if code.code is None:
        wait(post, NO_CODE_CAME, timezone.now() + AGAIN_AFTER, by=by)
        return False
    if others_of(post, digest_of(code.code)).exists():
        told = {"creator": post.authorization.creator, "item": post.item_id}
        move(post, State.FAILED, by=by, problem=IS_ANOTHERS.format(**told))
        return False
    _keep(post, code, by=by)
    return True


def _code_there(post: PostAuthorization, *, by: Actor) -> Any:
    """Return a code that stands, whoever had it made; None if the post has none."""
    try:
        code, _ = code_of(post, by=by, in_person=True)
    except OutboundError as error:
        if error.kind in REFUSED:
            return None
        raise
    is_there = CODE_STATES.get(code.status) in USABLE and code.code is not None
    return code if is_there else None


def _allow(post: PostAuthorization, *, by: Actor) -> Any:
    key = posts_keys.of_creator(post.authorization)
    if key is None:
        sentence = NO_CREATORS_KEY.format(creator=post.authorization.creator)
        raise OutboundError(sentence, permanent=True, kind="no_key")
    tell(post, "post.mint_sent", by, days=post.days)
    return connections.call(
        key,
        lambda connector, token: connector.allow_post(
            token, key.external_user_id, post.item_id, post.days
        ),
        purpose="make a post's code",
        by=by,
        in_person=True,
    )


def _keep(post: PostAuthorization, code: Any, *, by: Actor) -> None:
    """Put the code into the vault, whatever has become of the post meanwhile."""
    kept = {
        "code_ref": place_of(post),
        "code_end": end_of(code.code),
        "code_digest": digest_of(code.code),
        "starts_at": code.starts_at,
        "ends_at": code.ends_at,
        "days": code.days or post.days,
    }
    with transaction.atomic():
        vault().set(kept["code_ref"], code.code, by=by)
        PostAuthorization.objects.filter(pk=post.pk).update(**kept)
        for name, value in kept.items():
            setattr(post, name, value)
        tell(post, "post.minted", by)
