"""What goes over the wire with a creator's own key."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.outbound import OutboundError
from accounts.outbound.secret import Secret
from accounts.platforms.tiktok.client import TikTok
from tests.accounts.outbound.stub import Stub, says
from tests.accounts.platforms.conftest import TOKEN, envelope

BASE = "/open_api/v1.3/"
RETURN = "https://portal.example/creator/return/"
CLIENT = {"client_id": "7001", "client_secret": "app-CANARY"}
PAIR = {
    "access_token": "act.x",
    "token_type": "Bearer",
    "scope": "user.info.basic, video.list,",
    "expires_in": 86400,
    "refresh_token": "rft.x",
    "refresh_token_expires_in": 31527314,
    "open_id": "-0007_aB",
}
CODE = {
    "item_id": "7300000000000000001",
    "auth_code": "#code-CANARY",
    "auth_code_start_time": "2026-11-20 14:02:11",
    "auth_code_end_time": "2026-12-20 14:02:11",
    "authorization_days": 30,
    "auth_code_status": "NOT_USED",
}


@pytest.mark.parametrize("code", [40102, 40103, 40105, 40106, 40107, 40110, 40131])
def test_it_says_when_a_key_can_be_renewed_no_more(
    stub: Stub, tiktok: TikTok, code: int
) -> None:
    stub.will(says(envelope({}, code, "no")))
    with pytest.raises(OutboundError, match="consents anew") as caught:
        tiktok.refresh(Secret("rft.CANARY"))
    assert (caught.value.kind, caught.value.permanent) == ("dead_refresh", True)
    assert (caught.value.code, len(stub.seen)) == (str(code), 1)


@pytest.mark.parametrize("code", [40001, 40100, 40101, 50000, 99999])
def test_it_takes_no_other_refusal_for_the_end_of_a_key(
    stub: Stub, tiktok: TikTok, code: int
) -> None:
    stub.will(says(envelope({}, code, "no")))
    with pytest.raises(OutboundError) as caught:
        tiktok.refresh(Secret("rft.CANARY"))
    assert caught.value.kind not in ("dead_refresh", "dead_token")


@pytest.mark.parametrize("broken", [{"access_token": None}, {"access_token": 7}])
def test_it_takes_no_pair_without_the_key_itself(
    stub: Stub, tiktok: TikTok, broken: dict[str, Any]
) -> None:
    stub.will(says(envelope({**PAIR, **broken})))
    with pytest.raises(OutboundError) as caught:
        tiktok.refresh(Secret("rft.CANARY"))
    assert (caught.value.kind, caught.value.outcome_unknown) == ("malformed", True)


def test_it_takes_no_consent_that_names_nobody(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says(envelope({**PAIR, "open_id": ""})))
    with pytest.raises(OutboundError, match="open_id"):
        tiktok.exchange_creator_code(Secret("c"), RETURN)


@pytest.mark.parametrize("told", [None, "soon", -1, True, 86400.5, 10**12])
def test_it_invents_no_life_and_loses_no_key_for_a_number(
    stub: Stub, tiktok: TikTok, told: Any
) -> None:
    numbers = {"expires_in": told, "refresh_token_expires_in": told, "scope": None}
    stub.will(says(envelope({**PAIR, **numbers, "refresh_token": None})))
    token = tiktok.refresh(Secret("rft.CANARY"))
    assert (token.expires_in, token.refresh_expires_in) == (None, None)
    assert (token.refresh_token, token.scopes) == (None, ())
    assert token.access_token == Secret("act.x")


def test_it_sends_creators_to_their_own_consent_page(
    stub: Stub, tiktok: TikTok
) -> None:
    url = tiktok.creator_authorize_url("st&te", RETURN, ["biz.spark.auth", "a.b"])
    assert url.startswith(f"{stub.url}/v2/auth/authorize?")
    assert parse_qs(urlsplit(url).query) == {
        "client_key": ["7001"],
        "scope": ["biz.spark.auth,a.b"],
        "response_type": ["code"],
        "redirect_uri": [RETURN],
        "state": ["st&te"],
        "disable_auto_auth": ["1"],
    }
    assert "CANARY" not in url


def test_it_trades_a_creators_code_for_a_pair(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says(envelope(PAIR)))
    token = tiktok.exchange_creator_code(Secret("the-code"), RETURN)
    assert token.access_token == Secret("act.x")
    assert token.refresh_token == Secret("rft.x")
    assert (token.open_id, token.trace_id) == ("-0007_aB", "R1")
    assert token.scopes == ("user.info.basic", "video.list")
    assert (token.expires_in, token.refresh_expires_in) == (86400, 31527314)
    (seen,) = stub.seen
    assert (seen.method, seen.path) == ("POST", f"{BASE}tt_user/oauth2/token/")
    assert seen.json == {
        **CLIENT,
        "grant_type": "authorization_code",
        "auth_code": "the-code",
        "redirect_uri": RETURN,
    }
    assert "access-token" not in seen.headers
    assert "act.x" not in repr(token)


def test_it_renews_a_pair(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says(envelope({**PAIR, "refresh_token_expires_in": "31527314"})))
    assert tiktok.refresh(Secret("rft.old")).refresh_expires_in == 31527314
    (seen,) = stub.seen
    assert seen.path == f"{BASE}tt_user/oauth2/refresh_token/"
    assert seen.json == {
        **CLIENT,
        "grant_type": "refresh_token",
        "refresh_token": "rft.old",
    }


def test_it_ends_a_creators_consent(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says(envelope({})))
    assert tiktok.revoke_creator(TOKEN).trace_id == "R1"
    (seen,) = stub.seen
    assert seen.path == f"{BASE}tt_user/oauth2/revoke/"
    assert seen.json == {**CLIENT, "access_token": TOKEN.reveal()}


def test_it_asks_again_what_a_key_may_do(stub: Stub, tiktok: TikTok) -> None:
    info = {"app_id": "7001", "scope": "biz.spark.auth", "creator_id": "-0007_aB"}
    stub.will(says(envelope({}, 50000, "fault")), says(envelope(info)))
    told = tiktok.creator_token_info(TOKEN)
    assert (told.app_id, told.scopes) == ("7001", ("biz.spark.auth",))
    assert told.creator_id == "-0007_aB"
    assert stub.seen[1].json == {"app_id": "7001", "access_token": TOKEN.reveal()}
    assert stub.seen[1].path == f"{BASE}tt_user/token_info/get/"


def test_it_reads_a_creators_names(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says(envelope({"display_name": "Aino", "username": "aino.outdoors"})))
    profile = tiktok.creator_profile(TOKEN, "-0007_aB")
    assert (profile.display_name, profile.username) == ("Aino", "aino.outdoors")
    (seen,) = stub.seen
    assert (seen.method, seen.path) == ("GET", f"{BASE}business/get/")
    assert seen.query == {
        "business_id": ["-0007_aB"],
        "fields": ['["display_name","username"]'],
    }


@pytest.mark.parametrize(
    ("ask", "method", "path", "sent"),
    [
        (
            lambda t: t.allow_post(TOKEN, "-0007_aB", CODE["item_id"], 30),
            "POST",
            "business/post/authorize/setting/",
            {"is_ad_promotable": True, "authorization_days": 30},
        ),
        (
            lambda t: t.extend_post(TOKEN, "-0007_aB", CODE["item_id"], 365),
            "POST",
            "business/post/authorize/",
            {"authorization_days": 365},
        ),
        (
            lambda t: t.post_status(TOKEN, "-0007_aB", CODE["item_id"]),
            "GET",
            "business/post/authorize/status/",
            {},
        ),
        (
            lambda t: t.forbid_post(TOKEN, "-0007_aB", CODE["item_id"]),
            "POST",
            "business/post/authorize/delete/",
            {},
        ),
    ],
)
def test_it_makes_reads_and_ends_codes(
    stub: Stub, tiktok: TikTok, ask: Any, method: str, path: str, sent: dict[str, Any]
) -> None:
    stub.will(says(envelope(CODE)))
    code = ask(tiktok)
    assert (code.item_id, code.days, code.status) == (CODE["item_id"], 30, "NOT_USED")
    assert code.code == Secret("#code-CANARY")
    assert code.starts_at == dt.datetime(2026, 11, 20, 14, 2, 11, tzinfo=dt.UTC)
    assert code.ends_at == dt.datetime(2026, 12, 20, 14, 2, 11, tzinfo=dt.UTC)
    (seen,) = stub.seen
    assert (seen.method, seen.path) == (method, BASE + path)
    came = seen.json if method == "POST" else {k: v[0] for k, v in seen.query.items()}
    assert came == {"business_id": "-0007_aB", "item_id": CODE["item_id"], **sent}
    assert seen.headers["access-token"] == TOKEN.reveal()


def test_it_reads_a_deleted_code_without_code_and_days(
    stub: Stub, tiktok: TikTok
) -> None:
    stub.will(says(envelope({"item_id": "73", "auth_code_status": "GONE_2031"})))
    code = tiktok.post_status(TOKEN, "o", "73")
    assert (code.code, code.days, code.starts_at, code.ends_at) == (None,) * 4
    assert code.status == "GONE_2031"


def test_it_takes_no_time_it_cannot_read(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says(envelope({**CODE, "auth_code_end_time": "20/12/2026"})))
    with pytest.raises(OutboundError, match="auth_code_end_time"):
        tiktok.post_status(TOKEN, "o", "73")
