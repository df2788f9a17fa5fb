from __future__ import annotations

import pytest

from tests.agencyportal.simulator.client import Client

NORDICS = "7301846225110446081"
RETAIL = "7289900134476521473"
ARCHIVE = "7204417719283302401"


class TestUserInfo:
    @pytest.mark.parametrize(("only", "other"), [("GET", "POST"), ("POST", "GET")])
    def test_it_can_answer_one_method_only(
        self, tiktok: Client, sofia: str, only: str, other: str
    ):
        tiktok.switch(user_info_method=only)
        path, headers = "/open_api/v1.3/user/info/", {"Access-Token": sofia}
        assert tiktok.send(other, path, headers=headers).status == 405
        assert tiktok.send(only, path, headers=headers).code == 0

    def test_it_answers_both_methods(self, tiktok: Client, sofia: str):
        read = tiktok.get("user/info/", sofia).data
        assert read == tiktok.post("user/info/", sofia).data

    def test_it_masks_the_address(self, tiktok: Client, sofia: str):
        data = tiktok.get("user/info/", sofia).data
        assert data["email"] == "s***@haldenoutdoor.example"
        assert data["display_name"] == "Sofia Halden"
        assert int(data["core_user_id"]) > 2**53

    def test_it_needs_no_permission(self, tiktok: Client):
        assert tiktok.get("user/info/", tiktok.token("sofia", scopes=[])).code == 0


class TestAdvertiserInfo:
    def test_it_refuses_somebody_elses_account(self, tiktok: Client, sofia: str):
        other = tiktok.owned(tiktok.center("Calder Books"))[0]
        answer = tiktok.get("advertiser/info/", sofia, advertiser_ids=[NORDICS, other])
        assert answer.code == 40001
        assert other in answer.json["message"]

    def test_it_refuses_an_unknown_account(self, tiktok: Client, sofia: str):
        assert tiktok.get("advertiser/info/", sofia, advertiser_ids=["1"]).code == 40001

    def test_it_refuses_too_many_ids(self, tiktok: Client):
        token = tiktok.token("greta")
        ids = tiktok.owned(tiktok.center("Vance Motors"))
        assert tiktok.get("advertiser/info/", token, advertiser_ids=ids).code == 40011
        few = tiktok.get("advertiser/info/", token, advertiser_ids=ids[:100])
        assert len(few.list) == 100

    def test_it_describes_the_account(self, tiktok: Client, sofia: str):
        row = tiktok.get("advertiser/info/", sofia, advertiser_ids=[NORDICS]).list[0]
        assert row["name"] == "Halden Nordics"
        assert (row["currency"], row["timezone"]) == ("SEK", "Europe/Stockholm")
        assert row["status"] == "STATUS_ENABLE"

    def test_it_gives_only_the_fields_asked_for(self, tiktok: Client, sofia: str):
        rows = tiktok.get(
            "advertiser/info/", sofia, advertiser_ids=[NORDICS], fields=["currency"]
        ).list
        assert rows == [{"advertiser_id": NORDICS, "currency": "SEK"}]

    def test_it_names_the_owner_to_the_owners_admin_only(
        self, tiktok: Client, sofia: str, halden: str
    ):
        rows = tiktok.get(
            "advertiser/info/", sofia, advertiser_ids=[NORDICS, RETAIL, ARCHIVE]
        ).list
        assert [row.get("owner_bc_id") for row in rows] == [halden, None, None]

    def test_it_opens_a_shared_account_to_the_receivers_admin(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        before = tiktok.get("advertiser/info/", priya, advertiser_ids=[NORDICS])
        assert before.code == 40001
        tiktok.share(sofia, halden, [NORDICS])
        row = tiktok.get("advertiser/info/", priya, advertiser_ids=[NORDICS]).list[0]
        assert "owner_bc_id" not in row
