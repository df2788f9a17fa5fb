from __future__ import annotations

import pytest

from agencyportal.simulator.traffic import Traffic
from tests.agencyportal.simulator.client import CREATOR_URI, Client


def exchange(tiktok: Client, code: str, **params: str):
    values = {
        **tiktok.app_as_client(),
        "grant_type": "authorization_code",
        "auth_code": code,
        "redirect_uri": CREATOR_URI,
    }
    return tiktok.post("tt_user/oauth2/token/", **(values | params))


def info(tiktok: Client, token: str):
    app_id = tiktok.see("app")["app_id"]
    return tiktok.post("tt_user/token_info/get/", app_id=app_id, access_token=token)


class TestCode:
    def test_it_refuses_an_unknown_code(self, tiktok: Client):
        assert exchange(tiktok, "nothing").code == 40110

    def test_it_uses_a_code_once(self, tiktok: Client):
        code = tiktok.creator_code("aino")
        assert exchange(tiktok, code).code == 0
        assert exchange(tiktok, code).code == 40110

    def test_it_refuses_another_return_address(self, tiktok: Client):
        code = tiktok.creator_code("aino")
        assert exchange(tiktok, code, redirect_uri="https://x.example/").code == 40110

    @pytest.mark.parametrize(("seconds", "code"), [(500, 0), (600, 40110)])
    def test_it_lets_a_code_live_ten_minutes(
        self, tiktok: Client, seconds: int, code: int
    ):
        value = tiktok.creator_code("aino")
        tiktok.control("clock", advance_seconds=seconds)
        assert exchange(tiktok, value).code == code

    def test_it_refuses_another_grant_type(self, tiktok: Client):
        code = tiktok.creator_code("aino")
        assert exchange(tiktok, code, grant_type="refresh_token").code == 40108

    def test_it_needs_the_apps_secret(self, tiktok: Client):
        code = tiktok.creator_code("aino")
        assert exchange(tiktok, code, client_secret="wrong").code == 40101

    def test_it_gives_a_pair_with_its_lives(self, tiktok: Client):
        data = exchange(tiktok, tiktok.creator_code("aino")).data
        assert data["expires_in"] == 86400
        assert data["refresh_token_expires_in"] == 31536000
        assert data["token_type"] == "Bearer"
        assert "biz.spark.auth" in data["scope"].split(",")

    def test_it_can_keep_the_lives_to_itself(self, tiktok: Client):
        tiktok.switch(refresh_tells_expiry=False)
        data = tiktok.pair("aino")
        assert not {"expires_in", "refresh_token_expires_in"} & set(data)

    def test_it_gives_what_the_creator_left_ticked(self, tiktok: Client):
        data = tiktok.pair("nora", scopes=["biz.spark.auth", "video.list"])
        assert data["scope"] == "biz.spark.auth"


class TestRefresh:
    def test_it_refuses_a_token_nobody_gave(self, tiktok: Client):
        for token in ("nothing", "rft.1.2", "act.1.2"):
            assert tiktok.refresh(token).code == 40107

    @pytest.mark.parametrize("code", [40103, 40110, 40131])
    def test_it_can_say_so_in_another_code(self, tiktok: Client, code: int):
        tiktok.switch(dead_refresh_code=code)
        assert tiktok.refresh("nothing").code == code

    def test_it_refuses_a_token_whose_year_is_over(self, tiktok: Client):
        tiktok.switch(creator_refresh_seconds=1000)
        token = tiktok.pair("aino")["refresh_token"]
        tiktok.control("clock", advance_seconds=1000)
        assert tiktok.refresh(token).code == 40103

    def test_it_counts_the_year_down(self, tiktok: Client):
        token = tiktok.pair("aino")["refresh_token"]
        tiktok.control("clock", advance_seconds=8686)
        left = tiktok.refresh(token).data["refresh_token_expires_in"]
        assert 31527300 < left <= 31527314

    def test_it_can_say_thirty_days_always(self, tiktok: Client):
        tiktok.switch(refresh_expiry="fixed")
        token = tiktok.pair("aino")["refresh_token"]
        tiktok.control("clock", advance_seconds=8686)
        assert tiktok.refresh(token).data["refresh_token_expires_in"] == 2592000

    def test_without_rotation_one_token_renews_for_ever(self, tiktok: Client):
        first = tiktok.pair("aino")
        second = tiktok.refresh(first["refresh_token"]).data
        assert second["refresh_token"] == first["refresh_token"]
        assert second["access_token"] != first["access_token"]
        assert tiktok.see("refreshes")["reused"] == 0

    def test_a_replaced_token_answers_for_a_minute_more(self, tiktok: Client):
        tiktok.switch(refresh_rotation="grace")
        old = tiktok.pair("aino")["refresh_token"]
        new = tiktok.refresh(old).data["refresh_token"]
        assert new != old
        tiktok.control("clock", advance_seconds=50)
        assert tiktok.refresh(old).data["refresh_token"] == new
        tiktok.control("clock", advance_seconds=15)
        assert tiktok.refresh(old).code == 40107
        assert tiktok.refresh(new).code == 0
        assert tiktok.see("refreshes")["reused"] == 2

    def test_a_replaced_token_used_again_ends_them_all(self, tiktok: Client):
        tiktok.switch(refresh_rotation="strict")
        first = tiktok.pair("aino")
        second = tiktok.refresh(first["refresh_token"]).data
        assert tiktok.refresh(first["refresh_token"]).code == 40107
        assert tiktok.refresh(second["refresh_token"]).code == 40107
        assert info(tiktok, second["access_token"]).code == 40105

    def test_it_ends_early_where_its_clock_is_ahead(self, tiktok: Client):
        tiktok.switch(clock_skew_seconds=3600)
        data = tiktok.pair("aino")
        tiktok.control("clock", advance_seconds=data["expires_in"] - 3600)
        assert info(tiktok, data["access_token"]).code == 40102

    def test_it_counts_what_is_under_way_for_one_token(self, tiktok: Client):
        token = tiktok.pair("aino")["refresh_token"]
        name = "tt_user/oauth2/refresh_token/"
        tiktok.control("faults", endpoint=name, fault="stalled", times=1)
        with tiktok.left_open(f"/open_api/v1.3/{name}", {"refresh_token": token}):
            while not tiktok.see("refreshes")["under_way"]:
                pass
            assert tiktok.refresh(token).code == 0
        while tiktok.see("refreshes")["under_way"]:
            pass
        assert tiktok.refresh(token).code == 0
        seen = tiktok.see("refreshes")
        assert (seen["calls"], seen["renewed"]) == (3, 2)
        assert (seen["parallel"], seen["most_for_one_token"]) == (1, 2)

    def test_one_after_the_other_is_not_parallel(self, tiktok: Client):
        token = tiktok.pair("aino")["refresh_token"]
        for _ in range(3):
            assert tiktok.refresh(token).code == 0
        assert tiktok.see("refreshes")["parallel"] == 0
        assert tiktok.see("refreshes")["most_for_one_token"] == 1


