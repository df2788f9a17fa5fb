from __future__ import annotations

from typing import Any

import pytest

from tests.agencyportal.simulator.client import AGENCY, Answer, Client

DAY = 86_400


@pytest.fixture
def ad_account(tiktok: Client, halden: str) -> str:
    return tiktok.owned(halden)[1]


@pytest.fixture
def post(tiktok: Client) -> str:
    """The first of Aino's posts."""
    return next(p["item_id"] for p in tiktok.see("posts") if p["creator"] == "aino")


def code_of(tiktok: Client, post: str, days: int = 30) -> str:
    return tiktok.control("posts/code", item_id=post, days=days).json["code"]


def authorize(tiktok: Client, token: str, account: str, code: str) -> Answer:
    values = {"advertiser_id": account, "auth_code": code}
    return tiktok.post("tt_video/authorize/", token, **values)


def listed(tiktok: Client, token: str, account: str) -> dict[str, Any]:
    rows = tiktok.get("tt_video/list/", token, advertiser_id=account).list
    return {row["item_info"]["item_id"]: row["auth_info"] for row in rows}


def unbind(tiktok: Client, token: str, account: str, post: str) -> Answer:
    values = {"advertiser_id": account, "item_id": post}
    return tiktok.post("tt_video/unbind/", token, **values)


class TestTyped:
    @pytest.mark.parametrize("how", ["withdraw", "expire", "delete"])
    def test_it_takes_no_code_that_has_ended(
        self, tiktok: Client, sofia: str, ad_account: str, post: str, how: str
    ):
        code = code_of(tiktok, post)
        tiktok.control(f"posts/{how}", item_id=post)
        assert authorize(tiktok, sofia, ad_account, code).code == 40110
        assert authorize(tiktok, sofia, ad_account, "#nothing").code == 40110

    def test_it_takes_no_code_for_a_foreign_ad_account(
        self, tiktok: Client, priya: str, ad_account: str, post: str
    ):
        code = code_of(tiktok, post)
        assert authorize(tiktok, priya, ad_account, code).code == 40001

    def test_a_code_gives_nothing_until_it_is_bound(
        self, tiktok: Client, sofia: str, ad_account: str, post: str
    ):
        values = {"advertiser_id": ad_account, "auth_code": code_of(tiktok, post)}
        told = tiktok.get("tt_video/info/", sofia, **values).data
        assert told["item_info"]["item_id"] == post
        assert listed(tiktok, sofia, ad_account) == {}
        assert authorize(tiktok, sofia, ad_account, values["auth_code"]).data == {}
        assert set(listed(tiktok, sofia, ad_account)) == {post}

    @pytest.mark.parametrize(
        ("how", "status"), [("withdraw", "CANCELED"), ("expire", "EXPIRED")]
    )
    def test_it_still_lists_what_has_ended(
        self, tiktok: Client, sofia: str, ad_account: str, post: str, how, status: str
    ):
        authorize(tiktok, sofia, ad_account, code_of(tiktok, post))
        assert listed(tiktok, sofia, ad_account)[post]["ad_auth_status"] == "AUTHORIZED"
        tiktok.control(f"posts/{how}", item_id=post)
        assert listed(tiktok, sofia, ad_account)[post]["ad_auth_status"] == status

    def test_it_can_speak_in_new_words(
        self, tiktok: Client, sofia: str, ad_account: str, post: str
    ):
        tiktok.switch(ad_auth_status="SOMETHING_NEW")
        authorize(tiktok, sofia, ad_account, code_of(tiktok, post))
        told = listed(tiktok, sofia, ad_account)[post]
        assert told["ad_auth_status"] == "SOMETHING_NEW"

    def test_it_takes_a_post_off_once_and_its_ads_pause(
        self, tiktok: Client, sofia: str, ad_account: str, post: str
    ):
        authorize(tiktok, sofia, ad_account, code_of(tiktok, post))
        tiktok.control("ads", advertiser_id=ad_account, item_id=post)
        assert unbind(tiktok, sofia, ad_account, post).code == 0
        assert unbind(tiktok, sofia, ad_account, post).code == 40007
        assert not tiktok.see("ads")[-1]["is_running"]


