from __future__ import annotations

import pytest

from agencyportal.simulator.api import ENDPOINTS
from agencyportal.simulator.wire import redact
from tests.agencyportal.simulator.client import AGENCY, Client

NEEDS_TOKEN = sorted(name for name, one in ENDPOINTS.items() if one.needs_token)
NEEDS_SCOPE = sorted(name for name, one in ENDPOINTS.items() if one.scope)
READS_OF_PAGES = {
    "bc/get/": 50,
    "bc/asset/get/": 50,
    "bc/asset/admin/get/": 50,
    "bc/asset/member/get/": 20,
    "bc/asset/partner/get/": 50,
    "bc/partner/get/": 50,
    "bc/partner/asset/get/": 50,
    "bc/member/get/": 20,
    "changelog/get/": 50,
}


def call(tiktok: Client, name: str, token: str | None = None, **params):
    method = tiktok.get if "GET" in ENDPOINTS[name].methods else tiktok.post
    return method(name, token, **params)


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_it_answers_404_without_the_trailing_slash(tiktok: Client, name: str):
    assert tiktok.get(name.rstrip("/")).status == 404
    assert tiktok.post(name.rstrip("/")).status == 404


@pytest.mark.parametrize("path", ["", "bc/nothing/", "../_control/", "bc//get/"])
def test_it_answers_404_for_unknown_paths(tiktok: Client, path: str):
    answer = tiktok.get(path)
    assert (answer.status, answer.text) == (404, "404 page not found")


@pytest.mark.parametrize("name", sorted(set(ENDPOINTS) - {"user/info/"}))
def test_it_answers_405_for_the_wrong_method(tiktok: Client, name: str):
    is_read = "GET" in ENDPOINTS[name].methods
    answer = (tiktok.post if is_read else tiktok.get)(name)
    assert answer.status == 405
    assert answer.headers["allow"] == ("GET" if is_read else "POST")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_it_answers_405_for_other_methods(tiktok: Client, method: str):
    assert tiktok.send(method, "/open_api/v1.3/bc/get/").status == 405


@pytest.mark.parametrize("name", NEEDS_TOKEN)
def test_it_answers_40104_without_a_token(tiktok: Client, name: str):
    answer = call(tiktok, name)
    assert (answer.status, answer.code) == (200, 40104)


@pytest.mark.parametrize("name", NEEDS_TOKEN)
def test_it_answers_40105_for_a_wrong_token(tiktok: Client, name: str):
    answer = call(tiktok, name, "wrong")
    assert (answer.status, answer.code) == (200, 40105)


def test_it_does_not_take_a_bearer_token(tiktok: Client, sofia: str):
    headers = {"Authorization": f"Bearer {sofia}"}
    path = "/open_api/v1.3/bc/get/"
    assert tiktok.send("GET", path, headers=headers).code == 40104


@pytest.mark.parametrize("name", NEEDS_SCOPE)
def test_it_answers_40001_without_the_scope(tiktok: Client, name: str):
    held = [s for s in tiktok.see("app")["scopes"] if s != ENDPOINTS[name].scope]
    answer = call(tiktok, name, tiktok.token("sofia", scopes=held))
    assert answer.code == 40001
    assert str(ENDPOINTS[name].scope) in answer.json["message"]


@pytest.mark.parametrize("name", NEEDS_SCOPE)
@pytest.mark.parametrize("parent", [True, False])
def test_it_lets_a_parent_scope_grant_its_children(
    tiktok: Client, name: str, parent: bool
):
    token = tiktok.token("sofia", scopes=[1] if parent else [18000000])
    message = call(tiktok, name, token).json["message"]
    assert ("lacks permission" in message) is not parent


@pytest.mark.parametrize(("name", "most"), READS_OF_PAGES.items())
def test_it_refuses_a_page_size_over_the_maximum(
    tiktok: Client, sofia: str, halden: str, name: str, most: int
):
    params = {
        "bc_id": halden,
        "asset_type": "ADVERTISER",
        "asset_id": "7301846225110446081",
        "partner_id": AGENCY,
        "share_type": "SHARING",
    }
    answer = tiktok.get(name, sofia, **params, page_size=most + 1)
    assert (answer.status, answer.code) == (200, 40002)
    assert "page_size" in answer.json["message"]
    page = tiktok.get(name, sofia, **params, page_size=most).data["page_info"]
    assert (page["page"], page["page_size"]) == (1, most)


