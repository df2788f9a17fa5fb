"""The four words of Spark Ads in TikTok's own: scopes of a key, roles in a center.

TikTok facts 3.1 (scope names) and 4 (`tt_account_roles`).
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from accounts.platforms.roles import Role
from accounts.platforms.spark import LIVE, POSTS, PROFILE, VIDEOS, WORDS, SparkSpec

# No scope for live videos is in any list: only a center's LIVE role gives them.
SCOPES = MappingProxyType(
    {
        POSTS: ("biz.spark.auth",),
        PROFILE: ("user.info.basic", "user.info.username", "user.info.profile"),
        VIDEOS: ("video.list",),
    }
)
ROLE_WORDS = MappingProxyType(
    {"POST": (POSTS, PROFILE, VIDEOS), "LIVE": (PROFILE, LIVE)}
)
NATIVE_CREATOR_ROLES = MappingProxyType(
    {
        Role.POSTS: ("POST",),
        Role.LIVE: ("LIVE",),
        Role.POSTS_LIVE: ("POST", "LIVE"),
    }
)
# TikTok facts 7.3, `available_status`: what each but AVAILABLE asks of whom.
UNUSABLE = MappingProxyType(
    {
        "AVAILABLE": "",
        "NO_VALID_BIND_ACCOUNT": "TikTok finds no TikTok account behind it. The"
        " creator connects it to the Business Center anew.",
        "SCOPE_UNAVAILABLE": "The creator did not allow the use of posts in ads. Ask"
        " with a new code.",
        "IS_PRIVATE_ACCOUNT": "The account is private, so no ad may show it. The"
        " creator makes it public in the app.",
        "NOT_BUSINESS_ACCOUNT": "TikTok wants a business account here. The creator"
        " switches to one in the app.",
    }
)
# `ad_auth_status`: its words are unconfirmed (facts 7.1), so any other says nothing.
POST_WORDS = MappingProxyType({"AUTHORIZED": True, "EXPIRED": False, "CANCELED": False})


def scopes_of(words: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes to ask a creator for, in the order of the words."""
    asked = set(words)
    return tuple(
        scope for word in WORDS if word in asked for scope in SCOPES.get(word, ())
    )


def words_of_scopes(scopes: Iterable[str]) -> set[str]:
    """Return the words a key's scopes give; a word counts with all of its scopes."""
    held = set(scopes)
    return {word for word, needed in SCOPES.items() if held.issuperset(needed)}


def words_of_roles(native_roles: Iterable[str]) -> set[str]:
    """Return the words a center's roles give; a role nobody knows gives none."""
    return {word for role in native_roles for word in ROLE_WORDS.get(role, ())}


def role_of(words: Iterable[str]) -> Role | None:
    """Return the weakest role that gives what only a role can; None: none is needed.

    The profile comes with either role, and alone asks for neither.
    """
    asked = set(words)
    uses_posts = not asked.isdisjoint((POSTS, VIDEOS))
    if LIVE in asked:
        return Role.POSTS_LIVE if uses_posts else Role.LIVE
    return Role.POSTS if uses_posts else None


def why_unusable(status: str) -> str:
    """Return why an ad account may not show a creator; an unknown status as it came."""
    raw = f"TikTok says {status or 'nothing'} of it, which nobody here knows."
    return UNUSABLE.get(status, raw)


def role_of_native(native_roles: Iterable[str]) -> Role | None:
    """Return the neutral role; None for no role, `unknown` for none we know."""
    told = set(native_roles)
    known = told.intersection(ROLE_WORDS)
    for role, natives in NATIVE_CREATOR_ROLES.items():
        if known == set(natives):
            return role
    return Role.UNKNOWN if told else None


SPARK = SparkSpec(
    scopes_of=scopes_of,
    words_of_scopes=words_of_scopes,
    words_of_roles=words_of_roles,
    role_of=role_of,
    why_unusable=why_unusable,
    post_days=(7, 30, 60, 365),  # facts 7.2
    post_words=POST_WORDS,
)
