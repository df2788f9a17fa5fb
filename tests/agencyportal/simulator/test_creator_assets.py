from __future__ import annotations

from typing import Any

import pytest

from tests.agencyportal.simulator.client import AGENCY, Answer, Client

TT = {"bc_id": AGENCY, "asset_type": "TT_ACCOUNT"}


@pytest.fixture
def aino(tiktok: Client) -> str:
    """Aino's account, in the agency's center; its id there."""
    tiktok.control("creators/approve", creator="aino", bc_id=AGENCY)
    return next(c["asset_id"] for c in tiktok.see("creators") if c["slug"] == "aino")


@pytest.fixture
def jonas(tiktok: Client) -> str:
    """A standard member's id."""
    return next(p["user_id"] for p in tiktok.see("people") if p["id"] == "jonas")


@pytest.fixture
def ad_account(tiktok: Client, sofia: str, halden: str) -> str:
    """An ad account that the agency's center holds."""
    account = tiktok.owned(halden)[0]
    tiktok.share(sofia, halden, [account])
    return account


def listed(tiktok: Client, token: str, **filtering: str) -> dict[str, list[str]]:
    rows = tiktok.get("bc/asset/get/", token, **TT, filtering=filtering).list
    return {row["asset_id"]: row["tt_account_roles"] for row in rows}


def assign(tiktok: Client, token: str, asset: str, user: str, *roles: str) -> Answer:
    values = {**TT, "asset_id": asset, "user_id": user, "tt_account_roles": roles}
    return tiktok.post("bc/asset/assign/", token, **values)


def link(tiktok: Client, token: str, asset: str, account: str, verb: str = "assign"):
    values = {**TT, "asset_id": asset, "advertiser_id": account}
    return tiktok.post(f"bc/asset/advertiser/{verb}/", token, **values)


def identities(tiktok: Client, token: str, account: str, **more: Any) -> Answer:
    values = {"advertiser_id": account, "identity_type": "BC_AUTH_TT"}
    if not more:
        values["identity_authorized_bc_id"] = AGENCY
    return tiktok.get("identity/get/", token, **(values | more))


class TestQr:
    def qr(self, tiktok: Client, token: str) -> str:
        answer = tiktok.get("bc/asset/account/authorization/", token, bc_id=AGENCY)
        return answer.data["bc_auth_qr_code"]

    def test_only_an_admin_gets_it(self, tiktok: Client):
        jonas, path = tiktok.token("jonas"), "bc/asset/account/authorization/"
        assert tiktok.get(path, jonas, bc_id=AGENCY).code == 40001
        tiktok.switch(center_link_needs_admin=False)
        assert tiktok.get(path, jonas, bc_id=AGENCY).code == 0

    def test_it_opens_nothing_for_a_refusal_or_without_a_tick(
        self, tiktok: Client, priya: str
    ):
        qr = self.qr(tiktok, priya)
        tiktok.form(qr, {"creator": "aino", "role": "POST", "decision": "refuse"})
        tiktok.form(qr, {"creator": "aino", "decision": "approve"})
        tiktok.form(qr, {"role": "POST", "decision": "approve"})
        assert tiktok.see("holds") == []

    def test_it_can_end(self, tiktok: Client, priya: str):
        qr = self.qr(tiktok, priya)
        tiktok.switch(center_link_seconds=3600)
        assert tiktok.send("GET", qr).status == 200
        tiktok.control("clock", advance_seconds=3600)
        assert tiktok.send("GET", qr).status == 404

    def test_a_creator_approves_some_rights(self, tiktok: Client, priya: str):
        qr = self.qr(tiktok, priya)
        assert "Northlight Agency" in tiktok.send("GET", qr).text
        form = {"creator": "aino", "role": "LIVE", "decision": "approve"}
        assert "Approved" in tiktok.form(qr, form).text
        assert list(listed(tiktok, priya).values()) == [["LIVE"]]


class TestList:
    def test_a_member_sees_what_is_assigned(
        self, tiktok: Client, priya: str, aino: str, jonas: str
    ):
        token = tiktok.token("jonas")
        assert listed(tiktok, token) == {}
        assert assign(tiktok, priya, aino, jonas, "POST").code == 0
        assert listed(tiktok, token) == {aino: ["POST"]}
        assert listed(tiktok, priya, user_id=jonas) == {aino: ["POST"]}

    def test_an_admin_may_see_only_what_is_assigned(
        self, tiktok: Client, priya: str, aino: str
    ):
        assert listed(tiktok, priya) == {aino: ["POST"]}
        tiktok.switch(creator_accounts_shown="assigned")
        assert listed(tiktok, priya) == {}
        admin = tiktok.get("bc/asset/admin/get/", priya, **TT).list
        assert [row["asset_id"] for row in admin] == [aino]

    def test_it_lists_no_people_unless_told(
        self, tiktok: Client, priya: str, aino: str, jonas: str
    ):
        assign(tiktok, priya, aino, jonas, "POST")
        values = {**TT, "asset_id": aino}
        assert tiktok.get("bc/asset/member/get/", priya, **values).code == 40002
        tiktok.switch(members_of_creator_account=True)
        rows = tiktok.get("bc/asset/member/get/", priya, **values).list
        assert [row["user_id"] for row in rows] == [jonas]


