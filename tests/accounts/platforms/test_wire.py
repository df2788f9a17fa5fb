"""What the connector makes of answers that are wrong, or wrong in one place."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.outbound import Answer, Call, OutboundError, Pause
from accounts.outbound.secret import Secret
from accounts.platforms.roles import Role
from accounts.platforms.tiktok import codes, fields, wire
from accounts.platforms.tiktok.client import TikTok
from tests.accounts.outbound.stub import Stub, breaks_off, hangs_up, says
from tests.accounts.platforms.conftest import TOKEN, envelope, page

Ask = Callable[[TikTok], Any]

PARTNER = {"bc_id": "6001", "bc_name": "Client BC"}
SHARED = {
    "asset_id": "7001",
    "asset_type": "ADVERTISER",
    "asset_name": "Client A",
    "advertiser_role": "OPERATOR",
}
CENTER = {
    "bc_info": {"bc_id": "6001", "name": "Client BC", "status": "ENABLE"},
    "user_role": "ADMIN",
    "ext_user_role": {"finance_role": "MANAGER"},
}


def partners(tiktok: TikTok) -> Any:
    return tiktok.partners(TOKEN, "6001")


def share(tiktok: TikTok) -> Any:
    return tiktok.share_accounts(TOKEN, "6001", "6999", ["7001"], Role.OPERATOR)


def failed(tiktok: TikTok, ask: Ask) -> OutboundError:
    with pytest.raises(OutboundError) as caught:
        ask(tiktok)
    return caught.value


# The envelope -----------------------------------------------------------------------

BROKEN: dict[str, Any] = {
    "html": b"<!doctype html><title>Sign in</title>",
    "empty": b"",
    "half": b'{"code": 0, "message": "OK", "data": {"list": [',
    "a list": [],
    "a text": "OK",
    "null": None,
    "no code": {"message": "OK", "data": {}},
    "a code as text": {"code": "0", "message": "OK", "data": {}},
    "a code as a boolean": {"code": False, "message": "OK", "data": {}},
    "a code as a fraction": {"code": 0.0, "message": "OK", "data": {}},
    "a code of twenty digits": {"code": 44444444444444444444, "data": {}},
    "a code of more digits than a number has": b'{"code": ' + b"4" * 5000 + b"}",
    "data as a list": {"code": 0, "message": "OK", "data": []},
    "data as text": {"code": 0, "message": "OK", "data": "{}"},
    "a message that is a list": {"code": 40001, "message": [], "data": {}},
    "a request id that is a number": {"code": 0, "request_id": 7, "data": {}},
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("ask", [partners, share])
def test_it_takes_nothing_from_a_broken_answer(
    stub: Stub, tiktok: TikTok, ask: Ask, body: Any
) -> None:
    stub.will(says(body))
    error = failed(tiktok, ask)
    assert not error.permanent
    assert error.kind == "malformed"
    assert error.outcome_unknown is (ask is share)
    assert len(stub.seen) == (1 if ask is share else 3)


@pytest.mark.parametrize("fate", [hangs_up, breaks_off])
def test_it_leaves_a_share_that_was_cut_off_open(
    stub: Stub, tiktok: TikTok, fate: Any
) -> None:
    stub.will(fate)
    error = failed(tiktok, share)
    assert (error.permanent, error.outcome_unknown) == (False, True)
    assert len(stub.seen) == 1


def test_it_names_a_wrong_address(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says(b"404 page not found", status=404, X_Tt_Logid="L9"))
    error = failed(tiktok, partners)
    assert (error.permanent, error.kind) == (True, "configuration")
    assert error.trace_id == "L9"


# Codes ------------------------------------------------------------------------------

CASES = [
    (40001, True, "no_permission"),
    (40002, True, "bad_request"),
    (40007, True, "gone"),
    (40016, False, "rate"),
    (40050, True, "duplicate"),
    (40061, True, "too_many"),
    (40100, False, "rate"),
    (40101, True, "configuration"),
    (40105, True, "dead_token"),
    (40106, True, "dead_token"),
    (40110, True, "code_used"),
    (40113, True, "configuration"),
    (40133, False, "rate"),
    (40202, False, "conflict"),
    (40300, True, "lost_access"),
    (40700, False, "outage"),
    (40999, True, "unknown"),
    (50000, False, "outage"),
    (51060, False, "outage"),
    (52001, False, "outage"),
    (60001, False, "outage"),
    (99999, False, "unknown"),
    (-1, False, "unknown"),
]


@pytest.mark.parametrize(("code", "permanent", "kind"), CASES)
def test_it_takes_a_code_other_than_0_for_an_error(
    stub: Stub, tiktok: TikTok, code: int, permanent: bool, kind: str
) -> None:
    stub.will(says(envelope({}, code, "said so")))
    error = failed(tiktok, share)
    assert (error.permanent, error.kind) == (permanent, kind)
    assert (error.code, error.trace_id) == (str(code), "R1")
    assert "said so" in str(error)


def test_it_takes_a_part_of_a_list_for_no_list(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says({**page([PARTNER]), "code": 20001}))
    assert failed(tiktok, partners).kind == "partial"


def test_it_tells_a_partly_done_write_from_a_done_one(
    stub: Stub, tiktok: TikTok
) -> None:
    stub.will(says(envelope({}, 20001)), says(envelope()))
    assert share(tiktok).is_partial
    assert not share(tiktok).is_partial
    assert share(tiktok).trace_id == "R1"


@pytest.mark.parametrize(
    ("code", "is_open"),
    [(50000, True), (51010, True), (40050, True), (40001, False), (40100, False)],
)
def test_it_says_which_refused_writes_may_be_done_all_the_same(
    stub: Stub, tiktok: TikTok, code: int, is_open: bool
) -> None:
    stub.will(says(envelope({}, code)))
    assert failed(tiktok, share).outcome_unknown is is_open


@pytest.mark.parametrize(
    ("code", "message", "pause"),
    [
        (40100, "Too many requests. Please retry in some time.", Pause.MINUTE),
        (40100, "QPS limit reached", Pause.SECOND),
        (40100, "too many requests per second", Pause.SECOND),
        (40100, "QPM limit reached", Pause.MINUTE),
        (40016, "QPD limit reached", Pause.DAY),
        (40100, "daily limit reached", Pause.DAY),
        (61000, "", Pause.MINUTE),
        (40133, "advertiser QPS", None),
        (50000, "try again in a second", None),
    ],
)
def test_it_guesses_the_window_from_the_text(
    code: int, message: str, pause: Pause | None
) -> None:
    assert codes.pause_for(code, message) == pause


@pytest.mark.parametrize("code", [*codes.MEANINGS, 40999, 51000, 99999])
def test_it_has_a_sentence_for_every_code_that_fits_its_column(code: int) -> None:
    answer = Answer(Call("POST", "https://a.example/"), 200, {}, b"")
    error = wire.refusal(answer, code, "x" * 5000)
    assert len(str(error)) <= 300
    assert "please" not in str(error).lower()


def test_it_repeats_no_secret_that_tiktok_quotes(stub: Stub, tiktok: TikTok) -> None:
    said = "auth_code=CANARY-1 is wrong,\r\nAccess-Token: CANARY-2"
    stub.will(says(envelope({}, 40002, said)))
    error = failed(tiktok, partners)
    assert "CANARY" not in str(error)
    assert "\n" not in str(error)


def test_it_repeats_no_secret_that_it_sent(stub: Stub, tiktok: TikTok) -> None:
    """TikTok quotes a post's code without its name."""
    code, quoted = "#pvnLmqo8aWrt+/7=", "%23pvnLmqo8aWrt%2B%2F7%3D"
    said = f"The {code} ({quoted}) is no code for {TOKEN.reveal()}."
    stub.will(says(envelope({}, 40002, said)), says(envelope({}, 40002, said)))
    for ask in (TikTok.authorize_post, TikTok.post_of_code):
        error = failed(
            tiktok, lambda one, ask=ask: ask(one, TOKEN, "7001", Secret(code))
        )
        assert "The [hidden] ([hidden]) is no code for [hidden]." in str(error)


