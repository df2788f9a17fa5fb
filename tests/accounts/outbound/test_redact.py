from __future__ import annotations

import json
import logging
import string
import time
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.outbound.redact import MASK, RedactingFilter, redact

LINK = "Aq3_-" + "x" * 38
NAMES = (
    "Access-Token",
    "access_token",
    "refresh_token",
    "auth_code",
    "code",
    "state",
    "secret",
    "app_secret",
    "client_secret",
    "password",
)
tokens = st.text(string.ascii_letters + string.digits + "-_.~", min_size=6).map(
    lambda text: "Zq9" + text
)
names = st.sampled_from(NAMES)


@given(name=names, token=tokens, before=st.text(max_size=20))
def test_it_hides_a_value_in_a_query(name: str, token: str, before: str) -> None:
    address = f"{before} /cb/?{urlencode({'x': '1', name: token, 'y': '2'})}"
    assert token not in redact(address)
    assert redact(address).endswith("&y=2")


@given(name=names, token=tokens)
def test_it_hides_a_value_in_an_encoded_address(name: str, token: str) -> None:
    assert token not in redact("next=" + quote(f"/cb/?x=1&{name}={token}", safe=""))


@given(name=names, token=st.text(min_size=6).map(lambda text: "Zq9" + text))
def test_it_hides_any_text_in_a_body(name: str, token: str) -> None:
    body = json.dumps({"a": 1, name: token, "b": "kept"})
    assert json.dumps(token)[1:-1] not in redact(body)
    assert "kept" in redact(body)


@given(name=names, token=tokens)
def test_it_hides_a_value_in_a_body_inside_a_body(name: str, token: str) -> None:
    inner = json.dumps({name: token, "b": "kept"})
    assert token not in redact(json.dumps({"raw": inner}))


@given(name=names, token=tokens)
def test_it_hides_a_value_in_a_python_dict_and_in_a_header(
    name: str, token: str
) -> None:
    assert token not in redact(repr({name: token}))
    assert token not in redact(f"{name}: {token}")
    assert token not in redact(f"{name.upper()}={token}")


@given(text=st.text(), name=names, token=tokens)
def test_it_changes_nothing_the_second_time(text: str, name: str, token: str) -> None:
    once = redact(f"{text}{name}={token}{text}")
    assert redact(once) == once


@pytest.mark.parametrize(
    "text",
    [
        f"GET /l/{LINK}/ 200",
        f"https://portal.example/l/{LINK}/connect/",
        f"next=%2Fl%2F{LINK}%2F",
        f"GET /s/{LINK}/ 200",
        f"GET /feeds/{LINK}/ 200",
        f"Authorization: Bearer {LINK}",
        f"Cookie: sessionid={LINK}; csrftoken=x",
        f"sent bearer {LINK}",
        f'"tokens": ["{LINK}", "{LINK}"]',
        f'"token": {{"value": "{LINK}"}}',
        f"password = '{LINK}'",
        f"password = 'it\"s {LINK}'",
    ],
)
def test_it_hides_link_tokens_and_headers(text: str) -> None:
    assert LINK not in redact(text)
    assert MASK in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"code":40105,"message":"expired","request_id":"R7"}',
        '{"code": 0, "data": {}}',
        "GET business-api.tiktok.com/open_api/v1.3/oauth2/access_token/: 200 in 3 ms",
        "decode: utf-8",
        "monkey=1 statement=2",
        "/l/short/",
    ],
)
def test_it_leaves_harmless_text_alone(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("text", ["token" * 20_000, "a" * 200_000, '"\\' * 60_000])
def test_it_is_quick_on_long_text(text: str) -> None:
    started = time.monotonic()
    redact("token=" + text)
    assert time.monotonic() - started < 2


def filtered(message: str, *args: object, **more: object) -> str:
    record = logging.LogRecord("x", logging.INFO, "f", 1, message, args, None)
    for name, value in more.items():
        setattr(record, name, value)
    assert RedactingFilter().filter(record)
    return logging.Formatter("{message}", style="{").format(record)


def test_it_hides_what_arrives_as_an_argument() -> None:
    assert LINK not in filtered("%s %s", "token=" + LINK, {"state": LINK})


def test_it_hides_what_an_exception_and_a_stack_say() -> None:
    try:
        raise ValueError(f"GET /x?auth_code={LINK}")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
        line = filtered("it broke", exc_info=info, stack_info=f"state={LINK}")
    assert LINK not in line
    assert "ValueError" in line


def test_it_survives_arguments_that_do_not_fit() -> None:
    assert LINK not in filtered("token=%s %d " + f"code={LINK}", "only one")
