from __future__ import annotations

from typing import Any

import pytest

from tests.agencyportal.simulator.client import AGENCY, Client

NORDICS = "7301846225110446081"
RETAIL = "7289900134476521473"
ARCHIVE = "7204417719283302401"


@pytest.fixture
def jonas_id(tiktok: Client) -> str:
    return tiktok.get("user/info/", tiktok.token("jonas")).data["core_user_id"]


@pytest.fixture
def shared(tiktok: Client, sofia: str, halden: str) -> str:
    """An account shared to the agency as Operator."""
    assert tiktok.share(sofia, halden, [NORDICS]).code == 0
    return NORDICS


def seat(user_id: str, role: str = "OPERATOR") -> dict[str, Any]:
    return {
        "bc_id": AGENCY,
        "user_id": user_id,
        "asset_type": "ADVERTISER",
        "asset_id": NORDICS,
        "advertiser_role": role,
    }


class TestAdminGet:
    def ask(self, tiktok: Client, token: str, bc_id: str, **filtering: str):
        return tiktok.get(
            "bc/asset/admin/get/",
            token,
            bc_id=bc_id,
            asset_type="ADVERTISER",
            filtering=filtering,
        )

    def test_it_refuses_a_standard_member(self, tiktok: Client):
        answer = self.ask(tiktok, tiktok.token("paolo"), tiktok.center("Osteria Lume"))
        assert answer.code == 40001

    def test_it_refuses_a_stranger(self, tiktok: Client, sofia: str):
        assert self.ask(tiktok, sofia, AGENCY).code == 40001

    def test_it_refuses_a_center_that_does_not_exist(self, tiktok: Client, sofia: str):
        assert self.ask(tiktok, sofia, "1").code == 40001

    @pytest.mark.parametrize(
        "filtering",
        [
            {"relation_type": "OWNER"},
            {"relation_status": "bound"},
            {"advertiser_show_status": "ALL"},
        ],
    )
    def test_it_refuses_unknown_filters(
        self, tiktok: Client, sofia: str, halden: str, filtering: dict[str, str]
    ):
        assert self.ask(tiktok, sofia, halden, **filtering).code == 40002

    def test_it_refuses_an_unknown_asset_type(
        self, tiktok: Client, sofia: str, halden: str
    ):
        answer = tiktok.get(
            "bc/asset/admin/get/", sofia, bc_id=halden, asset_type="ACCOUNT"
        )
        assert answer.code == 40002

    def test_it_lists_nothing_of_another_type(
        self, tiktok: Client, sofia: str, halden: str
    ):
        rows = tiktok.get(
            "bc/asset/admin/get/", sofia, bc_id=halden, asset_type="PIXEL"
        ).list
        assert rows == []

    def test_it_tells_who_owns_each_account(
        self, tiktok: Client, sofia: str, halden: str
    ):
        rows = tiktok.held(sofia, halden)
        kinds = [row["relation_type"] for row in rows.values()]
        assert sorted(kinds) == ["OWNER_BC"] * 3 + ["OWNER_INDIVIDUAL", "OWNER_PARTNER"]
        assert rows[RETAIL]["relation_type"] == "OWNER_PARTNER"
        assert rows[RETAIL]["owner_bc_name"] == "Halden Retail"
        assert rows[ARCHIVE]["relation_type"] == "OWNER_INDIVIDUAL"

    def test_it_filters(self, tiktok: Client, sofia: str, halden: str):
        own = tiktok.held(
            sofia, halden, relation_type="OWNER_BC", relation_status="BOUND"
        )
        assert len(own) == 3
        assert list(tiktok.held(sofia, halden, keyword="dach")) == [
            "7318820417735294978"
        ]
        assert tiktok.held(sofia, halden, relation_status="REJECTED") == {}

    def test_it_filters_by_shown_status(self, tiktok: Client, sofia: str, halden: str):
        tiktok.control(f"accounts/{NORDICS}", status="STATUS_LIMIT")
        punished = tiktok.held(
            sofia, halden, advertiser_show_status="SHOW_ACCOUNT_STATUS_PUNISHED"
        )
        assert list(punished) == [NORDICS]
        assert punished[NORDICS]["advertiser_status"] == "STATUS_LIMIT"

    def test_it_never_tells_the_partners_role(
        self, tiktok: Client, shared: str, priya: str
    ):
        row = tiktok.held(priya, AGENCY)[shared]
        assert row["relation_status"] == "BOUND"
        assert "advertiser_role" not in row

    def test_it_can_leave_partner_shares_out(
        self, tiktok: Client, shared: str, priya: str, halden: str
    ):
        tiktok.switch(shared_in_admin_get=False)
        assert tiktok.held(priya, AGENCY) == {}
        assert tiktok.shared(priya, halden) == {shared: "OPERATOR"}


