from __future__ import annotations

import pytest

from agencyportal.simulator.cast import BUILDERS
from agencyportal.simulator.scenarios import SCENARIOS
from tests.agencyportal.simulator.client import AGENCY, NORDIC, Client

CLIENTS = [one for one in SCENARIOS if not one.name.startswith("agency_")]


def own_accounts(tiktok: Client, token: str) -> dict[str, int]:
    """Return how many accounts each center of a login may share, by name."""
    found = {}
    for row in tiktok.get("bc/get/", token, page_size=50).list:
        if row["user_role"] == "ADMIN":
            params = {"bc_id": row["bc_info"]["bc_id"], "asset_type": "ADVERTISER"}
            filtering = {"relation_type": "OWNER_BC", "relation_status": "BOUND"}
            data = tiktok.get(
                "bc/asset/admin/get/", token, **params, filtering=filtering
            ).data
            name = row["bc_info"]["name"]
            found[name] = data["page_info"]["total_number"]
    return found


def test_it_has_one_row_for_each_name_and_person():
    assert len({one.name for one in SCENARIOS}) == len(SCENARIOS)
    assert len({one.person for one in SCENARIOS}) == len(SCENARIOS)
    assert {one.name for one in CLIENTS} == set(BUILDERS)


@pytest.mark.parametrize("one", SCENARIOS, ids=lambda one: one.name)
def test_it_plays_each_scenario_in_world_demo(tiktok: Client, one):
    person = next(p for p in tiktok.see("people") if p["id"] == one.person)
    assert person["scenario"] == one.name
    assert one.sentence.endswith(".")
    assert tiktok.control("consent", person=one.person).status == 200


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ("sofia", {"Halden Outdoor": 3}),
        ("dana", {"Brightwater Clinics": 2}),
        ("paolo", {}),
        ("ines", {"Kestrel Cycles UK": 2, "Kestrel Cycles B2B": 2}),
        ("maren", {}),
        ("oskar", {"Blom Ceramics": 0}),
        ("greta", {"Vance Motors": 130}),
        ("nadia", {"Fjord Coffee": 2, "Alder and Pine": 2}),
        ("priya", {"Northlight Agency": 0, "Northlight Nordic": 0}),
        ("mira", {"Northlight Agency": 0}),
        ("jonas", {}),
    ],
)
def test_it_gives_each_person_what_they_may_share(
    tiktok: Client, person: str, expected: dict[str, int]
):
    assert own_accounts(tiktok, tiktok.token(person)) == expected


def test_it_makes_dana_wait_for_the_receiver(tiktok: Client, priya: str):
    bc_id = tiktok.center("Brightwater Clinics")
    answer = tiktok.share(tiktok.token("dana"), bc_id, tiktok.owned(bc_id))
    assert answer.code == 0
    assert tiktok.shared(priya, bc_id) == {}


def test_it_keeps_maren_to_individual_accounts(tiktok: Client):
    token = tiktok.token("maren")
    rows = tiktok.get("oauth2/advertiser/get/", token, **tiktok.app()).list
    assert len(rows) == 2


def test_it_gives_nadia_two_companies(tiktok: Client):
    rows = tiktok.get("bc/get/", tiktok.token("nadia")).list
    assert len({row["bc_info"]["company"] for row in rows}) == 2


@pytest.mark.parametrize(
    ("person", "is_same", "old_lives"),
    [("hugo", True, True), ("elin", False, True), ("marco", False, False)],
)
def test_it_reauthorizes_in_three_ways(
    tiktok: Client, person: str, is_same: bool, old_lives: bool
):
    old, new = tiktok.token(person), tiktok.token(person)
    assert (old == new) is is_same
    assert (tiktok.get("bc/get/", old).code == 0) is old_lives
    assert tiktok.get("bc/get/", new).code == 0


@pytest.mark.parametrize("scenario", sorted(BUILDERS))
def test_it_plays_any_scenario_for_anybody(tiktok: Client, scenario: str):
    """Whoever changes role leaves nothing of the earlier one behind."""
    values = {"id": "new", "name": "Nils Ek", "email": "nils@ek.example"}
    fresh = tiktok.control("people", **values, scenario=scenario)
    assert fresh.status == 200, fresh.text
    for person in ("sofia", "paolo", "greta"):
        answer = tiktok.control(f"people/{person}", scenario=scenario)
        assert answer.json["scenario"] == scenario
        tiktok.control(f"people/{person}", scenario=scenario)
    world = tiktok.see("world")
    centers = {center["bc_id"] for center in world["centers"]}
    accounts = [account["advertiser_id"] for account in world["accounts"]]
    assert len(accounts) == len(set(accounts))
    for share in world["shares"]:
        assert {share["giver"], share["receiver"]} <= centers
        assert share["asset_id"] in accounts
    for center in world["centers"]:
        ids = [member["user_id"] for member in center["members"]]
        assert len(ids) == len(set(ids))


def test_it_has_ids_above_what_a_double_holds(tiktok: Client):
    world = tiktok.see("world")
    ids = [
        *(person["user_id"] for person in world["people"]),
        *(center["bc_id"] for center in world["centers"]),
        *(account["advertiser_id"] for account in world["accounts"]),
    ]
    assert len(ids) == len(set(ids))
    assert all(2**53 < int(one) < 2**63 for one in ids)
    assert {AGENCY, NORDIC} <= set(ids)
