from __future__ import annotations

import pytest

from tests.agencyportal.simulator.client import AGENCY, NORDIC, Client

NORDICS = "7301846225110446081"
DACH = "7318820417735294978"
RETAIL = "7289900134476521473"
ARCHIVE = "7204417719283302401"


def sharing(tiktok: Client, token: str, giver: str) -> dict[str, str]:
    """Return account -> role as the giver reads it."""
    rows = tiktok.get(
        "bc/partner/asset/get/",
        token,
        bc_id=giver,
        partner_id=AGENCY,
        asset_type="ADVERTISER",
        share_type="SHARING",
    ).list
    return {row["asset_id"]: row["advertiser_role"] for row in rows}


def partners(tiktok: Client, token: str, bc_id: str) -> list[str]:
    rows = tiktok.get("bc/partner/get/", token, bc_id=bc_id).list
    return [row["bc_id"] for row in rows]


class TestAdd:
    def test_it_refuses_a_standard_member(self, tiktok: Client):
        bc_id = tiktok.center("Osteria Lume")
        answer = tiktok.share(tiktok.token("paolo"), bc_id, tiktok.owned(bc_id))
        assert answer.code == 40001

    def test_it_refuses_an_admin_of_another_center(self, tiktok: Client, sofia: str):
        bc_id = tiktok.center("Calder Books")
        assert tiktok.share(sofia, bc_id, tiktok.owned(bc_id)).code == 40001

    def test_it_refuses_without_the_partner_permission(self, tiktok: Client):
        bc_id = tiktok.center("Demir Bakery")
        answer = tiktok.share(tiktok.token("yusuf"), bc_id, tiktok.owned(bc_id))
        assert answer.code == 40001
        assert "155" in answer.json["message"]

    @pytest.mark.parametrize("asset_id", [RETAIL, ARCHIVE, "1"])
    @pytest.mark.parametrize("code", [40001, 40002])
    def test_it_refuses_what_the_center_does_not_own(
        self, tiktok: Client, sofia: str, halden: str, asset_id: str, code: int
    ):
        tiktok.switch(not_owner_code=code)
        answer = tiktok.share(sofia, halden, [NORDICS, asset_id])
        assert answer.code == code
        assert asset_id in answer.json["message"]
        assert sharing(tiktok, sofia, halden) == {}

    def test_it_may_refuse_what_is_linked_elsewhere_until_the_owner_links_us(
        self, tiktok: Client, sofia: str, halden: str
    ):
        tiktok.share(sofia, halden, [NORDICS], partner_id=NORDIC)
        tiktok.switch(linked_elsewhere="refuse")
        answer = tiktok.share(sofia, halden, [NORDICS])
        assert "linked to another Business Center" in answer.json["message"]
        assert sharing(tiktok, sofia, halden) == {}
        told = {"receiver": AGENCY, "asset_id": NORDICS, "role": "OPERATOR"}
        tiktok.form(f"/bc/{halden}/", {**told, "decision": "share"})
        assert tiktok.share(sofia, halden, [NORDICS]).code == 0

    def test_it_refuses_an_account_that_is_not_bound(
        self, tiktok: Client, sofia: str, halden: str
    ):
        tiktok.control(f"accounts/{NORDICS}", relation_status="PENDING")
        assert tiktok.share(sofia, halden, [NORDICS]).code == 40001

    @pytest.mark.parametrize("code", [40001, 40002])
    def test_it_refuses_an_unknown_partner(
        self, tiktok: Client, sofia: str, halden: str, code: int
    ):
        tiktok.switch(unknown_partner_code=code)
        assert tiktok.share(sofia, halden, [NORDICS], partner_id="1").code == code

    @pytest.mark.parametrize(
        "params",
        [
            {"partner_id": ""},
            {"partner_id": "Northlight"},
            {"asset_type": "PIXEL"},
            {"asset_type": ""},
            {"advertiser_role": "OWNER"},
            {"asset_ids": NORDICS},
            {"asset_ids": [int(NORDICS)]},
            {"asset_ids": [str(n) for n in range(51)]},
        ],
    )
    def test_it_refuses_bad_parameters(
        self, tiktok: Client, sofia: str, halden: str, params: dict[str, object]
    ):
        assert tiktok.share(sofia, halden, [NORDICS], **params).code == 40002

    def test_it_refuses_a_center_as_its_own_partner(
        self, tiktok: Client, sofia: str, halden: str
    ):
        assert tiktok.share(sofia, halden, [], partner_id=halden).code == 40002

    def test_it_makes_a_partnership_without_accounts(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        params = {"bc_id": halden, "partner_id": AGENCY}
        assert tiktok.post("bc/partner/add/", sofia, **params).data == {}
        assert AGENCY in partners(tiktok, sofia, halden)
        assert partners(tiktok, priya, AGENCY) == [halden]
        assert tiktok.shared(priya, halden) == {}

    def test_it_gives_analyst_by_default(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        tiktok.share(sofia, halden, [NORDICS], advertiser_role="")
        assert tiktok.shared(priya, halden) == {NORDICS: "ANALYST"}

    def test_it_shares_with_a_role_both_sides_read(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        assert tiktok.share(sofia, halden, [NORDICS]).data == {}
        assert sharing(tiktok, sofia, halden) == {NORDICS: "OPERATOR"}
        assert tiktok.shared(priya, halden) == {NORDICS: "OPERATOR"}
        assert tiktok.held(priya, AGENCY)[NORDICS]["relation_type"] == "OWNER_PARTNER"

    def test_it_shares_more_with_the_same_partner(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        tiktok.share(sofia, halden, [NORDICS])
        tiktok.share(sofia, halden, [DACH])
        assert set(tiktok.shared(priya, halden)) == {NORDICS, DACH}
        assert partners(tiktok, priya, AGENCY) == [halden]

    def test_it_shares_fifty_at_once(self, tiktok: Client, priya: str):
        bc_id = tiktok.center("Vance Motors")
        ids = tiktok.owned(bc_id)[:50]
        assert tiktok.share(tiktok.token("greta"), bc_id, ids).code == 0
        assert set(tiktok.shared(priya, bc_id)) == set(ids)

    def test_it_does_not_pass_a_shared_account_on(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        tiktok.share(sofia, halden, [NORDICS])
        answer = tiktok.share(priya, AGENCY, [NORDICS], partner_id=NORDIC)
        assert answer.code == 40001

    def test_it_can_share_the_rest_of_a_batch(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        tiktok.switch(share_partly="share_rest")
        answer = tiktok.share(sofia, halden, [NORDICS, RETAIL])
        assert answer.json["code"] == 20001
        assert RETAIL in answer.json["message"]
        assert list(tiktok.shared(priya, halden)) == [NORDICS]

    @pytest.mark.parametrize(
        ("value", "code", "role"),
        [
            ("update_role", 0, "ANALYST"),
            ("keep_role", 0, "OPERATOR"),
            ("refuse", 40002, "OPERATOR"),
        ],
    )
    def test_it_has_three_answers_to_sharing_again(
        self,
        tiktok: Client,
        sofia: str,
        priya: str,
        halden: str,
        value: str,
        code: int,
        role: str,
    ):
        tiktok.share(sofia, halden, [NORDICS])
        tiktok.switch(share_again=value)
        answer = tiktok.share(sofia, halden, [NORDICS], advertiser_role="ANALYST")
        assert answer.code == code
        assert tiktok.shared(priya, halden) == {NORDICS: role}


class TestReceiverMustAccept:
    @pytest.fixture(params=["everywhere", "receiver", "giver"])
    def waiting(
        self, request, tiktok: Client, sofia: str, halden: str
    ) -> dict[str, str]:
        """A share that waits, for each of the three reasons."""
        if request.param == "everywhere":
            tiktok.switch(receiver_must_accept=True)
        elif request.param == "receiver":
            tiktok.control(f"centers/{AGENCY}", receives_by_hand=True)
        else:
            tiktok.control(f"centers/{halden}", shares_wait=True)
        assert tiktok.share(sofia, halden, [NORDICS]).data == {}
        return {"giver": halden, "receiver": AGENCY}

    def test_it_shows_the_receiver_nothing(
        self, tiktok: Client, waiting: dict[str, str], priya: str, halden: str
    ):
        assert tiktok.shared(priya, halden) == {}
        assert tiktok.held(priya, AGENCY) == {}
        assert partners(tiktok, priya, AGENCY) == []
        info = tiktok.get("advertiser/info/", priya, advertiser_ids=[NORDICS])
        assert info.code == 40001

    def test_it_shows_the_giver_the_share(
        self, tiktok: Client, waiting: dict[str, str], sofia: str, halden: str
    ):
        assert sharing(tiktok, sofia, halden) == {NORDICS: "OPERATOR"}
        assert AGENCY in partners(tiktok, sofia, halden)

    def test_it_shows_everything_once_accepted(
        self, tiktok: Client, waiting: dict[str, str], priya: str, halden: str
    ):
        assert tiktok.control("shares/accept", **waiting).status == 200
        assert tiktok.shared(priya, halden) == {NORDICS: "OPERATOR"}
        assert partners(tiktok, priya, AGENCY) == [halden]

    def test_it_shows_rejected_once_declined(
        self,
        tiktok: Client,
        waiting: dict[str, str],
        sofia: str,
        priya: str,
        halden: str,
    ):
        assert tiktok.control("shares/decline", **waiting).status == 200
        assert tiktok.shared(priya, halden) == {}
        row = tiktok.held(priya, AGENCY)[NORDICS]
        assert row["relation_status"] == "REJECTED"
        assert sharing(tiktok, sofia, halden) == {}

    def test_it_can_be_shared_anew_after_a_decline(
        self,
        tiktok: Client,
        waiting: dict[str, str],
        sofia: str,
        priya: str,
        halden: str,
    ):
        tiktok.control("shares/decline", **waiting)
        tiktok.share(sofia, halden, [NORDICS])
        assert tiktok.held(priya, AGENCY) == {}
        tiktok.control("shares/accept", **waiting)
        assert tiktok.shared(priya, halden) == {NORDICS: "OPERATOR"}


class TestDelay:
    def test_it_shows_a_share_after_some_seconds(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        tiktok.switch(share_visible_after_seconds=30)
        tiktok.share(sofia, halden, [NORDICS])
        assert tiktok.shared(priya, halden) == {}
        assert tiktok.held(priya, AGENCY) == {}
        tiktok.control("clock", advance_seconds=30)
        assert tiktok.shared(priya, halden) == {NORDICS: "OPERATOR"}

    def test_it_shows_a_share_after_some_reads(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        tiktok.switch(share_visible_after_reads=2)
        tiktok.share(sofia, halden, [NORDICS])
        assert tiktok.shared(priya, halden) == {}
        assert tiktok.held(priya, AGENCY) == {}
        assert tiktok.shared(priya, halden) == {NORDICS: "OPERATOR"}

    def test_it_does_not_count_reads_that_would_not_show_it(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        tiktok.switch(share_visible_after_reads=1)
        tiktok.share(sofia, halden, [NORDICS])
        tiktok.held(priya, AGENCY, relation_type="OWNER_BC")
        sharing(tiktok, sofia, halden)
        assert tiktok.shared(priya, halden) == {}
        assert tiktok.shared(priya, halden) == {NORDICS: "OPERATOR"}


class TestTakingBack:
    def take(self, tiktok: Client, token: str, bc_id: str, **params: object):
        values = {
            "bc_id": bc_id,
            "partner_id": AGENCY,
            "asset_type": "ADVERTISER",
            "asset_ids": [NORDICS],
        }
        return tiktok.post("bc/partner/asset/delete/", token, **(values | params))

    def test_it_refuses_what_is_not_shared(
        self, tiktok: Client, sofia: str, halden: str
    ):
        assert self.take(tiktok, sofia, halden).code == 40007
        assert self.take(tiktok, sofia, halden, asset_ids=[]).code == 40002

    def test_it_refuses_the_receiver(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        tiktok.share(sofia, halden, [NORDICS])
        assert self.take(tiktok, priya, AGENCY, partner_id=halden).code == 40007
        assert self.take(tiktok, priya, halden).code == 40001

    def test_it_takes_all_or_none(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        tiktok.share(sofia, halden, [NORDICS])
        assert self.take(tiktok, sofia, halden, asset_ids=[NORDICS, DACH]).code == 40007
        assert tiktok.shared(priya, halden) == {NORDICS: "OPERATOR"}

    def test_it_takes_the_share_and_its_members(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        jonas = tiktok.token("jonas")
        tiktok.share(sofia, halden, [NORDICS])
        tiktok.post(
            "bc/asset/assign/",
            priya,
            bc_id=AGENCY,
            user_id=tiktok.get("user/info/", jonas).data["core_user_id"],
            asset_type="ADVERTISER",
            asset_id=NORDICS,
            advertiser_role="ANALYST",
        )
        assert self.take(tiktok, sofia, halden).data == {}
        assert tiktok.shared(priya, halden) == {}
        assert tiktok.held(priya, AGENCY) == {}
        assert tiktok.get("oauth2/advertiser/get/", jonas, **tiktok.app()).list == []
        assert partners(tiktok, priya, AGENCY) == [halden]

    def test_it_can_leave_an_unbound_row(
        self, tiktok: Client, sofia: str, priya: str, halden: str
    ):
        tiktok.switch(unshared_in_admin_get="unbound")
        tiktok.share(sofia, halden, [NORDICS])
        self.take(tiktok, sofia, halden)
        assert tiktok.held(priya, AGENCY)[NORDICS]["relation_status"] == "UNBOUND"
        assert tiktok.shared(priya, halden) == {}


class TestDelete:
    def drop(self, tiktok: Client, token: str, bc_id: str, partner_id: str):
        return tiktok.post(
            "bc/partner/delete/", token, bc_id=bc_id, partner_id=partner_id
        )

    @pytest.fixture
    def both_ways(self, tiktok: Client, sofia: str, priya: str, halden: str) -> str:
        """Halden shares to the agency, and the agency shares one account back."""
        own = tiktok.control("accounts", name="Ours", bc_id=AGENCY).json
        tiktok.share(sofia, halden, [NORDICS])
        tiktok.share(priya, AGENCY, [own["advertiser_id"]], partner_id=halden)
        return own["advertiser_id"]

    def test_it_refuses_a_center_that_is_no_partner(
        self, tiktok: Client, sofia: str, halden: str
    ):
        assert self.drop(tiktok, sofia, halden, AGENCY).code == 40007

    def test_it_can_refuse_the_receiving_side(
        self, tiktok: Client, both_ways: str, priya: str, halden: str
    ):
        tiktok.switch(receiver_may_delete_partner=False)
        assert self.drop(tiktok, priya, AGENCY, halden).code == 40001

    @pytest.mark.parametrize(
        ("value", "kept"),
        [("both", (False, False)), ("given", (False, True)), ("none", (True, True))],
    )
    def test_it_ends_the_shares_the_switch_names(
        self,
        tiktok: Client,
        both_ways: str,
        sofia: str,
        priya: str,
        halden: str,
        value: str,
        kept: tuple[bool, bool],
    ):
        tiktok.switch(partner_delete_ends=value)
        assert self.drop(tiktok, sofia, halden, AGENCY).data == {}
        given = NORDICS in tiktok.shared(priya, halden)
        received = both_ways in tiktok.held(sofia, halden)
        assert (given, received) == kept
        assert AGENCY not in partners(tiktok, sofia, halden)
        assert partners(tiktok, priya, AGENCY) == []
