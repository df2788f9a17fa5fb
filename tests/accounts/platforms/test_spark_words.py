from __future__ import annotations

import pytest

from accounts.platforms.registry import platform
from accounts.platforms.roles import Role
from accounts.platforms.spark import LIVE, POSTS, PROFILE, VIDEOS, WORDS


def test_it_asks_for_no_scope_of_live_videos() -> None:
    spark = platform("tiktok").spark
    assert spark.scopes_of([LIVE]) == ()
    assert spark.role_of([LIVE]) is Role.LIVE


def test_a_part_of_the_profiles_scopes_is_no_profile() -> None:
    spark = platform("tiktok").spark
    assert spark.words_of_scopes(["user.info.basic", "video.list"]) == {VIDEOS}


def test_a_role_nobody_knows_gives_nothing() -> None:
    assert platform("tiktok").spark.words_of_roles(["DIRECT_MESSAGE", "X"]) == set()


def test_what_is_asked_for_can_be_proved_by_the_scopes_it_becomes() -> None:
    spark = platform("tiktok").spark
    asked = set(WORDS) - {LIVE}
    assert spark.words_of_scopes(spark.scopes_of(asked)) == asked


@pytest.mark.parametrize(
    ("words", "role"),
    [
        ([], None),
        ([PROFILE], None),
        ([VIDEOS], Role.POSTS),
        ([POSTS, PROFILE, VIDEOS], Role.POSTS),
        ([PROFILE, LIVE], Role.LIVE),
        (list(WORDS), Role.POSTS_LIVE),
    ],
)
def test_it_names_the_weakest_role_for_words(words: list[str], role: Role) -> None:
    assert platform("tiktok").spark.role_of(words) is role


def test_only_a_creators_key_renews_itself() -> None:
    spec = platform("tiktok")
    assert spec.refreshes == {"login": False, "creator": True}
    assert set(spec.key_nature) == set(spec.refreshes)
    assert not any(letter.isdigit() for letter in spec.key_nature["creator"])