# Fields -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        None,
        [],
        "6001",
        {},
        {"bc_id": None},
        {"bc_id": ""},
        {"bc_id": 7.2e18},
        {"bc_id": True},
        {"bc_id": ["6001"]},
        {"bc_id": "60 01"},
        {"bc_id": "<b>"},
        {"bc_id": "6" * 65},
        {"bc_id": "6001", "bc_name": 5},
        {"bc_id": "6001", "bc_name": {"en": "x"}},
    ],
)
def test_it_takes_nothing_from_a_list_with_one_broken_row(
    stub: Stub, tiktok: TikTok, row: Any
) -> None:
    stub.will(says(page([PARTNER, row])))
    error = failed(tiktok, partners)
    assert error.kind == "malformed"
    assert not error.permanent


WELL_FORMED = page([CENTER])


def spoiled(body: Any, at: list[str | int], value: Any) -> Any:
    body = copy.deepcopy(body)
    inner = body
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = value
    return body


PLACES: list[list[str | int]] = [
    ["data"],
    ["data", "list"],
    ["data", "list", 0],
    ["data", "list", 0, "bc_info"],
    ["data", "list", 0, "bc_info", "bc_id"],
    ["data", "list", 0, "bc_info", "name"],
    ["data", "list", 0, "user_role"],
    ["data", "list", 0, "ext_user_role"],
    ["data", "page_info"],
    ["data", "page_info", "total_number"],
    ["data", "page_info", "page"],
    ["code"],
]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=150,
)
@given(at=st.sampled_from(PLACES), value=anything)
def test_it_answers_with_whole_values_or_an_error_whatever_comes(
    stub: Stub, tiktok: TikTok, at: list[str | int], value: Any
) -> None:
    stub.seen.clear()
    stub.will(says(spoiled(WELL_FORMED, at, value)))
    try:
        listing = tiktok.centers(TOKEN)
    except OutboundError:
        return
    for center in listing:
        assert isinstance(center.external_id, str)
        assert isinstance(center.name, str)
        assert isinstance(center.user_role, str)
        assert isinstance(center.finance_role, str)


