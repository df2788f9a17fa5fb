"""What goes over the wire, call by call."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.outbound import OutboundError
from accounts.outbound.secret import Secret
from accounts.platforms.roles import Role
from accounts.platforms.tiktok.client import TikTok
from tests.accounts.outbound.stub import Handler, Seen, Stub, says
from tests.accounts.platforms.conftest import TOKEN, envelope, page

BASE = "/open_api/v1.3/"


@pytest.mark.parametrize("count", [0, 51])
def test_it_sends_no_batch_tiktok_would_refuse(
    stub: Stub, tiktok: TikTok, count: int
) -> None:
    ids = [str(7000 + number) for number in range(count)]
    with pytest.raises(ValueError, match="1 to 50"):
        tiktok.share_accounts(TOKEN, "6001", "6999", ids, Role.ANALYST)
    with pytest.raises(ValueError, match="1 to 50"):
        tiktok.unshare_accounts(TOKEN, "6001", "6999", ids)
    assert stub.seen == []


def test_it_asks_for_no_unknown_role(stub: Stub, tiktok: TikTok) -> None:
    with pytest.raises(KeyError):
        tiktok.share_accounts(TOKEN, "6001", "6999", ["7001"], Role.UNKNOWN)
    assert stub.seen == []


def test_it_writes_secrets_into_no_address(tiktok: TikTok) -> None:
    assert "CANARY" not in tiktok.authorize_url("s", "https://portal.example/cb/")
    assert "CANARY" not in repr(tiktok)


def test_it_sends_people_to_the_consent_page(stub: Stub, tiktok: TikTok) -> None:
    url = tiktok.authorize_url("st&te", "https://portal.example/connect/?a=1")
    assert url.startswith(f"{stub.url}/portal/auth?")
    assert parse_qs(urlsplit(url).query) == {
        "app_id": ["7001"],
        "state": ["st&te"],
        "redirect_uri": ["https://portal.example/connect/?a=1"],
    }


def test_it_trades_a_code_for_a_key(stub: Stub, tiktok: TikTok) -> None:
    data = {
        "access_token": "T",
        "advertiser_ids": ["7001"],
        "scope": [100, 7153155400966176769],
    }
    stub.will(says(envelope(data)))
    token = tiktok.exchange_code(Secret("the-code"))
    assert token.access_token == Secret("T")
    assert token.scopes == ("100", "7153155400966176769")
    assert token.advertiser_ids == ("7001",)
    (seen,) = stub.seen
    assert (seen.method, seen.path) == ("POST", f"{BASE}oauth2/access_token/")
    assert seen.json == {
        "app_id": "7001",
        "secret": "app-CANARY",
        "auth_code": "the-code",
        "return_advertiser_ids": True,
    }
    assert "access-token" not in seen.headers


def test_it_ends_a_key(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says(envelope({"app_id": "7001", "advertiser_ids": ["7001"]})))
    assert tiktok.revoke(TOKEN).trace_id == "R1"
    (seen,) = stub.seen
    assert seen.path == f"{BASE}oauth2/revoke_token/"
    assert seen.json["access_token"] == TOKEN.reveal()


def test_it_asks_who_signed_in(stub: Stub, tiktok: TikTok) -> None:
    data = {"core_user_id": "68", "display_name": "Sofia", "email": "s***@h.example"}
    stub.will(says(envelope(data)))
    person = tiktok.who(TOKEN)
    assert (person.external_id, person.display_name) == ("68", "Sofia")
    assert person.email_masked == "s***@h.example"
    (seen,) = stub.seen
    assert (seen.method, seen.path) == ("GET", f"{BASE}user/info/")
    assert seen.headers["access-token"] == TOKEN.reveal()


def test_it_lists_what_a_key_reaches(stub: Stub, tiktok: TikTok) -> None:
    rows = [{"advertiser_id": "7001", "advertiser_name": "Client A"}]
    stub.will(says(envelope({"list": rows})))
    listing = tiktok.reachable_accounts(TOKEN)
    assert [(one.external_id, one.name) for one in listing] == [("7001", "Client A")]
    (seen,) = stub.seen
    assert seen.query == {"app_id": ["7001"], "secret": ["app-CANARY"]}


def test_it_reads_centers_and_the_persons_part_in_them(
    stub: Stub, tiktok: TikTok
) -> None:
    info = {
        "bc_id": "6001",
        "name": "Halden",
        "company": "Halden Outdoor",
        "status": "ENABLE",
        "type": "SELF_SERVICE",
        "timezone": "Europe/Oslo",
        "currency": "NOK",
    }
    rows = [
        {"bc_info": info, "user_role": "ADMIN", "ext_user_role": {}, "new_field": [1]},
        {"bc_info": {"bc_id": "6002"}, "user_role": "STANDARD"},
        {"bc_info": {"bc_id": "6003"}, "user_role": "OWNER_2031"},
    ]
    stub.will(says(page(rows)))
    first, second, third = tiktok.centers(TOKEN)
    assert (first.external_id, first.company, first.is_admin) == (
        "6001",
        "Halden Outdoor",
        True,
    )
    assert (first.time_zone, first.currency) == ("Europe/Oslo", "NOK")
    assert first.raw["new_field"] == [1]
    assert (second.is_admin, second.finance_role) == (False, "")
    assert (third.is_admin, third.user_role) == (False, "OWNER_2031")


def test_it_reads_a_centers_accounts_in_every_relation(
    stub: Stub, tiktok: TikTok
) -> None:
    def account(number: int, relation: str, status: str) -> dict[str, str]:
        return {
            "asset_id": str(7000 + number),
            "asset_name": f"Account {number}",
            "relation_type": relation,
            "relation_status": status,
            "advertiser_role": "ADMIN",
            "advertiser_status": "STATUS_ENABLE",
            "owner_bc_name": "Halden",
        }

    rows = [
        account(1, "OWNER_BC", "BOUND"),
        account(2, "OWNER_BC", "UNBOUND"),
        account(3, "OWNER_PARTNER", "BOUND"),
        account(4, "OWNER_2031", "BOUND"),
    ]
    stub.will(says(page(rows)))
    listing = tiktok.center_accounts(TOKEN, "6001")
    assert [one.is_owned for one in listing] == [True, False, False, False]
    assert listing.rows[0].role is Role.ADMIN
    assert listing.rows[0].owner_center_name == "Halden"
    (seen,) = stub.seen
    assert seen.path == f"{BASE}bc/asset/admin/get/"
    assert "filtering" not in seen.query


def test_it_shares_and_takes_back(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says({"code": 0, "message": "OK", "request_id": "R5"}))
    tiktok.share_accounts(TOKEN, "6001", "6999", ["7001", "7002"], Role.OPERATOR)
    tiktok.unshare_accounts(TOKEN, "6001", "6999", ["7001"])
    add, delete = stub.seen
    assert add.path == f"{BASE}bc/partner/add/"
    assert add.headers["content-type"] == "application/json"
    assert add.json == {
        "bc_id": "6001",
        "partner_id": "6999",
        "asset_type": "ADVERTISER",
        "asset_ids": ["7001", "7002"],
        "advertiser_role": "OPERATOR",
    }
    assert delete.path == f"{BASE}bc/partner/asset/delete/"
    assert delete.json == {
        "bc_id": "6001",
        "partner_id": "6999",
        "asset_type": "ADVERTISER",
        "asset_ids": ["7001"],
    }


def test_it_reads_shares_from_either_side(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says(page([])))
    tiktok.partner_accounts(TOKEN, "6999", "6001", "SHARED")
    (seen,) = stub.seen
    assert seen.query == {
        "bc_id": ["6999"],
        "partner_id": ["6001"],
        "asset_type": ["ADVERTISER"],
        "share_type": ["SHARED"],
        "page": ["1"],
        "page_size": ["50"],
    }


def test_it_reads_members_in_pages_of_twenty(stub: Stub, tiktok: TikTok) -> None:
    rows = [
        {"user_email": "new@a.example", "relation_status": "PENDING"},
        {
            "user_id": "68",
            "user_name": "Priya",
            "user_email": "p@a.example",
            "user_role": "ADMIN",
            "relation_status": "BOUND",
            "ext_user_role": {"finance_role": "ANALYST"},
        },
    ]
    stub.will(says(page(rows)))
    invited, priya = tiktok.members(TOKEN, "6999")
    assert (invited.external_id, invited.is_admin) == ("", False)
    assert (priya.external_id, priya.finance_role) == ("68", "ANALYST")
    assert stub.seen[0].query["page_size"] == ["20"]


def test_it_names_a_member_by_id_or_by_address_never_by_both(
    stub: Stub, tiktok: TikTok
) -> None:
    for who in ({}, {"member_id": "68", "email": "a@b.example"}):
        with pytest.raises(ValueError, match="Name the member's id"):
            tiktok.remove_member(TOKEN, "6999", **who)
    assert stub.seen == []


@pytest.mark.parametrize(
    ("ask", "path", "body"),
    [
        (
            lambda t: t.invite_member(TOKEN, "6999", "n@a.example", Role.STANDARD),
            "bc/member/invite/",
            {"emails": ["n@a.example"], "user_role": "STANDARD"},
        ),
        (
            lambda t: t.update_member(TOKEN, "6999", "68", role=Role.ADMIN),
            "bc/member/update/",
            {"user_id": "68", "user_role": "ADMIN"},
        ),
        (
            lambda t: t.update_member(TOKEN, "6999", "68", finance_role=Role.MANAGER),
            "bc/member/update/",
            {"user_id": "68", "ext_user_role": {"finance_role": "MANAGER"}},
        ),
        (
            lambda t: t.update_member(TOKEN, "6999", "68", finance_role=Role.UNKNOWN),
            "bc/member/update/",
            {"user_id": "68", "ext_user_role": {}},
        ),
        (
            lambda t: t.remove_member(TOKEN, "6999", member_id="68"),
            "bc/member/delete/",
            {"user_id": "68"},
        ),
        (
            lambda t: t.remove_member(TOKEN, "6999", email="n@a.example"),
            "bc/member/delete/",
            {"user_email": "n@a.example"},
        ),
    ],
)
def test_it_writes_seats(
    stub: Stub, tiktok: TikTok, ask: Any, path: str, body: dict[str, Any]
) -> None:
    stub.will(says(envelope({})))
    assert ask(tiktok).trace_id == "R1"
    (seen,) = stub.seen
    assert (seen.method, seen.path) == ("POST", BASE + path)
    assert seen.json == {"bc_id": "6999", **body}


def test_it_reads_the_activity_log(stub: Stub, tiktok: TikTok) -> None:
    line = {
        "time": "2026-11-20 14:02:11",
        "activity_type": "ACCOUNT",
        "operator_id": "68",
        "activity_log": "shared an account",
    }
    body = page([])
    body["data"] = {
        "changelog_list": [line, line],
        "page_info": {**body["data"]["page_info"], "total_number": 2},
    }
    stub.will(says(body))
    start, end = dt.date(2026, 11, 15), dt.date(2026, 11, 22)
    first, _ = tiktok.changelog(TOKEN, "6001", start, end, "ACCOUNT")
    assert first.happened_at == dt.datetime(2026, 11, 20, 14, 2, 11, tzinfo=dt.UTC)
    assert json.loads(stub.seen[0].query["filtering"][0]) == {
        "start_date": "2026-11-15",
        "end_date": "2026-11-22",
        "activity_type": "ACCOUNT",
    }


# advertiser/info --------------------------------------------------------------------


def takes(most: int) -> Any:
    """Answer like a platform that takes at most so many ids in one call."""

    def react(handler: Handler, seen: Seen) -> None:
        ids = json.loads(seen.query["advertiser_ids"][0])
        if len(ids) > most:
            says(envelope({}, 40011, "too many ids"))(handler, seen)
            return
        rows = [{"advertiser_id": one, "name": f"Account {one}"} for one in ids]
        says(envelope({"list": rows}))(handler, seen)

    return react


IDS = [str(7_000_000_000_000_000_000 + number) for number in range(130)]


def test_it_gives_up_on_details_of_one_account_that_is_too_many(
    stub: Stub, tiktok: TikTok
) -> None:
    stub.will(takes(0))
    with pytest.raises(OutboundError) as caught:
        tiktok.account_details(TOKEN, IDS[:1])
    assert caught.value.kind == "too_many"


@pytest.mark.parametrize("came", [[], ["7001"], ["7001", "7003"], ["7001", "7001"]])
def test_it_gives_no_details_unless_every_account_came(
    stub: Stub, tiktok: TikTok, came: list[str]
) -> None:
    stub.will(says(envelope({"list": [{"advertiser_id": one} for one in came]})))
    with pytest.raises(OutboundError, match="asked for"):
        tiktok.account_details(TOKEN, ["7001", "7002"])


@pytest.mark.parametrize("most", [1, 20, 99, 1000])
def test_it_halves_batches_until_they_fit(
    stub: Stub, tiktok: TikTok, most: int
) -> None:
    stub.will(takes(most))
    listing = tiktok.account_details(TOKEN, IDS + IDS[:5])
    assert [one.external_id for one in listing] == IDS
    assert listing.told == 130


def test_it_asks_for_no_details_of_nothing(stub: Stub, tiktok: TikTok) -> None:
    assert len(tiktok.account_details(TOKEN, [])) == 0
    assert stub.seen == []
