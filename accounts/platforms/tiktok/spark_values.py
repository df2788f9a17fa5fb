"""What the connector returns about creators, their accounts and their posts.

`status`, `kind` and `native_…` keep TikTok's own text, known or not. Times are UTC;
one TikTok leaves out is None, as is a number of seconds: nothing is invented.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.outbound.secret import Secret
from accounts.platforms.roles import Role


@dataclass(frozen=True)
class CreatorToken:
    """A pair of keys to one creator's account (facts 3.2).

    `scopes` is empty where an answer names none. Without a refresh token in it, the
    one we have stays the one to renew with.
    """

    access_token: Secret
    refresh_token: Secret | None
    open_id: str
    scopes: tuple[str, ...]
    expires_in: int | None
    refresh_expires_in: int | None
    trace_id: str


@dataclass(frozen=True)
class TokenInfo:
    """What a creator's key may do now, by TikTok's own word."""

    app_id: str
    scopes: tuple[str, ...]
    creator_id: str


@dataclass(frozen=True)
class CreatorProfile:
    """A creator's names; `username` comes without its sign."""

    display_name: str
    username: str


@dataclass(frozen=True)
class CreatorAccount:
    """A creator's account in a center. `role` is None where no role is told."""

    external_id: str
    name: str
    native_roles: tuple[str, ...]
    role: Role | None


@dataclass(frozen=True)
class Identity:
    """Whom an ad account may show as the author of an ad."""

    external_id: str
    username: str
    status: str


@dataclass(frozen=True)
class Post:
    """A post an ad account holds a code for."""

    item_id: str
    title: str
    status: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    code: Secret | None

    @property
    def external_id(self) -> str:
        return self.item_id


@dataclass(frozen=True)
class PostCode:
    """The code of one post, as the creator's own key reads it."""

    item_id: str
    code: Secret | None
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    days: int | None
    status: str
