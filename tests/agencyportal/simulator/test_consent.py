from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.agencyportal.simulator.client import CLIENT_URI, Answer, Client

STATE = "a b&c=d/é"


def ask(tiktok: Client, **more: str) -> dict[str, str]:
    app_id = tiktok.see("app")["app_id"]
    return {"app_id": app_id, "redirect_uri": CLIENT_URI, "state": STATE} | more


def show(tiktok: Client, **more: str) -> Answer:
    return tiktok.send("GET", f"/portal/auth?{urlencode(ask(tiktok, **more))}")


def press(tiktok: Client, decision: str = "authorize", **more: object) -> Answer:
    scopes = [str(scope) for scope in tiktok.see("app")["scopes"]]
    values = {"person": "sofia", "scope": scopes, "decision": decision}
    return tiktok.form("/portal/auth", ask(tiktok) | values | more)


def follow(tiktok: Client, answer: Answer) -> tuple[list[str], dict[str, list[str]]]:
    """Follow redirects inside the simulator; return the stops and the last query."""
    stops = []
    while True:
        assert answer.status == 302, answer.text
        target = answer.headers["location"]
        stops.append(target)
        if target.startswith(CLIENT_URI):
            return stops, parse_qs(urlsplit(target).query, keep_blank_values=True)
        answer = tiktok.send("GET", target)


class TestPage:
    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"app_id": "1"}, "Unknown app"),
            ({"app_id": ""}, "Unknown app"),
            ({"redirect_uri": ""}, "not registered"),
            ({"redirect_uri": CLIENT_URI + "x"}, "not registered"),
            ({"redirect_uri": CLIENT_URI.rstrip("/")}, "not registered"),
            ({"redirect_uri": "https://elsewhere.example/"}, "not registered"),
        ],
    )
    def test_it_refuses_without_leaving(
        self, tiktok: Client, more: dict[str, str], words: str
    ):
        for answer in (show(tiktok, **more), press(tiktok, **more)):
            assert answer.status == 400
            assert words in answer.text
            assert "location" not in answer.headers

    def test_it_escapes_what_it_repeats(self, tiktok: Client):
        assert "<script>" not in show(tiktok, app_id="<script>").text
        assert "<script>" not in show(tiktok, state='"><script>').text

    def test_it_wants_a_person(self, tiktok: Client):
        answer = press(tiktok, person="nobody")
        assert answer.status == 400
        assert "Choose who you are signed in as" in answer.text

    def test_it_changes_nothing_when_read(self, tiktok: Client):
        show(tiktok)
        assert tiktok.see("world")["unused_codes"] == 0

    def test_it_offers_everybody_and_every_permission(self, tiktok: Client):
        answer = show(tiktok)
        assert answer.status == 200
        people = re.findall(r'name="person" value="([^"]+)"', answer.text)
        scopes = re.findall(r'name="scope" value="([^"]+)"', answer.text)
        assert sorted(people) == sorted(one["id"] for one in tiktok.see("people"))
        assert scopes == [str(scope) for scope in tiktok.see("app")["scopes"]]
        assert "Simulated TikTok" in answer.text
        assert "<script" not in answer.text

    @pytest.mark.parametrize(
        ("purpose", "first"), [("client", "sofia"), ("agency", "priya")]
    )
    def test_it_begins_with_the_people_the_address_is_for(
        self, tiktok: Client, purpose: str, first: str
    ):
        uri = CLIENT_URI.replace("client", purpose)
        people = re.findall(
            r'name="person" value="([^"]+)"', show(tiktok, redirect_uri=uri).text
        )
        assert people[0] == first

    def test_it_remembers_who_signed_in_last(self, tiktok: Client):
        cookie = press(tiktok).headers["set-cookie"].split(";")[0]
        query = urlencode(ask(tiktok))
        answer = tiktok.send("GET", f"/portal/auth?{query}", headers={"Cookie": cookie})
        checked = re.findall(r'value="([^"]+)" id="person-\w+" checked', answer.text)
        assert checked == ["sofia"]

    def test_it_survives_a_broken_cookie(self, tiktok: Client):
        query = urlencode(ask(tiktok))
        headers = {"Cookie": 'simulated_tiktok_person="\\'}
        answer = tiktok.send("GET", f"/portal/auth?{query}", headers=headers)
        assert answer.status == 200


