from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from agencyportal.simulator.scenarios import CREATORS
from tests.agencyportal.simulator.client import CREATOR_URI, Answer, Client

SCOPES = "user.info.basic,video.list,biz.spark.auth"
PATH = "/v2/auth/authorize"


def asked(tiktok: Client, **more: str) -> dict[str, str]:
    return {
        "client_key": tiktok.see("app")["app_id"],
        "scope": SCOPES,
        "response_type": "code",
        "redirect_uri": CREATOR_URI,
        "state": "st&te",
        **more,
    }


def open_page(tiktok: Client, cookie: str = "", **more: str) -> Answer:
    headers = {"Cookie": cookie} if cookie else {}
    url = f"{PATH}?{urlencode(asked(tiktok, **more))}"
    return tiktok.send("GET", url, headers=headers)


def end_of(tiktok: Client, answer: Answer) -> dict[str, list[str]]:
    """Follow the hop over the second origin; return what the app would get."""
    for _ in range(3):
        assert answer.status == 302, answer.text
        location = answer.headers["location"]
        if location.startswith(CREATOR_URI):
            return parse_qs(urlsplit(location).query)
        answer = tiktok.send("GET", location)
    raise AssertionError("never left")


def press(tiktok: Client, decision: str, **more: object) -> Answer:
    values = asked(tiktok) | {"creator": "aino", "decision": decision}
    return tiktok.form(PATH, values | more)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"client_key": "1"}, "Unknown app"),
        ({"redirect_uri": "https://other.example/"}, "not registered"),
        ({"response_type": "token"}, "response_type"),
    ],
)
def test_it_never_redirects_for_a_wrong_app_or_address(
    tiktok: Client, wrong: dict[str, str], told: str
):
    answer = open_page(tiktok, **wrong)
    assert answer.status == 400
    assert told in answer.text


def test_it_can_insist_on_tiktoks_rule_for_addresses(tiktok: Client):
    tiktok.switch(creator_redirect_rule=True)
    assert "must be https" in open_page(tiktok).text
    uri = "https://portal.example/connect/creator/tiktok/"
    tiktok.control("app", redirect_uris=[uri])
    assert open_page(tiktok, redirect_uri=uri).status == 200


def test_a_scope_the_app_lacks_fails_the_whole_page(tiktok: Client):
    told = end_of(tiktok, open_page(tiktok, scope="video.list,message.list.read"))
    assert told["error"] == ["invalid_scope"]
    assert told["state"] == ["st&te"]


def test_it_refuses_a_consent_without_a_tick_or_a_person(tiktok: Client):
    assert "at least one tick" in press(tiktok, "allow", granted=[]).text
    answer = press(tiktok, "allow", granted=["video.list"], creator="nobody")
    assert "Choose which account" in answer.text


def test_a_refusal_comes_back_with_its_error(tiktok: Client):
    told = end_of(tiktok, press(tiktok, "refuse"))
    assert told["error"] == ["access_denied"]
    assert "code" not in told


def test_it_grants_what_stays_ticked(tiktok: Client):
    ticked = ["biz.spark.auth", "user.info.basic", "user.info.profile"]
    told = end_of(tiktok, press(tiktok, "allow", granted=ticked))
    assert told["scopes"] == ["user.info.basic,biz.spark.auth"]
    assert told["state"] == ["st&te"]
    assert told["code"]


def test_who_granted_the_same_is_sent_on_without_a_code(tiktok: Client):
    tiktok.pair("aino", scopes=SCOPES.split(","))
    cookie = "simulated_tiktok_creator=aino"
    assert end_of(tiktok, open_page(tiktok, cookie)) == {"state": ["st&te"]}
    assert open_page(tiktok, cookie, disable_auto_auth="1").status == 200
    assert open_page(tiktok, cookie, scope="user.info.username").status == 200
    tiktok.control("creators/withdraw", creator="aino")
    assert open_page(tiktok, cookie).status == 200


def test_who_granted_the_same_can_come_back_with_a_code(tiktok: Client):
    tiktok.switch(creator_skips_with_code=True)
    tiktok.pair("aino", scopes=SCOPES.split(","))
    told = end_of(tiktok, open_page(tiktok, "simulated_tiktok_creator=aino"))
    assert told["code"]


@pytest.mark.parametrize("one", CREATORS, ids=lambda one: one.name)
def test_it_plays_each_creator_in_world_demo(tiktok: Client, one):
    creator = next(c for c in tiktok.see("creators") if c["slug"] == one.person)
    assert creator["scenario"] == one.name
    assert one.sentence.endswith(".")
    assert f"@{creator['username']}" in open_page(tiktok).text
    answer = tiktok.control("creators/consent", creator=one.person)
    told = parse_qs(urlsplit(answer.json["location"]).query)
    assert ("error" in told) == (one.button == "refuse")