class TestMinted:
    @pytest.fixture
    def aino(self, tiktok: Client) -> dict[str, Any]:
        return tiktok.pair("aino")

    def ask(self, tiktok: Client, pair: dict[str, Any], path: str, **more: Any):
        values = {"business_id": pair["open_id"]} | more
        return tiktok.post(
            f"business/post/authorize/{path}", pair["access_token"], **values
        )

    def told(self, tiktok: Client, pair: dict[str, Any], post: str) -> Any:
        values = {"business_id": pair["open_id"], "item_id": post}
        return tiktok.get(
            "business/post/authorize/status/", pair["access_token"], **values
        ).data

    def test_it_needs_the_scope(self, tiktok: Client, post: str):
        pair = tiktok.pair("aino", withhold=["biz.spark.auth"])
        values = {"item_id": post, "is_ad_promotable": True}
        assert self.ask(tiktok, pair, "setting/", **values).code == 40001

    def test_it_touches_no_foreign_post(self, tiktok: Client, aino: Any):
        other = next(
            p["item_id"] for p in tiktok.see("posts") if p["creator"] == "nora"
        )
        values = {"item_id": other, "is_ad_promotable": True}
        assert self.ask(tiktok, aino, "setting/", **values).code == 40007

    @pytest.mark.parametrize("days", [1, 31, 366, "30"])
    def test_it_gives_no_other_days(self, tiktok: Client, aino: Any, post: str, days):
        values = {"item_id": post, "is_ad_promotable": True}
        answer = self.ask(tiktok, aino, "setting/", **values, authorization_days=days)
        assert answer.code == 40002

    def test_it_extends_and_deletes_no_code_there_is_not(
        self, tiktok: Client, aino: Any, post: str
    ):
        assert self.ask(tiktok, aino, "", item_id=post).code == 40007
        assert self.ask(tiktok, aino, "delete/", item_id=post).code == 40007
        assert self.told(tiktok, aino, post)["auth_code_status"] == "DELETED"

    def test_a_code_is_made_bound_extended_and_deleted(
        self, tiktok: Client, aino: Any, post: str, sofia: str, ad_account: str
    ):
        values = {"item_id": post, "is_ad_promotable": True, "authorization_days": 7}
        made = self.ask(tiktok, aino, "setting/", **values).data
        assert made["auth_code_status"] == "NOT_USED"
        authorize(tiktok, sofia, ad_account, made["auth_code"])
        assert self.told(tiktok, aino, post)["auth_code_status"] == "IN_USE"
        tiktok.control("clock", advance_seconds=8 * DAY)
        pair = tiktok.pair("aino")
        assert self.told(tiktok, pair, post)["auth_code_status"] == "EXPIRED"
        longer = self.ask(tiktok, pair, "", item_id=post, authorization_days=60).data
        assert longer["auth_code_end_time"] > made["auth_code_end_time"]
        assert longer["auth_code_status"] == "IN_USE"
        gone = self.ask(tiktok, pair, "delete/", item_id=post).data
        assert (gone["auth_code"], gone["auth_code_status"]) == ("", "DELETED")
        assert listed(tiktok, sofia, ad_account)[post]["ad_auth_status"] == "CANCELED"

    def test_a_post_in_use_by_a_running_ad_stays_allowed(self, tiktok: Client):
        pair, (ad,) = tiktok.pair("jun"), tiktok.see("ads")
        values = {"item_id": ad["item_id"], "is_ad_promotable": False}
        assert self.ask(tiktok, pair, "setting/", **values).code == 40001
        tiktok.switch(code_in_use_can_end=False)
        assert self.ask(tiktok, pair, "delete/", item_id=ad["item_id"]).code == 40001
        tiktok.control("ads", **(ad | {"is_running": False}))
        assert self.ask(tiktok, pair, "setting/", **values).code == 0


class TestPage:
    def press(self, tiktok: Client, decision: str, **more: str) -> Answer:
        return tiktok.form("/creator/aino/", {"decision": decision} | more)

    def test_it_touches_no_foreign_post(self, tiktok: Client):
        other = next(
            p["item_id"] for p in tiktok.see("posts") if p["creator"] == "nora"
        )
        assert self.press(tiktok, "delete", item_id=other).status == 400
        assert self.press(tiktok, "nothing", item_id=other).status == 400
        assert tiktok.send("GET", "/creator/nobody/").status == 404

    def test_it_makes_a_code_to_copy(
        self, tiktok: Client, sofia: str, ad_account: str, post: str
    ):
        self.press(tiktok, "make_code", item_id=post, days="365")
        text = tiktok.send("GET", "/creator/aino/").text
        code = text.partition('<code class="id">')[2].partition("</code>")[0]
        assert authorize(tiktok, sofia, ad_account, code).code == 0
        self.press(tiktok, "withdraw_code", item_id=post)
        assert code not in tiktok.send("GET", "/creator/aino/").text

    def test_it_deletes_a_post(self, tiktok: Client, post: str):
        assert post in tiktok.send("GET", "/creator/aino/").text
        assert self.press(tiktok, "delete", item_id=post).status == 303
        assert post not in tiktok.send("GET", "/creator/aino/").text

    def test_it_takes_access_back(self, tiktok: Client, priya: str):
        tiktok.pair("aino")
        tiktok.control("creators/approve", creator="aino", bc_id=AGENCY)
        assert "/creator/aino/" in tiktok.send("GET", f"/bc/{AGENCY}/").text
        self.press(tiktok, "withdraw_app")
        self.press(tiktok, "leave", bc_id=AGENCY)
        assert not tiktok.see("pairs")[0]["is_alive"]
        assert tiktok.see("holds") == []

    def test_it_pauses_the_ad_of_a_post(self, tiktok: Client):
        (ad,) = tiktok.see("ads")
        form = {"decision": "pause", "item_id": ad["item_id"]}
        tiktok.form("/creator/jun/", form)
        assert not tiktok.see("ads")[0]["is_running"]


def test_no_code_is_shown(tiktok: Client, sofia: str, ad_account: str, post: str):
    code = code_of(tiktok, post)
    authorize(tiktok, sofia, ad_account, code)
    assert code not in str([tiktok.see(name) for name in ("posts", "requests")])
