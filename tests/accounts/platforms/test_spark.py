"""Creators' accounts in a center and posts of an ad account, call by call."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from accounts.outbound import OutboundError
from accounts.outbound.secret import Secret
from accounts.platforms.roles import Role
from accounts.platforms.tiktok.client import TikTok
from tests.accounts.outbound.stub import Stub, says
from tests.accounts.platforms.conftest import TOKEN, envelope, page

BASE = "/open_api/v1.3/"
ASSET = {"bc_id": "6999", "asset_id": "7-a", "asset_type": "TT_ACCOUNT"}
POST = {
    "item_info": {
        "item_id": "7300000000000000001",
        "text": "Up the fell",
        "auth_code": "#code-CANARY",
    },
    "auth_info": {
        "ad_auth_status": "AUTHORIZED",
        "auth_start_time": "2026-11-20 14:02:11",
        "auth_end_time": "2026-12-20 14:02:11",
    },
}


@pytest.mark.parametrize(
    "link", [None, 7, "javascript:alert(1)", "https://" + "x" * 1000]
)
def test_it_hands_out_no_link_it_cannot_stand_for(
    stub: Stub, tiktok: TikTok, link: Any
) -> None:
    stub.will(says(envelope({"bc_auth_qr_code": link})))
    with pytest.raises(OutboundError, match="bc_auth_qr_code"):
        tiktok.center_qr(TOKEN, "6999")


def test_it_assigns_no_role_of_an_ad_account(stub: Stub, tiktok: TikTok) -> None:
    with pytest.raises(KeyError):
        tiktok.assign_creator_member(TOKEN, "6999", "7-a", "68", Role.OPERATOR)
    assert stub.seen == []


def test_it_asks_a_center_for_its_link(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says(envelope({"bc_auth_qr_code": "https://www.tiktok.com/t/x"})))
    assert tiktok.center_qr(TOKEN, "6999") == "https://www.tiktok.com/t/x"
    (seen,) = stub.seen
    assert (seen.method, seen.path) == (
        "GET",
        f"{BASE}bc/asset/account/authorization/",
    )
    assert seen.query == {"bc_id": ["6999"]}


@pytest.mark.parametrize(
    ("native", "role"),
    [
        (None, None),
        ([], None),
        (["POST"], Role.POSTS),
        (["LIVE", "POST", "DIRECT_MESSAGE"], Role.POSTS_LIVE),
        (["LIVE"], Role.LIVE),
        (["NEW_2031"], Role.UNKNOWN),
    ],
)
def test_it_reads_creators_accounts_with_their_roles(
    stub: Stub, tiktok: TikTok, native: Any, role: Role | None
) -> None:
    row = {"asset_id": "7-a", "asset_name": "Aino", "tt_account_roles": native}
    stub.will(says(page([row])))
    (account,) = tiktok.creator_accounts(TOKEN, "6999")
    assert (account.external_id, account.name) == ("7-a", "Aino")
    assert (account.native_roles, account.role) == (tuple(native or ()), role)
    (seen,) = stub.seen
    assert seen.path == f"{BASE}bc/asset/get/"
    assert seen.query["asset_type"] == ["TT_ACCOUNT"]
    assert "filtering" not in seen.query


def test_it_reads_what_one_person_has(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says(page([])))
    tiktok.creator_accounts_of(TOKEN, "6999", "68")
    assert json.loads(stub.seen[0].query["filtering"][0]) == {"user_id": "68"}


@pytest.mark.parametrize(
    ("ask", "path", "body"),
    [
        (
            lambda t: t.assign_creator_member(
                TOKEN, "6999", "7-a", "68", Role.POSTS_LIVE
            ),
            "bc/asset/assign/",
            {**ASSET, "user_id": "68", "tt_account_roles": ["POST", "LIVE"]},
        ),
        (
            lambda t: t.unassign_creator_member(TOKEN, "6999", "7-a", "68"),
            "bc/asset/unassign/",
            {**ASSET, "user_id": "68"},
        ),
        (
            lambda t: t.remove_creator_account(TOKEN, "6999", "7-a"),
            "bc/asset/admin/delete/",
            {"bc_id": "6999", "asset_ids": ["7-a"], "asset_type": "TT_ACCOUNT"},
        ),
        (
            lambda t: t.link_ad_account(TOKEN, "6999", "7-a", "7001"),
            "bc/asset/advertiser/assign/",
            {**ASSET, "advertiser_id": "7001"},
        ),
        (
            lambda t: t.unlink_ad_account(TOKEN, "6999", "7-a", "7001"),
            "bc/asset/advertiser/unassign/",
            {**ASSET, "advertiser_id": "7001"},
        ),
        (
            lambda t: t.authorize_post(TOKEN, "7001", Secret("#code")),
            "tt_video/authorize/",
            {"advertiser_id": "7001", "auth_code": "#code"},
        ),
        (
            lambda t: t.unbind_post(TOKEN, "7001", "73"),
            "tt_video/unbind/",
            {"advertiser_id": "7001", "item_id": "73"},
        ),
    ],
)
def test_it_writes(
    stub: Stub, tiktok: TikTok, ask: Any, path: str, body: dict[str, Any]
) -> None:
    stub.will(says(envelope({})))
    assert ask(tiktok).trace_id == "R1"
    (seen,) = stub.seen
    assert (seen.method, seen.path, seen.json) == ("POST", BASE + path, body)
    assert seen.headers["access-token"] == TOKEN.reveal()


def test_it_reads_the_ad_accounts_of_a_creator(stub: Stub, tiktok: TikTok) -> None:
    rows = [{"advertiser_id": "7001", "advertiser_name": "Halden EU"}]
    stub.will(says(page(rows)))
    (account,) = tiktok.linked_ad_accounts(TOKEN, "6999", "7-a")
    assert (account.external_id, account.name) == ("7001", "Halden EU")
    assert stub.seen[0].path == f"{BASE}bc/asset/advertiser/assigned/"
    assert stub.seen[0].query["asset_type"] == ["TT_ACCOUNT"]


@pytest.mark.parametrize("name", ["username", "user_name"])
def test_it_reads_identities_under_either_name(
    stub: Stub, tiktok: TikTok, name: str
) -> None:
    row = {
        "identity_id": "ac-1",
        name: "aino.outdoors",
        "available_status": "NEW_2031",
    }
    body = page([row])
    body["data"]["identity_list"] = body["data"].pop("list")
    stub.will(says(body))
    (one,) = tiktok.identities(TOKEN, "7001", "6999")
    assert (one.external_id, one.username) == ("ac-1", "aino.outdoors")
    assert one.status == "NEW_2031"
    (seen,) = stub.seen
    assert seen.path == f"{BASE}identity/get/"
    assert seen.query["identity_type"] == ["BC_AUTH_TT"]
    assert seen.query["identity_authorized_bc_id"] == ["6999"]


def test_it_reads_the_post_of_a_code(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says(envelope(POST)))
    post = tiktok.post_of_code(TOKEN, "7001", Secret("#code-CANARY"))
    assert post.item_id == "7300000000000000001"
    assert (post.title, post.status) == ("Up the fell", "AUTHORIZED")
    assert post.ends_at == dt.datetime(2026, 12, 20, 14, 2, 11, tzinfo=dt.UTC)
    assert post.code == Secret("#code-CANARY")
    assert "CANARY" not in repr(post)
    assert stub.seen[0].path == f"{BASE}tt_video/info/"
    assert stub.seen[0].query == {
        "advertiser_id": ["7001"],
        "auth_code": ["#code-CANARY"],
    }


def test_it_reads_every_post_of_an_ad_account(stub: Stub, tiktok: TikTok) -> None:
    bare = {"item_info": {"item_id": "74"}}
    stub.will(says(page([POST, bare])))
    _, post = tiktok.posts(TOKEN, "7001")
    assert (post.code, post.starts_at, post.ends_at, post.status) == (
        None,
        None,
        None,
        "",
    )
    assert stub.seen[0].path == f"{BASE}tt_video/list/"


def test_it_takes_no_list_that_shows_a_post_twice(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says(page([POST, POST])))
    with pytest.raises(OutboundError, match="twice"):
        tiktok.posts(TOKEN, "7001")
