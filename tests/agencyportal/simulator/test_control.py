from __future__ import annotations

import json

import pytest

from agencyportal.simulator.control import CONTROLS
from agencyportal.simulator.switches import SWITCHES
from tests.agencyportal.simulator.client import AGENCY, CLIENT_URI, Client

NORDICS = "7301846225110446081"
POSTS = sorted(one.path for one in CONTROLS if one.method == "POST")
GETS = sorted(one.path for one in CONTROLS if one.method == "GET")


class TestRefusals:
    @pytest.mark.parametrize("path", POSTS)
    def test_it_takes_json_only(self, tiktok: Client, path: str):
        for kind in ("", "text/plain", "application/x-www-form-urlencoded"):
            headers = {"Content-Type": kind}
            answer = tiktok.send("POST", path, body="{}", headers=headers)
            assert answer.status == 400
            assert answer.json["error"]

    def test_it_names_what_it_does_not_know(self, tiktok: Client):
        for name in ("nothing", "world/more", ""):
            assert tiktok.control(name).status == 404
        assert tiktok.send("GET", "/_control").status == 404

    def test_it_names_the_right_method(self, tiktok: Client):
        answer = tiktok.control("world")
        assert (answer.status, answer.json["error"]) == (405, "Use GET here.")

    @pytest.mark.parametrize(
        ("name", "values", "status"),
        [
            ("consent", {}, 400),
            ("consent", {"person": "nobody"}, 404),
            ("consent", {"person": "sofia", "redirect_uri": "http://x/"}, 400),
            ("consent", {"person": "sofia", "scopes": ["150"]}, 400),
            ("consent", {"person": "sofia", "scopes": 150}, 400),
            ("people", {"id": "sofia", "name": "S", "email": "s@a.example"}, 400),
            ("people", {"id": "../x", "name": "S", "email": "s@a.example"}, 400),
            (
                "people",
                {"id": "new", "name": "S", "email": "s@a.b", "scenario": "none"},
                400,
            ),
            ("people/nobody", {"scenario": "happy"}, 404),
            ("people/sofia", {"scenario": "none"}, 400),
            ("people/priya", {"scenario": "happy"}, 400),
            ("people/sofia", {"reauthorization": "never"}, 400),
            ("people/sofia", {"withheld_scopes": "155"}, 400),
            ("centers", {"name": "Northlight Agency"}, 400),
            ("centers", {"name": "New", "admins": ["nobody"]}, 404),
            ("centers/1", {"shares_wait": True}, 404),
            (f"centers/{AGENCY}", {"shares_wait": "yes"}, 400),
            ("accounts", {"name": "New"}, 400),
            ("accounts", {"name": "New", "bc_id": AGENCY, "person": "sofia"}, 400),
            ("accounts", {"name": "Halden UK", "bc_id": AGENCY}, 400),
            ("accounts/1", {"status": "STATUS_LIMIT"}, 404),
            (f"accounts/{NORDICS}", {"relation_status": "LOST"}, 400),
            ("members/accept", {"bc_id": AGENCY, "email": "x@a.example"}, 404),
            ("shares/accept", {"giver": "1", "receiver": "2"}, 404),
            ("shares/undo", {"giver": "1"}, 400),
            ("tokens/revoke", {"person": "nobody"}, 404),
            ("reset", {"world": "none"}, 400),
            ("clock", {"advance_seconds": -1}, 400),
            ("app", {"redirect_uris": CLIENT_URI}, 400),
        ],
    )
    def test_it_says_what_is_wrong_and_changes_nothing(
        self, tiktok: Client, name: str, values: dict[str, object], status: int
    ):
        before = tiktok.see("world")
        answer = tiktok.control(name, **values)
        assert answer.status == status
        assert answer.json["error"]
        after = tiktok.see("world")
        assert before | {"now": 0} == after | {"now": 0}

    @pytest.mark.parametrize(
        "values",
        [
            {"nothing": True},
            {"receiver_must_accept": "yes"},
            {"receiver_must_accept": 1},
            {"share_again": "maybe"},
            {"share_visible_after_reads": True},
            {"share_visible_after_reads": -1},
            {"not_owner_code": 40007},
            {"refusal_error": True, "share_again": "maybe"},
        ],
    )
    def test_it_sets_all_switches_or_none(
        self, tiktok: Client, values: dict[str, object]
    ):
        before = tiktok.see("switches")
        assert tiktok.control("switches", **values).status == 400
        assert tiktok.see("switches") == before


class TestDocument:
    def test_it_documents_every_control(self, tiktok: Client):
        document = tiktok.see("")
        told = {(one["method"], one["path"]) for one in document["controls"]}
        assert told == {(one.method, one.path) for one in CONTROLS}
        assert all(one["does"] for one in document["controls"])

    def test_it_documents_switches_worlds_scenarios_and_counters(self, tiktok: Client):
        document = tiktok.see("")
        assert set(document["switches"]) == set(SWITCHES)
        assert set(document["worlds"]) == {"agency", "demo"}
        assert all(document["worlds"].values())
        assert {one["person"] for one in document["scenarios"]} <= {
            one["id"] for one in document["people"]
        }
        assert "bc/partner/add/" in document["counters"]["names"]
        assert document["addresses"]["api"].endswith("/open_api/v1.3/")
        assert document["app"]["redirect_uris"]

    @pytest.mark.parametrize("path", [path for path in GETS if "<" not in path])
    def test_it_shows_every_view(self, tiktok: Client, path: str):
        assert tiktok.send("GET", path).status == 200

    @pytest.mark.parametrize("name", sorted(SWITCHES))
    def test_it_has_a_default_that_its_switch_accepts(self, name: str):
        assert SWITCHES[name].accepts(SWITCHES[name].default)