def test_it_reads_a_whole_number_as_an_id_without_losing_a_digit(
    stub: Stub, tiktok: TikTok
) -> None:
    stub.will(says(b'{"code":0,"data":{"core_user_id":7301846225110446081}}'))
    assert tiktok.who(TOKEN).external_id == "7301846225110446081"


def test_it_keeps_values_it_does_not_know(stub: Stub, tiktok: TikTok) -> None:
    strange = {**SHARED, "advertiser_role": "ROLE_OF_2031", "asset_name": None}
    stub.will(says(page([strange])))
    (row,) = tiktok.partner_accounts(TOKEN, "6999", "6001", "SHARED")
    assert (row.native_role, row.role) == ("ROLE_OF_2031", Role.UNKNOWN)
    assert row.name == ""


def test_it_refuses_a_time_it_cannot_read(stub: Stub, tiktok: TikTok) -> None:
    body = page([])
    body["data"]["changelog_list"] = [{"time": "yesterday"}]
    body["data"]["page_info"]["total_number"] = 1
    stub.will(says(body))
    day = dt.date(2026, 11, 1)
    error = failed(tiktok, lambda one: one.changelog(TOKEN, "6001", day, day))
    assert error.kind == "malformed"


@pytest.mark.parametrize("data", [{}, {"access_token": ""}, {"access_token": 7}])
def test_it_takes_no_key_that_is_none(stub: Stub, tiktok: TikTok, data: Any) -> None:
    stub.will(says(envelope({**data, "scope": [100]})))
    error = failed(tiktok, lambda one: one.exchange_code(Secret("c")))
    assert error.outcome_unknown


def test_it_takes_no_list_from_an_answer_without_one(
    stub: Stub, tiktok: TikTok
) -> None:
    stub.will(says(envelope({})))
    assert failed(tiktok, lambda one: one.reachable_accounts(TOKEN)).permanent is False


def answered(**values: str) -> fields.Fields:
    call = Call(method="GET", url="http://127.0.0.1/")
    return fields.Fields(values, Answer(call, 200, {}, b""))


@pytest.mark.parametrize("value", ["a\x00b", "half \ud800 a character"])
def test_it_takes_no_text_that_cannot_be_stored(value: str) -> None:
    with pytest.raises(OutboundError):
        answered(name=value).text("name")


def test_it_cuts_a_text_where_its_column_ends() -> None:
    long = answered(name="x" * 500, role="R" * 500)
    assert len(long.text("name")) == fields.LONGEST_NAME
    assert len(long.word("role")) == fields.LONGEST_WORD
