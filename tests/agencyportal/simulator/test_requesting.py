"""Access that a center asks for on the website, as the wire tells it (facts 5.4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agencyportal.simulator.client import AGENCY, Answer, Client

NORDICS = "7301846225110446081"
DACH = "7318820417735294978"
ARCHIVE = "7204417719283302401"


@pytest.fixture
def living(tiktok: Client) -> str:
    """An account that a person owns, without a center."""
    return next(
        one["advertiser_id"]
        for one in tiktok.see("accounts")
        if one["name"] == "Maren Home Living"
    )


def lever(tiktok: Client, verb: str, asset_id: str = NORDICS) -> Answer:
    return tiktok.control(f"access/{verb}", bc_id=AGENCY, asset_id=asset_id)


def ask(tiktok: Client, asset_id: str = NORDICS, role: str = "OPERATOR") -> Answer:
    return tiktok.control(
        "access", bc_id=AGENCY, asset_id=asset_id, advertiser_role=role
    )


def row(tiktok: Client, token: str, asset_id: str = NORDICS) -> dict[str, Any]:
    listed: dict[str, Any] = tiktok.held(token, AGENCY).get(asset_id, {})
    return listed


def test_it_asks_for_no_account_that_does_not_exist(tiktok: Client):
    assert ask(tiktok, "1").status == 404


def test_it_asks_for_an_account_once(tiktok: Client):
    assert ask(tiktok).status == 200
    assert ask(tiktok, role="ANALYST").status == 400


@pytest.mark.parametrize("verb", ["approve", "refuse", "cancel", "unlink"])
def test_it_decides_nothing_that_was_not_asked(tiktok: Client, verb: str):
    assert lever(tiktok, verb).status == 404


def test_it_asks_for_nothing_the_center_has(
    tiktok: Client, sofia: str, priya: str, halden: str
):
    tiktok.share(sofia, halden, [NORDICS])
    assert ask(tiktok).status == 400
    assert row(tiktok, priya)["relation_status"] == "BOUND"


@pytest.mark.parametrize(
    ("verbs", "status"),
    [
        ([], "PENDING"),
        (["refuse"], "REJECTED"),
        (["approve"], "BOUND"),
        (["approve", "unlink"], "UNBOUND"),
        (["cancel"], None),
    ],
)
def test_it_stands_in_the_askers_list(
    tiktok: Client, priya: str, verbs: list[str], status: str | None
):
    assert ask(tiktok).status == 200
    for verb in verbs:
        assert lever(tiktok, verb).status == 200
    listed = row(tiktok, priya)
    assert listed.get("relation_status") == status
    assert listed.get("relation_type") == (status and "OWNER_PARTNER")
    assert ("advertiser_role" in listed) is (status == "BOUND")


@pytest.mark.parametrize("is_listed", [True, False])
def test_a_partners_list_tells_the_role_by_a_switch(
    tiktok: Client, priya: str, halden: str, is_listed: bool
):
    tiktok.switch(approved_in_partner_get=is_listed)
    ask(tiktok, role="ANALYST")
    assert tiktok.shared(priya, halden) == {}
    lever(tiktok, "approve")
    shared = {NORDICS: "ANALYST"} if is_listed else {}
    assert tiktok.shared(priya, halden) == shared
    partners = tiktok.get("bc/partner/get/", priya, bc_id=AGENCY).list
    assert halden in {one["bc_id"] for one in partners}


def test_it_asks_again_in_place_of_what_was_refused(tiktok: Client, priya: str):
    ask(tiktok)
    lever(tiktok, "refuse")
    assert ask(tiktok, role="ANALYST").status == 200
    assert row(tiktok, priya)["relation_status"] == "PENDING"


def test_an_account_of_no_center_tells_the_askers_own_role(
    tiktok: Client, priya: str, living: str
):
    ask(tiktok, living, "ANALYST")
    lever(tiktok, "approve", living)
    listed = row(tiktok, priya, living)
    assert listed["relation_type"] == "OWNER_INDIVIDUAL"
    assert listed["advertiser_role"] == "ANALYST"


def test_it_lists_an_account_once_that_is_shared_after_a_refusal(
    tiktok: Client, sofia: str, priya: str, halden: str
):
    ask(tiktok)
    lever(tiktok, "refuse")
    tiktok.share(sofia, halden, [NORDICS])
    rows = tiktok.get(
        "bc/asset/admin/get/", priya, bc_id=AGENCY, asset_type="ADVERTISER"
    ).list
    listed = [one for one in rows if one["asset_id"] == NORDICS]
    assert [one["relation_status"] for one in listed] == ["BOUND"]


class TestPages:
    def test_they_know_no_other_centers_or_accounts(self, tiktok: Client):
        assert tiktok.send("GET", "/bc/1/requests/").status == 404
        assert tiktok.send("GET", "/account/1/").status == 404
        assert tiktok.form("/account/1/", {"decision": "approve"}).status == 400

    @pytest.mark.parametrize(
        "sent",
        [
            {"asset_id": "1", "role": "OPERATOR"},
            {"asset_id": NORDICS, "role": "OWNER"},
            {"asset_id": NORDICS, "decision": "cancel"},
        ],
    )
    def test_they_say_why_nothing_was_sent(self, tiktok: Client, sent: dict[str, str]):
        answer = tiktok.form(f"/bc/{AGENCY}/requests/", sent)
        assert answer.status == 400
        assert "<h1>Not sent</h1>" in answer.text

    def test_they_lead_from_the_request_to_its_end(
        self, tiktok: Client, priya: str, halden: str
    ):
        assert "requests/" in tiktok.send("GET", f"/bc/{AGENCY}/").text
        sent = {"asset_id": NORDICS, "role": "OPERATOR", "decision": "request"}
        assert tiktok.form(f"/bc/{AGENCY}/requests/", sent).status == 303
        owners = tiktok.send("GET", f"/bc/{halden}/requests/").text
        assert f"/account/{NORDICS}/" in owners
        account = tiktok.send("GET", f"/account/{NORDICS}/").text
        assert "Approve" in account
        assert "Refuse" in account
        for decision in ("approve", "unlink"):
            pressed = {"bc_id": AGENCY, "decision": decision}
            assert tiktok.form(f"/account/{NORDICS}/", pressed).status == 303
        assert row(tiktok, priya)["relation_status"] == "UNBOUND"
        assert tiktok.form(f"/account/{NORDICS}/", pressed).status == 400