class TestSecrets:
    def test_it_never_shows_a_token_or_a_code(self, tiktok: Client):
        unused = tiktok.code("sofia")
        code = tiktok.code("sofia")
        app = tiktok.app()
        token = tiktok.post("oauth2/access_token/", **app, auth_code=code).data[
            "access_token"
        ]
        tiktok.get("bc/get/", token)
        tiktok.get("oauth2/advertiser/get/", token, **app)
        tiktok.post("oauth2/revoke_token/", **app, access_token=token)
        for path in (*GETS, "/_control/"):
            text = tiktok.send("GET", path).text
            assert not any(secret in text for secret in (unused, code, token))
        assert app["secret"] not in json.dumps(tiktok.see("requests"))

    def test_it_names_a_token_alike_everywhere(self, tiktok: Client, sofia: str):
        tiktok.get("bc/get/", sofia)
        mark = tiktok.see("tokens")[0]["fingerprint"]
        assert tiktok.see("requests?last=1")[0]["token"] == mark


class TestCounters:
    def test_it_counts_calls_and_errors(self, tiktok: Client, sofia: str):
        tiktok.control("counters/reset")
        tiktok.get("bc/get/", sofia)
        tiktok.get("bc/get/", "wrong")
        tiktok.post("bc/get/", sofia)
        tiktok.get("bc/get")
        assert tiktok.see("counters") == {
            "(unknown path)": {"calls": 1, "errors": 1},
            "bc/get/": {"calls": 3, "errors": 2},
        }

    def test_it_keeps_the_last_requests(self, tiktok: Client, sofia: str):
        answer = tiktok.get("bc/get/", sofia, page_size=5)
        record = tiktok.see("requests?last=1")[0]
        assert record["params"] == {"page_size": "5"}
        assert record["log_id"] == answer.json["request_id"]
        assert (record["status"], record["code"]) == (200, 0)
        assert tiktok.see("requests?last=0") == []


class TestLevers:
    def test_it_mints_a_consent(self, tiktok: Client):
        answer = tiktok.control(
            "consent", person="sofia", redirect_uri=CLIENT_URI, state="a&b"
        )
        location = answer.json["location"]
        assert location.startswith(f"{CLIENT_URI}?auth_code=")
        assert location.endswith("&state=a%26b")

    def test_it_mints_the_refusal_of_a_person_who_refuses(self, tiktok: Client):
        answer = tiktok.control("consent", person="ruth", state="s")
        assert "code=" not in answer.json["location"]
        answer = tiktok.control("consent", person="ruth", refuse=False)
        assert "auth_code=" in answer.json["location"]

    def test_it_registers_another_redirect_address(self, tiktok: Client):
        uri = "https://portal.example/back/?a=b"
        assert tiktok.control("app", redirect_uris=[uri]).status == 200
        location = tiktok.control("consent", person="sofia").json["location"]
        assert location.startswith(f"{uri}&auth_code=")

    def test_it_changes_the_apps_permissions(self, tiktok: Client):
        tiktok.control("app", scopes=[15])
        assert tiktok.get("bc/get/", tiktok.token("sofia")).code == 0

    def test_it_adds_people_centers_and_accounts(self, tiktok: Client):
        person = tiktok.control("people", id="new", name="N", email="n@a.example")
        assert person.json["scenario"] == ""
        center = tiktok.control(
            "centers", name="New", admins=["new"], standards=["sofia"]
        ).json
        account = tiktok.control("accounts", name="New One", bc_id=center["bc_id"]).json
        held = tiktok.held(tiktok.token("new"), center["bc_id"])
        assert list(held) == [account["advertiser_id"]]
        tiktok.control("accounts", name="New Two", person="new")
        rows = tiktok.get(
            "oauth2/advertiser/get/", tiktok.token("new"), **tiktok.app()
        ).list
        assert [row["advertiser_name"] for row in rows] == ["New One", "New Two"]

    def test_it_undoes_a_share(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        tiktok.share(sofia, halden, [NORDICS])
        values = {"giver": halden, "receiver": AGENCY, "asset_ids": [NORDICS]}
        assert tiktok.control("shares/undo", **values).status == 200
        assert tiktok.shared(priya, halden) == {}

    def test_it_revokes_every_token_of_a_person(
        self, tiktok: Client, sofia: str, priya: str
    ):
        tiktok.control("tokens/revoke", person="sofia")
        assert tiktok.get("bc/get/", sofia).code == 40105
        assert tiktok.get("bc/get/", priya).code == 0

    def test_it_finds_a_person_by_user_id(self, tiktok: Client, sofia: str):
        user_id = tiktok.get("user/info/", sofia).data["core_user_id"]
        assert tiktok.control("consent", person=user_id).status == 200

    def test_it_resets_world_switches_and_counters(self, tiktok: Client, sofia: str):
        tiktok.switch(refusal_error=True)
        assert tiktok.control("reset", world="agency").json == {"world": "agency"}
        assert tiktok.see("counters") == {}
        assert tiktok.see("switches")["refusal_error"]["value"] is False
        assert [one["id"] for one in tiktok.see("people")] == ["priya", "mira", "jonas"]
        assert tiktok.get("bc/get/", sofia).code == 40105