class TestRefuse:
    def test_it_comes_back_with_the_state_alone(self, tiktok: Client):
        _, query = follow(tiktok, press(tiktok, "refuse"))
        assert query == {"state": [STATE]}
        assert tiktok.see("world")["unused_codes"] == 0

    def test_it_can_name_the_error(self, tiktok: Client):
        tiktok.switch(refusal_error=True)
        _, query = follow(tiktok, press(tiktok, "refuse"))
        assert query == {"error": ["access_denied"], "state": [STATE]}

    def test_it_needs_no_person(self, tiktok: Client):
        _, query = follow(tiktok, press(tiktok, "refuse", person=""))
        assert query == {"state": [STATE]}


class TestAuthorize:
    def test_it_hops_over_a_second_origin(self, tiktok: Client):
        stops, query = follow(tiktok, press(tiktok))
        origins = [stop[: stop.index("/", 8)] for stop in stops]
        simulator = tiktok.simulator
        assert origins == [
            simulator.second_url,
            simulator.base_url,
            "http://127.0.0.1:8000",
        ]
        assert list(query) == ["auth_code", "state"]
        assert query["state"] == [STATE]

    def test_it_gives_a_code_that_works(self, tiktok: Client):
        _, query = follow(tiktok, press(tiktok))
        answer = tiktok.post(
            "oauth2/access_token/", **tiktok.app(), auth_code=query["auth_code"][0]
        )
        token = answer.data["access_token"]
        assert tiktok.get("user/info/", token).data["display_name"] == "Sofia Halden"

    @pytest.mark.parametrize(
        ("value", "names"),
        [("both", ["auth_code", "code", "state"]), ("code", ["code", "state"])],
    )
    def test_it_can_name_the_code_otherwise(
        self, tiktok: Client, value: str, names: list[str]
    ):
        tiktok.switch(callback_code=value)
        _, query = follow(tiktok, press(tiktok))
        assert list(query) == names

    def test_it_finishes_a_sign_in_once(self, tiktok: Client):
        stops, _ = follow(tiktok, press(tiktok))
        again = tiktok.send("GET", stops[1])
        assert again.status == 400
        assert "location" not in again.headers

    def test_it_does_not_finish_what_was_not_begun(self, tiktok: Client):
        second = tiktok.simulator.second_url
        assert tiktok.send("GET", f"{second}/passport/return?ticket=x").status == 400
        assert tiktok.send("GET", "/portal/finish?ticket=x").status == 400

    def test_it_leaves_the_state_out_when_none_came(self, tiktok: Client):
        values = ask(tiktok) | {"person": "sofia", "decision": "authorize"}
        del values["state"]
        _, query = follow(tiktok, tiktok.form("/portal/auth", values))
        assert list(query) == ["auth_code"]

    def test_it_grants_only_the_ticked_permissions(self, tiktok: Client):
        _, query = follow(tiktok, press(tiktok, scope=["100", "150", "999"]))
        answer = tiktok.post(
            "oauth2/access_token/", **tiktok.app(), auth_code=query["auth_code"][0]
        )
        assert answer.data["scope"] == [100, 150]

    def test_it_lets_a_person_withhold_a_permission(self, tiktok: Client):
        _, query = follow(tiktok, press(tiktok, person="yusuf"))
        answer = tiktok.post(
            "oauth2/access_token/", **tiktok.app(), auth_code=query["auth_code"][0]
        )
        assert 155 not in answer.data["scope"]
        assert 150 in answer.data["scope"]

    def test_it_can_ask_which_accounts(self, tiktok: Client):
        tiktok.switch(consent_accounts="pick")
        page = press(tiktok)
        assert page.status == 200
        offered = re.findall(r'name="account" checked value="(\d+)"', page.text)
        assert len(offered) == 5
        _, query = follow(
            tiktok, press(tiktok, picked="1", account=["7326644102937714689"])
        )
        answer = tiktok.post(
            "oauth2/access_token/", **tiktok.app(), auth_code=query["auth_code"][0]
        )
        assert answer.data["advertiser_ids"] == ["7326644102937714689"]


def test_it_serves_nothing_else_on_the_second_origin(tiktok: Client):
    second = tiktok.simulator.second_url
    for path in ("/", "/portal/auth", "/_control/", "/open_api/v1.3/bc/get/"):
        assert tiktok.send("GET", second + path).status == 404
