"""What a creator is asked for, in the words people use; each platform maps its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from accounts.platforms.roles import Role

PROFILE = "profile"
LIVE = "live"
POSTS = "posts"
VIDEOS = "videos"

# In the order a page asks for them. Without POSTS there are no ads.
WORDS = {
    POSTS: "Use posts for ads",
    PROFILE: "Profile information",
    VIDEOS: "Public videos",
    LIVE: "Live videos",
}


@dataclass(frozen=True)
class SparkSpec:
    """How a platform says these words, and for how many days a post's code lasts.

    `scopes_of` gives what to ask a creator for; `words_of_scopes` and `words_of_roles`
    read what a key or a role in our center gives; `role_of` is the role that a center
    needs for some words, None where it needs none. `why_unusable` says in a sentence
    why an ad account may not show a creator, by the platform's status; "" if it may.
    """

    scopes_of: Callable[[Iterable[str]], tuple[str, ...]]
    words_of_scopes: Callable[[Iterable[str]], set[str]]
    words_of_roles: Callable[[Iterable[str]], set[str]]
    role_of: Callable[[Iterable[str]], Role | None]
    why_unusable: Callable[[str], str]
    post_days: tuple[int, ...]
    post_words: Mapping[str, bool]
