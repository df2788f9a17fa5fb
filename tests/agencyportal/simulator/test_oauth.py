from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.agencyportal.simulator.client import Client


def exchange(tiktok: Client, code: str, **params: object):
    values = tiktok.app() | {"auth_code": code} | params
    return tiktok.post("oauth2/access_token/", **values)


def is_alive(tiktok: Client, token: str) -> bool:
    return tiktok.get("user/info/", token).code == 0


def test_it_refuses_an_unknown_code(tiktok: Client):
    assert exchange(tiktok, "nothing").code == 40110


def test_it_uses_a_code_once(tiktok: Client):
    code = tiktok.code("sofia")
    assert exchange(tiktok, code).code == 0
    assert exchange(tiktok, code).code == 40110


def test_it_uses_a_code_once_among_fifty(tiktok: Client):
    code = tiktok.code("sofia")
    with ThreadPoolExecutor(50) as pool:
        codes = list(pool.map(lambda _: exchange(tiktok, code).code, range(50)))
    assert sorted(codes) == [0] + [40110] * 49
    assert len(tiktok.see("tokens")) == 1


@pytest.mark.parametrize(("seconds", "code"), [(3500, 0), (3600, 40110)])
def test_it_lets_a_code_live_one_hour(tiktok: Client, seconds: int, code: int):
    value = tiktok.code("sofia")
    tiktok.control("clock", advance_seconds=seconds)
    assert exchange(tiktok, value).code == code


def test_it_refuses_a_wrong_secret_and_keeps_the_code(tiktok: Client):
    code = tiktok.code("sofia")
    assert exchange(tiktok, code, secret="wrong").code == 40101
    assert exchange(tiktok, code).code == 0


def test_it_refuses_text_that_utf8_cannot_hold(tiktok: Client):
    body = '{"app_id": "1", "secret": "\\ud800", "auth_code": "1"}'
    path = "/open_api/v1.3/oauth2/access_token/"
    headers = {"Content-Type": "application/json"}
    assert tiktok.send("POST", path, body=body, headers=headers).code == 40002


def test_it_refuses_an_unknown_app(tiktok: Client):
    assert exchange(tiktok, tiktok.code("sofia"), app_id="1").code == 40113


@pytest.mark.parametrize("name", ["app_id", "secret", "auth_code"])
def test_it_requires_every_field(tiktok: Client, name: str):
    answer = exchange(tiktok, tiktok.code("sofia"), **{name: ""})
    assert answer.code == 40002
    assert name in answer.json["message"]


def test_it_gives_a_token_with_accounts_and_scopes(tiktok: Client):
    data = exchange(tiktok, tiktok.code("sofia")).data
    assert set(data) == {"access_token", "advertiser_ids", "scope"}
    assert len(data["advertiser_ids"]) == 5


def test_it_leaves_accounts_out_when_told(tiktok: Client):
    code = tiktok.code("sofia")
    answer = exchange(tiktok, code, return_advertiser_ids=False)
    assert answer.data["advertiser_ids"] == []


class TestOauthToken:
    def ask(self, tiktok: Client, **more: str):
        app = tiktok.app()
        values = {
            "client_id": app["app_id"],
            "client_secret": app["secret"],
            "code": tiktok.code("sofia"),
            "grant_type": "authorization_code",
        }
        return values | more

    def test_it_refuses_another_grant_type(self, tiktok: Client):
        values = self.ask(tiktok, grant_type="refresh_token")
        assert tiktok.post("oauth/token/", **values).code == 40108

    def test_it_takes_json(self, tiktok: Client):
        assert tiktok.post("oauth/token/", **self.ask(tiktok)).data["access_token"]

    def test_it_takes_a_form(self, tiktok: Client):
        answer = tiktok.form("/open_api/v1.3/oauth/token/", self.ask(tiktok))
        assert answer.data["access_token"]

    def test_it_can_put_fields_at_top_level(self, tiktok: Client):
        tiktok.switch(oauth_token_shape="top")
        answer = tiktok.post("oauth/token/", **self.ask(tiktok)).json
        assert answer["code"] == 0
        assert "data" not in answer
        assert answer["access_token"]


