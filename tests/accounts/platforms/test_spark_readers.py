"""Whatever an answer about creators holds, it is whole values or an error."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.outbound import Answer, Call, OutboundError
from accounts.outbound.secret import Secret
from accounts.platforms.tiktok import spark_readers as readers
from accounts.platforms.tiktok.fields import LONGEST_SECRET, Fields
from accounts.platforms.tiktok.wire import Reply

ANSWER = Answer(Call("POST", "https://a.example/"), 200, {}, b"")
PAIR = {"access_token": "act.x", "refresh_token": "rft.x", "open_id": "o-1"}
POST = {"item_info": {"item_id": "73"}, "auth_info": {}, "user_info": {}}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=3,
)
ASIDE = ("expires_in", "refresh_token_expires_in", "scope", "open_id")


def pair(**values: Any) -> Any:
    return readers.creator_token(Reply(Fields(PAIR | values, ANSWER), "R1", False))


@settings(deadline=None)
@given(name=st.sampled_from(ASIDE), value=anything)
def test_nothing_beside_the_tokens_costs_a_pair(name: str, value: Any) -> None:
    token = pair(**{name: value})
    assert token.access_token == Secret("act.x")
    assert token.refresh_token == Secret("rft.x")
    assert isinstance(token.open_id, str)
    for life in (token.expires_in, token.refresh_expires_in):
        assert life is None or dt.timedelta(seconds=life) >= dt.timedelta()
    assert all(isinstance(one, str) for one in token.scopes)


@settings(deadline=None)
@given(
    at=st.sampled_from(
        [
            ("item_info", "item_id"),
            ("item_info", "text"),
            ("item_info", "auth_code"),
            ("auth_info", "ad_auth_status"),
            ("auth_info", "auth_end_time"),
        ]
    ),
    value=anything,
)
def test_a_post_is_whole_values_or_an_error(at: tuple[str, str], value: Any) -> None:
    part, name = at
    row = POST | {part: POST[part] | {name: value}}
    try:
        post = readers.post(Fields(row, ANSWER))
    except OutboundError:
        return
    assert isinstance(post.item_id, str)
    assert isinstance(post.status, str)
    assert post.ends_at is None or post.ends_at.tzinfo is dt.UTC


@pytest.mark.parametrize("open_id", ["a b", "ö", "x" * 65, "a\nb", ["o"]])
def test_an_id_that_cannot_be_kept_whole_is_none(open_id: Any) -> None:
    assert pair(open_id=open_id).open_id == ""


def test_a_secret_is_whole_or_nothing() -> None:
    assert pair(access_token="x" * LONGEST_SECRET).access_token
    with pytest.raises(OutboundError, match="access_token"):
        pair(access_token="x" * (LONGEST_SECRET + 1))
