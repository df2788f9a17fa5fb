from __future__ import annotations

from tests.agencyportal.simulator.client import AGENCY, NORDIC, Client


def names(rows) -> list[tuple[str, str]]:
    return [(row["bc_info"]["name"], row["user_role"]) for row in rows]


def test_it_lists_nothing_for_a_login_without_centers(tiktok: Client):
    data = tiktok.get("bc/get/", tiktok.token("maren")).data
    assert data["list"] == []
    assert data["page_info"]["total_number"] == 0


def test_it_lists_nothing_for_somebody_elses_center(tiktok: Client, sofia: str):
    assert tiktok.get("bc/get/", sofia, bc_id=AGENCY).list == []


def test_it_leaves_out_an_invitation_not_accepted(tiktok: Client, priya: str):
    emails = ["sofia@haldenoutdoor.example"]
    tiktok.post("bc/member/invite/", priya, bc_id=AGENCY, emails=emails)
    rows = tiktok.get("bc/get/", tiktok.token("sofia")).list
    assert names(rows) == [("Halden Outdoor", "ADMIN")]


def test_it_lists_each_center_with_the_users_role(tiktok: Client):
    rows = tiktok.get("bc/get/", tiktok.token("ines")).list
    assert names(rows) == [
        ("Kestrel Cycles UK", "ADMIN"),
        ("Kestrel Cycles B2B", "ADMIN"),
        ("Kestrel Cycles Racing", "STANDARD"),
    ]


def test_it_lists_a_standard_member_too(tiktok: Client):
    rows = tiktok.get("bc/get/", tiktok.token("paolo")).list
    assert names(rows) == [("Osteria Lume", "STANDARD")]


def test_it_finds_one_center(tiktok: Client, priya: str):
    rows = tiktok.get("bc/get/", priya, bc_id=NORDIC).list
    assert names(rows) == [("Northlight Nordic", "ADMIN")]
    assert rows[0]["bc_info"]["type"] == "AGENCY"
    assert rows[0]["ext_user_role"] == {}


def test_it_shows_the_finance_role_once_given(tiktok: Client, priya: str):
    jonas = tiktok.token("jonas")
    user_id = tiktok.get("user/info/", jonas).data["core_user_id"]
    tiktok.post(
        "bc/member/update/",
        priya,
        bc_id=AGENCY,
        user_id=user_id,
        ext_user_role={"finance_role": "ANALYST"},
    )
    row = tiktok.get("bc/get/", jonas).list[0]
    assert row["ext_user_role"] == {"finance_role": "ANALYST"}