class TestReauthorization:
    def test_it_can_give_the_same_token(self, tiktok: Client):
        tiktok.switch(reauthorization="same")
        assert tiktok.token("sofia") == tiktok.token("sofia")

    def test_it_can_keep_the_old_token_alive(self, tiktok: Client):
        tiktok.switch(reauthorization="new_old_alive")
        old, new = tiktok.token("sofia"), tiktok.token("sofia")
        assert old != new
        assert is_alive(tiktok, old)
        assert is_alive(tiktok, new)

    def test_it_can_kill_the_old_token(self, tiktok: Client):
        tiktok.switch(reauthorization="new_old_dead")
        old, new = tiktok.token("sofia"), tiktok.token("sofia")
        assert not is_alive(tiktok, old)
        assert is_alive(tiktok, new)

    def test_it_never_touches_another_login(self, tiktok: Client):
        tiktok.switch(reauthorization="new_old_dead")
        other = tiktok.token("priya")
        tiktok.token("sofia")
        assert is_alive(tiktok, other)

    def test_it_does_not_bring_a_dead_token_back(self, tiktok: Client):
        tiktok.switch(reauthorization="same")
        old = tiktok.token("sofia")
        tiktok.control("tokens/revoke", person="sofia")
        assert tiktok.token("sofia") != old

    def test_it_takes_the_newest_scopes_on_the_same_token(self, tiktok: Client):
        tiktok.switch(reauthorization="same")
        token = tiktok.token("sofia", scopes=[100])
        assert tiktok.get("bc/get/", token).code == 40001
        tiktok.token("sofia")
        assert tiktok.get("bc/get/", token).code == 0


class TestAdvertiserGet:
    def test_it_needs_the_apps_secret_too(self, tiktok: Client, sofia: str):
        values = tiktok.app() | {"secret": "wrong"}
        assert tiktok.get("oauth2/advertiser/get/", sofia, **values).code == 40101

    def test_it_lists_every_reachable_account(self, tiktok: Client, sofia: str):
        rows = tiktok.get("oauth2/advertiser/get/", sofia, **tiktok.app()).list
        assert len(rows) == 5
        assert {"advertiser_id", "advertiser_name"} == set(rows[0])

    def test_it_has_no_pages(self, tiktok: Client):
        token = tiktok.token("greta")
        data = tiktok.get("oauth2/advertiser/get/", token, **tiktok.app()).data
        assert len(data["list"]) == 130
        assert "page_info" not in data

    def test_it_stays_inside_the_accounts_consented_to(self, tiktok: Client):
        token = tiktok.token("sofia", advertiser_ids=["7326644102937714689"])
        rows = tiktok.get("oauth2/advertiser/get/", token, **tiktok.app()).list
        assert [row["advertiser_name"] for row in rows] == ["Halden UK"]


class TestRevoke:
    def test_it_refuses_a_wrong_token(self, tiktok: Client):
        values = tiktok.app() | {"access_token": "wrong"}
        assert tiktok.post("oauth2/revoke_token/", **values).code == 40105

    def test_it_needs_the_secret(self, tiktok: Client, sofia: str):
        values = tiktok.app() | {"access_token": sofia, "secret": "wrong"}
        assert tiktok.post("oauth2/revoke_token/", **values).code == 40101
        assert is_alive(tiktok, sofia)

    def test_it_kills_the_token_once(self, tiktok: Client, sofia: str):
        values = tiktok.app() | {"access_token": sofia}
        data = tiktok.post("oauth2/revoke_token/", **values).data
        assert data["app_id"] == values["app_id"]
        assert len(data["advertiser_ids"]) == 5
        assert not is_alive(tiktok, sofia)
        assert tiktok.post("oauth2/revoke_token/", **values).code == 40105