class TestToken:
    @pytest.mark.parametrize(("seconds", "code"), [(86000, 0), (86400, 40102)])
    def test_it_works_a_day(self, tiktok: Client, seconds: int, code: int):
        data = tiktok.pair("aino")
        tiktok.control("clock", advance_seconds=seconds)
        assert info(tiktok, data["access_token"]).code == code

    def test_it_dies_when_the_creator_withdraws(self, tiktok: Client):
        data = tiktok.pair("aino")
        tiktok.control("creators/withdraw", creator="aino")
        assert info(tiktok, data["access_token"]).code == 40105
        assert tiktok.refresh(data["refresh_token"]).code == 40107

    def test_it_dies_when_the_app_revokes_it(self, tiktok: Client):
        data = tiktok.pair("aino")
        values = {**tiktok.app_as_client(), "access_token": data["access_token"]}
        assert tiktok.post("tt_user/oauth2/revoke/", **values).data == {}
        assert info(tiktok, data["access_token"]).code == 40105
        assert tiktok.post("tt_user/oauth2/revoke/", **values).code == 40105

    def test_the_app_is_off_the_creators_page_once_revoked(self, tiktok: Client):
        for _ in range(2):  # a second consent leaves the first one's keys alive
            token = tiktok.pair("aino")["access_token"]
        other = tiktok.pair("nora")["access_token"]
        app = tiktok.see("app")["name"]
        assert app in tiktok.send("GET", "/creator/aino/").text
        values = {**tiktok.app_as_client(), "access_token": token}
        tiktok.post("tt_user/oauth2/revoke/", **values)
        assert app not in tiktok.send("GET", "/creator/aino/").text
        assert info(tiktok, other).code == 0

    def test_it_says_whose_it_is(self, tiktok: Client):
        data = tiktok.pair("aino")
        told = info(tiktok, data["access_token"]).data
        assert told["creator_id"] == data["open_id"]
        assert told["scope"] == data["scope"]

    def test_it_reads_only_its_own_account(self, tiktok: Client):
        token = tiktok.pair("aino")["access_token"]
        other = tiktok.pair("nora")["open_id"]
        assert tiktok.get("business/get/", token, business_id=other).code == 40001

    def test_it_reads_the_names_its_scopes_allow(self, tiktok: Client):
        data = tiktok.pair("aino", withhold=["user.info.username"])
        asked = {"business_id": data["open_id"], "fields": ["display_name", "username"]}
        told = tiktok.get("business/get/", data["access_token"], **asked).data
        assert told == {"display_name": "Aino Virta"}


def test_many_have_consented_at_once(tiktok: Client):
    made = tiktok.control("creators/many", count=50).json
    assert len({one["open_id"] for one in made}) == 50
    assert tiktok.refresh(made[7]["refresh_token"]).code == 0
    assert info(tiktok, made[49]["access_token"]).code == 0


def test_no_token_is_shown(tiktok: Client):
    data = tiktok.pair("aino")
    tiktok.refresh(data["refresh_token"])
    shown = str([tiktok.see(name) for name in ("pairs", "requests", "refreshes")])
    assert data["open_id"] in shown
    assert data["refresh_token"] not in shown
    assert data["access_token"] not in shown


def test_it_takes_as_many_calls_a_second_as_told(
    tiktok: Client, monkeypatch: pytest.MonkeyPatch
):
    traffic = Traffic()
    over = [traffic.is_over(2, now) for now in (7.0, 7.5, 7.9, 8.0)]
    assert over == [False, False, True, False]
    assert not any(traffic.is_over(0, 9.0) for _ in range(99))
    monkeypatch.setattr(Traffic, "is_over", lambda self, limit, now: limit == 7)
    assert tiktok.refresh("nothing").code == 40107
    tiktok.switch(app_calls_per_second=7)
    assert tiktok.refresh("nothing").code == 40100
