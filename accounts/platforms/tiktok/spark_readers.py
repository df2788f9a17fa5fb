"""One object of an answer about creators in, one value out."""

from __future__ import annotations

from accounts.outbound import OutboundError
from accounts.platforms.tiktok.fields import Fields, is_whole
from accounts.platforms.tiktok.spark_values import (
    CreatorAccount,
    CreatorToken,
    Identity,
    Post,
    PostCode,
)
from accounts.platforms.tiktok.spark_words import role_of_native
from accounts.platforms.tiktok.wire import Reply

LONGEST_LIFE = 20 * 366 * 86_400


def creator_token(reply: Reply) -> CreatorToken:
    """Read a pair. Only the tokens must be well-formed; all else is empty if not.

    The answer comes once: to refuse it for a number would lose the keys in it.
    """
    data = reply.data
    access = data.secret("access_token")
    if access is None:
        raise data.wrong("access_token")
    return CreatorToken(
        access_token=access,
        refresh_token=data.secret("refresh_token"),
        open_id=_open_id(data),
        scopes=_scopes(data),
        expires_in=_seconds(data, "expires_in"),
        refresh_expires_in=_seconds(data, "refresh_token_expires_in"),
        trace_id=reply.trace_id,
    )


def _open_id(data: Fields) -> str:
    try:
        return data.mark("open_id")
    except OutboundError:
        return ""


def _scopes(data: Fields) -> tuple[str, ...]:
    try:
        return data.names("scope")
    except OutboundError:
        return ()


def _seconds(data: Fields, name: str) -> int | None:
    told = data.values.get(name)
    if isinstance(told, str) and told.isdecimal() and len(told) < 12:
        told = int(told)
    return told if is_whole(told) and 0 <= told <= LONGEST_LIFE else None


def creator_account(row: Fields) -> CreatorAccount:
    native = row.words("tt_account_roles")
    return CreatorAccount(
        external_id=row.mark("asset_id"),
        name=row.text("asset_name"),
        native_roles=native,
        role=role_of_native(native),
    )


def identity(row: Fields) -> Identity:
    return Identity(
        external_id=row.mark("identity_id"),
        # Two readings of the reference name it differently (facts 7.3).
        username=row.text("username") or row.text("user_name"),
        status=row.word("available_status"),
    )


def post(row: Fields) -> Post:
    item = row.inner("item_info")
    auth = row.optional_inner("auth_info")
    return Post(
        item_id=item.id("item_id"),
        title=item.text("text"),
        status=auth.word("ad_auth_status"),
        starts_at=auth.time("auth_start_time"),
        ends_at=auth.time("auth_end_time"),
        code=item.secret("auth_code"),
    )


def post_code(data: Fields) -> PostCode:
    return PostCode(
        item_id=data.id("item_id"),
        code=data.secret("auth_code"),
        starts_at=data.time("auth_code_start_time"),
        ends_at=data.time("auth_code_end_time"),
        days=data.optional_number("authorization_days"),
        status=data.word("auth_code_status"),
    )