class TestAssign:
    @pytest.mark.parametrize(
        ("roles", "code"), [((), 40002), (("LIVE",), 40002), (("BOSS",), 40002)]
    )
    def test_it_refuses_what_the_owner_has_not_approved(
        self, tiktok: Client, priya: str, aino: str, jonas: str, roles, code: int
    ):
        assert assign(tiktok, priya, aino, jonas, *roles).code == code

    def test_it_refuses_who_is_no_member(self, tiktok: Client, priya: str, aino: str):
        assert assign(tiktok, priya, aino, "68", "POST").code == 40007

    def test_it_refuses_an_account_the_center_does_not_have(
        self, tiktok: Client, priya: str, jonas: str
    ):
        assert assign(tiktok, priya, "70", jonas, "POST").code == 40007

    def test_it_takes_a_member_off(
        self, tiktok: Client, priya: str, aino: str, jonas: str
    ):
        assign(tiktok, priya, aino, jonas, "POST")
        values = {**TT, "asset_id": aino, "user_id": jonas}
        assert tiktok.post("bc/asset/unassign/", priya, **values).code == 0
        assert tiktok.post("bc/asset/unassign/", priya, **values).code == 40007
        assert listed(tiktok, priya, user_id=jonas) == {}


class TestDelete:
    @pytest.mark.parametrize("kind", ["ADVERTISER", "PIXEL"])
    def test_it_deletes_no_ad_account(self, tiktok: Client, priya: str, kind: str):
        values = {"bc_id": AGENCY, "asset_type": kind, "asset_ids": ["7"]}
        assert tiktok.post("bc/asset/admin/delete/", priya, **values).code == 40002

    def test_it_takes_one_account_with_all_that_hangs_on_it(
        self, tiktok: Client, priya: str, aino: str, jonas: str, ad_account: str
    ):
        assign(tiktok, priya, aino, jonas, "POST")
        link(tiktok, priya, aino, ad_account)
        values = {**TT, "asset_ids": [aino]}
        assert tiktok.post("bc/asset/admin/delete/", priya, **values).code == 0
        assert tiktok.post("bc/asset/admin/delete/", priya, **values).code == 40007
        assert listed(tiktok, priya, user_id=jonas) == {}
        assert identities(tiktok, priya, ad_account).data["identity_list"] == []

    def test_the_owner_can_leave_alone(self, tiktok: Client, priya: str, aino: str):
        tiktok.control("creators/leave", creator="aino", bc_id=AGENCY)
        assert listed(tiktok, priya) == {}


class TestAdAccount:
    def test_it_links_only_what_the_center_holds(
        self, tiktok: Client, priya: str, aino: str, halden: str
    ):
        foreign = tiktok.owned(halden)[1]
        assert link(tiktok, priya, aino, foreign).code == 40007

    def test_it_links_and_unlinks(
        self, tiktok: Client, priya: str, aino: str, ad_account: str
    ):
        for _ in range(2):
            assert link(tiktok, priya, aino, ad_account).code == 0
        asked = {**TT, "asset_id": aino}
        rows = tiktok.get("bc/asset/advertiser/assigned/", priya, **asked).list
        assert [row["advertiser_id"] for row in rows] == [ad_account]
        assert link(tiktok, priya, aino, ad_account, "unassign").code == 0
        assert link(tiktok, priya, aino, ad_account, "unassign").code == 40007
        rows = tiktok.get("bc/asset/advertiser/assigned/", priya, **asked).list
        assert rows == []

    def test_it_needs_the_center_for_identities_of_one(
        self, tiktok: Client, priya: str, ad_account: str
    ):
        answer = identities(tiktok, priya, ad_account, identity_authorized_bc_id="")
        assert answer.code == 40002

    def test_it_shows_identities_of_no_foreign_ad_account(
        self, tiktok: Client, priya: str, halden: str
    ):
        assert identities(tiktok, priya, tiktok.owned(halden)[1]).code == 40001

    @pytest.mark.parametrize("field", ["username", "user_name"])
    def test_it_shows_whom_an_ad_account_may_show(
        self, tiktok: Client, priya: str, aino: str, ad_account: str, field: str
    ):
        tiktok.switch(identity_name_field=field)
        link(tiktok, priya, aino, ad_account)
        (row,) = identities(tiktok, priya, ad_account).data["identity_list"]
        assert row[field] == "aino.outdoors"
        assert row["identity_authorized_bc_id"] == AGENCY
        assert row["identity_id"] != aino

    def test_an_account_can_have_one_id_everywhere(
        self, tiktok: Client, priya: str, aino: str, ad_account: str
    ):
        tiktok.switch(asset_is_identity=True)
        (asset,) = listed(tiktok, priya)
        link(tiktok, priya, asset, ad_account)
        (row,) = identities(tiktok, priya, ad_account).data["identity_list"]
        assert row["identity_id"] == asset
