"""Read posts back: an ad account's whole list at once, or a code by its creator."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.flows.posts_judging import could_not_read, judge, judge_code
from accounts.flows.posts_lists import code_of, rows_of
from accounts.models import Asset, PostAuthorization
from accounts.outbound import OutboundError
from accounts.trail import Actor


def read(post: PostAuthorization, *, by: Actor, in_person: bool) -> None:
    """Read one post where it is told of."""
    if post.ad_account is not None:
        read_account(post.ad_account, [post], by=by, in_person=in_person)
    else:
        read_code(post, by=by, in_person=in_person)


def read_account(
    account: Asset, posts: Sequence[PostAuthorization], *, by: Actor, in_person: bool
) -> None:
    """Read an ad account's list once, and judge all of these by it."""
    try:
        rows = rows_of(account, by=by, in_person=in_person)
    except OutboundError as error:
        for post in posts:
            could_not_read(post, error, by=by)
        return
    for post in posts:
        try:
            judge(post, rows, by=by)
        except OutboundError as error:
            could_not_read(post, error, by=by)


def read_code(post: PostAuthorization, *, by: Actor, in_person: bool) -> None:
    """Read a code with the creator's key, and judge the post by it."""
    try:
        code, evidence = code_of(post, by=by, in_person=in_person)
    except OutboundError as error:
        could_not_read(post, error, by=by)
    else:
        judge_code(post, code, evidence, by=by)
