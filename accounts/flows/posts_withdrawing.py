"""Take a post's code out of use: unbound, deleted at the creator's, read gone.

What is refused stays open and says what to do: the portal asks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from accounts.flows import agency, connections, posts_keys
from accounts.flows.posts_judging import AGAIN_AFTER, CODE_STATES, later
from accounts.flows.posts_lists import REFUSED, code_of, rows_of
from accounts.flows.posts_steps import State, move, others_of, tell, wait
from accounts.models import Connection, PostAuthorization
from accounts.outbound import OutboundError
from accounts.trail import Actor

STILL_LISTED = "{account} still lists it. The portal reads again."
STILL_THERE = "The code is not deleted yet. The portal reads again."
NOT_UNBOUND = (
    "It could not be taken off {account}. Stop the ads that use this post in Ads"
    " Manager; the portal asks again. {error}"
)
LIVES_ON = "At the creator's the code lives to its end; no ad account of ours uses it."
SERVES_ON = "At the creator's the code lives on: another entry here uses it."
NOT_DELETED = (
    "The code could not be deleted: an ad may still use it. Stop the ads with this post"
    " in Ads Manager; the portal asks again. {error}"
)


def take_back(post: PostAuthorization, *, by: Actor) -> None:
    """Make the calls that are left, and close the post when neither side shows it."""
    try:
        problem = _still_bound(post, by=by) or _still_allowed(post, by=by)
    except OutboundError as error:
        wait(post, str(error), later(error), by=by)
        return
    if problem:
        wait(post, problem, timezone.now() + AGAIN_AFTER, by=by)
    else:
        move(post, State.WITHDRAWN, by=by, problem=what_stays(post))


def what_stays(post: PostAuthorization) -> str:
    """Return what stays of its code once it is out of use with us; "" for nothing."""
    if _is_past(post) or not post.code_end or _deleting_key(post) is not None:
        return ""
    return SERVES_ON if _serves_on(post) else LIVES_ON


def _still_bound(post: PostAuthorization, *, by: Actor) -> str:
    """Return what keeps it on the ad account; "" once the list is without it.

    Raises OutboundError.
    """
    account = post.ad_account
    if account is None:
        return ""
    row = rows_of(account, by=by, in_person=False).of(post)
    if row is None:
        return ""
    tell(post, "post.unbind_sent", by)
    keys = posts_keys.of_ours(account)
    refused = _ask(
        keys,
        lambda connector, token: connector.unbind_post(
            token, account.external_id, row.item_id
        ),
        by=by,
    )
    if rows_of(account, by=by, in_person=False).of(post) is None:
        return ""
    problem = NOT_UNBOUND if refused else STILL_LISTED
    return problem.format(account=account, error=refused)


def _still_allowed(post: PostAuthorization, *, by: Actor) -> str:
    """Return what keeps the code alive at the creator's; "" once it is dead.

    One that no key of ours may delete lives to its end, bound nowhere. Raises
    OutboundError.
    """
    key = _deleting_key(post)
    if key is None or _is_dead(post, by=by):
        return ""
    tell(post, "post.forbid_sent", by)
    refused = _ask(
        [key],
        lambda connector, token: connector.forbid_post(
            token, key.external_user_id, post.item_id
        ),
        by=by,
    )
    if _is_dead(post, by=by):
        return ""
    return NOT_DELETED.format(error=refused) if refused else STILL_THERE


def _deleting_key(post: PostAuthorization) -> Connection | None:
    """Return the creator's key for a code that we had made; others are theirs.

    None, too, while another client's ads may run with it.
    """
    is_ours = post.source == PostAuthorization.Source.MINTED and not _serves_on(post)
    return posts_keys.of_creator(post.authorization) if is_ours else None


def _serves_on(post: PostAuthorization) -> bool:
    return others_of(post).exclude(state=State.WITHDRAWING).exists()


def _is_dead(post: PostAuthorization, *, by: Actor) -> bool:
    if _is_past(post):
        return True
    try:
        code, _ = code_of(post, by=by, in_person=False)
    except OutboundError as error:
        if error.kind in REFUSED and not post.code_ref:
            return True  # none was ever made
        raise
    return CODE_STATES.get(code.status) == State.ENDED


def _is_past(post: PostAuthorization) -> bool:
    return post.ends_at is not None and post.ends_at <= timezone.now()


def _ask(keys: Sequence[Connection], ask: Any, *, by: Actor) -> OutboundError | None:
    """Make a write; return why it is refused. Nobody knows after a time-out: None.

    Raises OutboundError for what another try may change.
    """

    def call(key: Connection) -> None:
        purpose = "take a post's code out of use"
        connections.call(key, ask, purpose=purpose, by=by, in_person=False)

    try:
        agency.ask_each(keys, call)
    except OutboundError as error:
        if error.outcome_unknown or error.kind == "duplicate":
            return None
        if not error.permanent:
            raise
        return error
    return None