class TestAssetGet:
    def ask(self, tiktok: Client, token: str, bc_id: str, **filtering: str):
        return tiktok.get(
            "bc/asset/get/",
            token,
            bc_id=bc_id,
            asset_type="ADVERTISER",
            filtering=filtering,
        )

    def test_it_refuses_a_stranger(self, tiktok: Client, sofia: str):
        assert self.ask(tiktok, sofia, AGENCY).code == 40001

    def test_it_refuses_both_filters_at_once(
        self, tiktok: Client, priya: str, jonas_id: str
    ):
        answer = self.ask(tiktok, priya, AGENCY, user_id=jonas_id, user_email="a@b.c")
        assert answer.code == 40002

    def test_it_keeps_others_lists_for_admins(self, tiktok: Client, priya: str):
        priya_id = tiktok.get("user/info/", priya).data["core_user_id"]
        answer = self.ask(tiktok, tiktok.token("jonas"), AGENCY, user_id=priya_id)
        assert answer.code == 40001

    def test_it_lists_the_callers_accounts_with_roles(self, tiktok: Client):
        token = tiktok.token("paolo")
        rows = self.ask(tiktok, token, tiktok.center("Osteria Lume")).list
        assert [row["advertiser_role"] for row in rows] == ["OPERATOR"]

    def test_it_lists_what_an_invitee_was_promised(
        self, tiktok: Client, sofia: str, halden: str
    ):
        tiktok.post(
            "bc/member/invite/",
            sofia,
            bc_id=halden,
            emails=["new@haldenoutdoor.example"],
            asset_ids=[NORDICS],
        )
        rows = self.ask(
            tiktok, sofia, halden, user_email="new@haldenoutdoor.example"
        ).list
        assert [(r["asset_id"], r["advertiser_role"]) for r in rows] == [
            (NORDICS, "ANALYST")
        ]


class TestAssign:
    def test_it_refuses_a_standard_member(
        self, tiktok: Client, shared: str, jonas_id: str
    ):
        answer = tiktok.post(
            "bc/asset/assign/", tiktok.token("jonas"), **seat(jonas_id)
        )
        assert answer.code == 40001

    def test_it_refuses_somebody_outside_the_center(
        self, tiktok: Client, shared: str, priya: str, sofia: str
    ):
        stranger = tiktok.get("user/info/", sofia).data["core_user_id"]
        assert tiktok.post("bc/asset/assign/", priya, **seat(stranger)).code == 40007

    def test_it_refuses_an_account_the_center_does_not_hold(
        self, tiktok: Client, priya: str, jonas_id: str
    ):
        assert tiktok.post("bc/asset/assign/", priya, **seat(jonas_id)).code == 40007

    def test_it_refuses_more_than_the_share_gives(
        self, tiktok: Client, shared: str, priya: str, jonas_id: str
    ):
        answer = tiktok.post("bc/asset/assign/", priya, **seat(jonas_id, "ADMIN"))
        assert answer.code == 40002

    def test_it_requires_a_role(
        self, tiktok: Client, shared: str, priya: str, jonas_id: str
    ):
        assert (
            tiktok.post("bc/asset/assign/", priya, **seat(jonas_id, "")).code == 40002
        )

    def test_it_lets_the_member_work(
        self, tiktok: Client, shared: str, priya: str, jonas_id: str
    ):
        assert tiktok.post("bc/asset/assign/", priya, **seat(jonas_id)).data == {}
        rows = tiktok.get(
            "bc/asset/member/get/",
            priya,
            bc_id=AGENCY,
            asset_type="ADVERTISER",
            asset_id=shared,
        ).list
        assert rows == [
            {
                "user_id": jonas_id,
                "user_name": "Jonas Lind",
                "user_email": "jonas@northlight.example",
                "advertiser_role": "OPERATOR",
            }
        ]
        token = tiktok.token("jonas")
        reached = tiktok.get("oauth2/advertiser/get/", token, **tiktok.app()).list
        assert [row["advertiser_id"] for row in reached] == [shared]

    def test_it_changes_a_role_instead_of_adding_one(
        self, tiktok: Client, shared: str, priya: str, jonas_id: str
    ):
        tiktok.post("bc/asset/assign/", priya, **seat(jonas_id))
        tiktok.post("bc/asset/assign/", priya, **seat(jonas_id, "ANALYST"))
        rows = tiktok.get(
            "bc/asset/get/",
            priya,
            bc_id=AGENCY,
            asset_type="ADVERTISER",
            filtering={"user_id": jonas_id},
        ).list
        assert [row["advertiser_role"] for row in rows] == ["ANALYST"]

    def test_it_unassigns_once(
        self, tiktok: Client, shared: str, priya: str, jonas_id: str
    ):
        tiktok.post("bc/asset/assign/", priya, **seat(jonas_id))
        assert tiktok.post("bc/asset/unassign/", priya, **seat(jonas_id)).data == {}
        assert tiktok.post("bc/asset/unassign/", priya, **seat(jonas_id)).code == 40007


class TestPartnersOfAnAsset:
    def test_it_lists_who_it_is_shared_to_without_a_role(
        self, tiktok: Client, shared: str, sofia: str, halden: str
    ):
        rows = tiktok.get(
            "bc/asset/partner/get/",
            sofia,
            bc_id=halden,
            asset_type="ADVERTISER",
            asset_id=shared,
        ).list
        assert rows == [{"bc_id": AGENCY, "bc_name": "Northlight Agency"}]
