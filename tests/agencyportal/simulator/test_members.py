from __future__ import annotations

from typing import Any

import pytest

from tests.agencyportal.simulator.client import AGENCY, Client

NORDICS = "7301846225110446081"
EMAIL = "nora@northlight.example"


def members(tiktok: Client, token: str, **filtering: str) -> dict[str, Any]:
    rows = tiktok.get(
        "bc/member/get/", token, bc_id=AGENCY, filtering=filtering, page_size=20
    ).list
    return {row["user_email"]: row for row in rows}


def invite(tiktok: Client, token: str, **params: object):
    values = {"bc_id": AGENCY, "emails": [EMAIL]} | params
    return tiktok.post("bc/member/invite/", token, **values)


class TestInvite:
    def test_it_refuses_a_standard_member(self, tiktok: Client):
        assert invite(tiktok, tiktok.token("jonas")).code == 40001

    @pytest.mark.parametrize(
        "params",
        [
            {"emails": []},
            {"emails": ["nora"]},
            {"emails": [f"n{n}@a.example" for n in range(51)]},
            {"user_role": "OWNER"},
            {"advertiser_role": "OWNER"},
            {"ext_user_role": {"finance_role": "ADMIN"}},
            {"ext_user_role": "MANAGER"},
            {"asset_ids": [str(n) for n in range(51)]},
        ],
    )
    def test_it_refuses_bad_parameters(
        self, tiktok: Client, priya: str, params: dict[str, object]
    ):
        assert invite(tiktok, priya, **params).code == 40002
        assert EMAIL not in members(tiktok, priya)

    def test_it_refuses_a_full_center(self, tiktok: Client, priya: str):
        tiktok.switch(members_max=3)
        assert invite(tiktok, priya).code == 40002

    def test_it_ignores_who_is_there_already(self, tiktok: Client, priya: str):
        assert invite(tiktok, priya, emails=["jonas@northlight.example"]).code == 0
        assert members(tiktok, priya)["jonas@northlight.example"]["user_id"]

    def test_it_waits_for_the_invitee(self, tiktok: Client, priya: str):
        assert invite(tiktok, priya).data == {}
        row = members(tiktok, priya, relation_status="PENDING")[EMAIL]
        assert (row["user_id"], row["user_role"]) == ("", "STANDARD")

    def test_it_seats_the_invitee_with_the_promised_accounts(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        tiktok.share(sofia, halden, [NORDICS])
        invite(tiktok, priya, asset_ids=[NORDICS], advertiser_role="OPERATOR")
        tiktok.control("people", id="nora", name="Nora Vik", email=EMAIL)
        answer = tiktok.control("members/accept", bc_id=AGENCY, email=EMAIL)
        assert answer.status == 200
        row = members(tiktok, priya)[EMAIL]
        assert row["relation_status"] == "BOUND"
        reached = tiktok.get(
            "oauth2/advertiser/get/", tiktok.token("nora"), **tiktok.app()
        ).list
        assert [one["advertiser_id"] for one in reached] == [NORDICS]


class TestUpdate:
    def test_it_refuses_an_unknown_member(self, tiktok: Client, priya: str):
        answer = tiktok.post(
            "bc/member/update/", priya, bc_id=AGENCY, user_id="1", user_role="ADMIN"
        )
        assert answer.code == 40007

    def test_it_changes_role_name_and_finance(self, tiktok: Client, priya: str):
        user_id = members(tiktok, priya)["jonas@northlight.example"]["user_id"]
        answer = tiktok.post(
            "bc/member/update/",
            priya,
            bc_id=AGENCY,
            user_id=user_id,
            user_role="ADMIN",
            user_name="Jonas L",
            ext_user_role={"finance_role": "MANAGER"},
        )
        assert answer.data == {}
        row = members(tiktok, priya)["jonas@northlight.example"]
        assert (row["user_role"], row["user_name"]) == ("ADMIN", "Jonas L")
        assert row["ext_user_role"] == {"finance_role": "MANAGER"}


class TestDelete:
    def test_it_wants_one_name_for_the_member(self, tiktok: Client, priya: str):
        path = "bc/member/delete/"
        assert tiktok.post(path, priya, bc_id=AGENCY).code == 40002
        answer = tiktok.post(path, priya, bc_id=AGENCY, user_id="1", user_email=EMAIL)
        assert answer.code == 40002

    def test_it_deletes_nobody_by_address_who_has_joined(
        self, tiktok: Client, priya: str
    ):
        email = "jonas@northlight.example"
        answer = tiktok.post("bc/member/delete/", priya, bc_id=AGENCY, user_email=email)
        assert answer.code == 40007
        assert email in members(tiktok, priya)

    def test_it_withdraws_an_invitation(self, tiktok: Client, priya: str):
        invite(tiktok, priya)
        params = {"bc_id": AGENCY, "user_email": EMAIL}
        assert tiktok.post("bc/member/delete/", priya, **params).data == {}
        assert EMAIL not in members(tiktok, priya)

    def test_it_takes_the_seat_and_its_accounts(
        self, tiktok: Client, priya: str, sofia: str, halden: str
    ):
        mira = tiktok.token("mira")
        user_id = members(tiktok, priya)["mira@northlight.example"]["user_id"]
        tiktok.share(sofia, halden, [NORDICS])
        assert tiktok.held(mira, AGENCY)
        params = {"bc_id": AGENCY, "user_id": user_id}
        assert tiktok.post("bc/member/delete/", priya, **params).data == {}
        assert tiktok.get("bc/get/", mira).list == []
        answer = tiktok.get("bc/partner/get/", mira, bc_id=AGENCY)
        assert answer.code == 40001


class TestChangelog:
    def ask(self, tiktok: Client, token: str, **params: object):
        return tiktok.get("changelog/get/", token, bc_id=AGENCY, **params)

    @pytest.mark.parametrize(
        "filtering",
        [
            {"start_date": "2026-01-01"},
            {"end_date": "2026-01-01"},
            {"start_date": "2026-1-1", "end_date": "2026-01-02"},
            {"start_date": "01.01.2026", "end_date": "2026-01-02"},
            {"activity_type": "MONEY"},
        ],
    )
    def test_it_refuses_bad_filters(
        self, tiktok: Client, priya: str, filtering: dict[str, str]
    ):
        assert self.ask(tiktok, priya, filtering=filtering).code == 40002

    def test_it_refuses_a_standard_member(self, tiktok: Client):
        assert self.ask(tiktok, tiktok.token("jonas")).code == 40001

    def test_it_tells_shares_to_both_centers(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        tiktok.share(sofia, halden, [NORDICS])
        lines = self.ask(tiktok, priya).data["changelog_list"]
        sofia_id = tiktok.get("user/info/", sofia).data["core_user_id"]
        assert lines[0]["activity_type"] == "ACCOUNT"
        assert lines[0]["operator_id"] == sofia_id
        assert NORDICS in lines[0]["activity_log"]
        own = tiktok.get("changelog/get/", sofia, bc_id=halden).data
        assert own["changelog_list"] == lines

    def test_it_filters_sorts_and_forgets_after_a_week(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        tiktok.share(sofia, halden, [NORDICS])
        tiktok.control("clock", advance_seconds=60)
        invite(tiktok, priya)
        newest = self.ask(tiktok, priya).data["changelog_list"]
        oldest = self.ask(tiktok, priya, sort_type="ASC").data["changelog_list"]
        assert [line["activity_type"] for line in newest] == ["USER", "ACCOUNT"]
        assert oldest == newest[::-1]
        only = self.ask(tiktok, priya, filtering={"activity_type": "USER"}).data
        assert only["changelog_list"] == newest[:1]
        day = newest[0]["time"][:10]
        tiktok.control("clock", advance_seconds=9 * 86_400)
        assert self.ask(tiktok, priya).data["changelog_list"] == []
        days = {"start_date": oldest[0]["time"][:10], "end_date": day}
        found = self.ask(tiktok, priya, filtering=days).data["changelog_list"]
        assert found == newest