@pytest.mark.parametrize(
    "params",
    [
        {"page": "0"},
        {"page": "-1"},
        {"page": "one"},
        {"page": "1.5"},
        {"page_size": "0"},
        {"page": "9" * 5000},
        {"bc_id": "abc"},
        {"bc_id": "1" * 21},
        {"bc_id": "²"},
    ],
)
def test_it_names_the_bad_parameter(tiktok: Client, sofia: str, params: dict[str, str]):
    answer = tiktok.get("bc/get/", sofia, **params)
    assert (answer.status, answer.code) == (200, 40002)
    assert next(iter(params)) in answer.json["message"]


@pytest.mark.parametrize(
    "ids",
    ["7001", "[7001]", '"7001"', "7001,7002", "[", "[" * 9000, "{}", "[]", '[""]'],
)
def test_it_takes_lists_as_json_text_of_strings_only(
    tiktok: Client, sofia: str, ids: str
):
    assert tiktok.get("advertiser/info/", sofia, advertiser_ids=ids).code == 40002


@pytest.mark.parametrize("filtering", ["relation_type", "[]", '{"relation_type":1}'])
def test_it_takes_filtering_as_a_json_object_only(
    tiktok: Client, sofia: str, halden: str, filtering: str
):
    answer = tiktok.get(
        "bc/asset/admin/get/",
        sofia,
        bc_id=halden,
        asset_type="ADVERTISER",
        filtering=filtering,
    )
    assert answer.code == 40002


@pytest.mark.parametrize("bc_id", [6001, None, "", ["6001"], True])
def test_it_takes_ids_as_strings_in_a_body(tiktok: Client, sofia: str, bc_id: object):
    assert tiktok.post("bc/partner/add/", sofia, bc_id=bc_id).code == 40002


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", ""),
        ("application/json", b"\xff"),
        ("application/json", "[" * 100_000),
        ("text/plain", "{}"),
        ("application/x-www-form-urlencoded", "bc_id=1"),
        ("", "{}"),
    ],
)
def test_it_takes_json_bodies_only(
    tiktok: Client, sofia: str, kind: str, body: str | bytes
):
    headers = {"Access-Token": sofia, "Content-Type": kind}
    path = "/open_api/v1.3/bc/partner/add/"
    answer = tiktok.send("POST", path, body=body, headers=headers)
    assert (answer.status, answer.code) == (200, 40002)


def test_it_answers_in_the_envelope_with_a_log_id(tiktok: Client, sofia: str):
    answer = tiktok.get("bc/get/", sofia)
    assert list(answer.json) == ["code", "message", "request_id", "data"]
    assert answer.headers["x-tt-logid"] == answer.json["request_id"]
    assert answer.headers["content-type"] == "application/json"


def test_it_keeps_the_envelope_in_errors(tiktok: Client):
    answer = tiktok.get("bc/get/")
    assert answer.json["data"] == {}
    assert answer.headers["x-tt-logid"] == answer.json["request_id"]


def test_it_gives_scopes_as_numbers_and_ids_as_long_text(tiktok: Client):
    answer = tiktok.post(
        "oauth2/access_token/", **tiktok.app(), auth_code=tiktok.code("sofia")
    )
    assert "7153155400966176769]" in answer.text
    assert all(int(one) > 2**53 for one in answer.data["advertiser_ids"])


def test_it_pages_to_the_end(tiktok: Client):
    token, bc_id = tiktok.token("greta"), tiktok.center("Vance Motors")
    seen: list[str] = []
    for page in (1, 2, 3, 4):
        data = tiktok.get(
            "bc/asset/admin/get/",
            token,
            bc_id=bc_id,
            asset_type="ADVERTISER",
            page=page,
            page_size=50,
        ).data
        seen += [row["asset_id"] for row in data["list"]]
        assert data["page_info"] == {
            "page": page,
            "page_size": 50,
            "total_number": 130,
            "total_page": 3,
        }
    assert len(seen) == len(set(seen)) == 130


def test_it_uses_ten_rows_a_page_by_default(tiktok: Client):
    data = tiktok.get(
        "bc/asset/get/",
        tiktok.token("greta"),
        bc_id=tiktok.center("Vance Motors"),
        asset_type="ADVERTISER",
    ).data
    assert len(data["list"]) == data["page_info"]["page_size"] == 10


def test_it_redacts_every_secret_name():
    values = {"secret": "a", "Access-Token": "b", "auth_code": "c", "bc_id": "d"}
    assert [v.startswith("sha256:") for v in redact(values).values()] == [
        True,
        True,
        True,
        False,
    ]
