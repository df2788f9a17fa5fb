from __future__ import annotations

import pytest

from tests.agencyportal.simulator.client import AGENCY, Answer, Client

NORDICS = "7301846225110446081"
DACH = "7318820417735294978"


@pytest.fixture
def waiting(tiktok: Client, sofia: str, halden: str) -> list[str]:
    tiktok.switch(receiver_must_accept=True)
    tiktok.share(sofia, halden, [NORDICS, DACH])
    return [NORDICS, DACH]


def show(tiktok: Client, bc_id: str = AGENCY) -> Answer:
    return tiktok.send("GET", f"/bc/{bc_id}/")


def press(tiktok: Client, **values: str) -> Answer:
    return tiktok.form(f"/bc/{AGENCY}/", values)


def test_it_knows_no_other_centers(tiktok: Client):
    assert show(tiktok, "1").status == 404
    assert tiktok.form("/bc/1/", {"decision": "accept"}).status == 404
    assert show(tiktok, "abc").status == 404


def test_it_decides_nothing_without_a_button(
    tiktok: Client, waiting: list[str], priya: str, halden: str
):
    assert press(tiktok, giver=halden).status == 400
    assert tiktok.shared(priya, halden) == {}


def test_it_decides_nothing_for_another_giver(
    tiktok: Client, waiting: list[str], priya: str, halden: str
):
    press(tiktok, giver="1", decision="accept")
    press(tiktok, giver=halden, asset_id="1", decision="accept")
    assert tiktok.shared(priya, halden) == {}


def test_it_says_when_nothing_waits(tiktok: Client):
    answer = show(tiktok)
    assert "Nothing waits here" in answer.text
    assert "<button" not in answer.text


def test_it_lists_what_waits_with_buttons(tiktok: Client, waiting: list[str]):
    text = show(tiktok).text
    assert "Halden Outdoor shares 2 ad accounts with you" in text
    assert all(asset_id in text for asset_id in waiting)
    assert text.count('value="accept"') == text.count('value="decline"') == 3
    assert "<script" not in text


def test_it_escapes_names(tiktok: Client, sofia: str, halden: str):
    account = tiktok.control("accounts", name="<b>&", bc_id=halden).json
    tiktok.switch(receiver_must_accept=True)
    tiktok.share(sofia, halden, [account["advertiser_id"]])
    assert "&lt;b&gt;&amp;" in show(tiktok).text


def test_it_accepts_one(tiktok: Client, waiting: list[str], priya: str, halden: str):
    answer = press(tiktok, giver=halden, asset_id=NORDICS, decision="accept")
    assert (answer.status, answer.headers["location"]) == (303, f"/bc/{AGENCY}/")
    assert tiktok.shared(priya, halden) == {NORDICS: "OPERATOR"}
    assert "shares an ad account with you" in show(tiktok).text


def test_it_accepts_all(tiktok: Client, waiting: list[str], priya: str, halden: str):
    press(tiktok, giver=halden, decision="accept")
    assert set(tiktok.shared(priya, halden)) == set(waiting)


def test_it_declines_all(tiktok: Client, waiting: list[str], priya: str, halden: str):
    press(tiktok, giver=halden, decision="decline")
    rows = tiktok.held(priya, AGENCY)
    assert {row["relation_status"] for row in rows.values()} == {"REJECTED"}
    assert "Nothing waits here" in show(tiktok).text


@pytest.mark.parametrize("decision", ["accept", "decline"])
def test_it_decides_a_partnership_without_accounts(
    tiktok: Client, sofia: str, priya: str, halden: str, decision: str
):
    tiktok.switch(receiver_must_accept=True)
    tiktok.share(sofia, halden, [])
    assert "wants to be your partner" in show(tiktok).text
    press(tiktok, giver=halden, decision=decision)
    rows = tiktok.get("bc/partner/get/", priya, bc_id=AGENCY).list
    assert bool(rows) is (decision == "accept")
    assert "Nothing waits here" in show(tiktok).text


def test_it_leads_there_from_the_front_page(tiktok: Client):
    assert f'href="/bc/{AGENCY}/"' in tiktok.send("GET", "/").text


class TestGiving:
    """What a client does by hand: the portal finds it, and later that it is gone."""

    def give(self, tiktok: Client, halden: str, **values: str) -> Answer:
        told = {"receiver": AGENCY, "asset_id": NORDICS, "role": "OPERATOR", **values}
        return tiktok.form(f"/bc/{halden}/", told)

    @pytest.mark.parametrize(
        "values",
        [
            {"decision": "share", "receiver": "1"},
            {"decision": "share", "asset_id": "1"},
            {"decision": "share", "role": "OWNER"},
            {"decision": "role"},
            {"decision": "stop"},
        ],
    )
    def test_it_does_nothing_with_what_is_not_there(
        self, tiktok: Client, priya: str, halden: str, values: dict[str, str]
    ):
        assert self.give(tiktok, halden, **values).status == 400
        assert tiktok.shared(priya, halden) == {}

    def test_our_own_center_gives_nothing(self, tiktok: Client, halden: str):
        assert "Share with" not in show(tiktok).text
        told = {"receiver": halden, "asset_id": NORDICS, "decision": "share"}
        assert tiktok.form(f"/bc/{AGENCY}/", told).status == 400

    def test_it_does_not_share_twice(self, tiktok: Client, priya: str, halden: str):
        self.give(tiktok, halden, decision="share")
        again = self.give(tiktok, halden, decision="share", role="ADMIN")
        assert again.status == 400
        assert tiktok.shared(priya, halden) == {NORDICS: "OPERATOR"}

    def test_it_is_shared_changed_and_taken_back(
        self, tiktok: Client, priya: str, halden: str
    ):
        assert "Share with Northlight Agency" in show(tiktok, halden).text
        assert self.give(tiktok, halden, decision="share").status == 303
        assert tiktok.shared(priya, halden) == {NORDICS: "OPERATOR"}
        page = show(tiktok, halden).text
        assert "Northlight Agency: OPERATOR, accepted" in page
        self.give(tiktok, halden, decision="role", role="ANALYST")
        assert tiktok.shared(priya, halden) == {NORDICS: "ANALYST"}
        self.give(tiktok, halden, decision="stop")
        assert tiktok.shared(priya, halden) == {}
        assert "Stop sharing" not in show(tiktok, halden).text

    def test_a_share_may_wait_for_the_receiver(
        self, tiktok: Client, priya: str, halden: str
    ):
        tiktok.switch(receiver_must_accept=True)
        self.give(tiktok, halden, decision="share")
        assert "waits for its Accept" in show(tiktok, halden).text
        press(tiktok, giver=halden, decision="accept")
        assert tiktok.shared(priya, halden) == {NORDICS: "OPERATOR"}


class TestInvitations:
    EMAIL = "nora.vik@northlight.example"

    @pytest.fixture(autouse=True)
    def invited(self, tiktok: Client, priya: str) -> None:
        tiktok.post("bc/member/invite/", priya, bc_id=AGENCY, emails=[self.EMAIL])

    def status(self, tiktok: Client, priya: str) -> dict[str, str]:
        rows = tiktok.get("bc/member/get/", priya, bc_id=AGENCY, page_size=20).list
        return {row["user_email"]: row["relation_status"] for row in rows}

    def test_it_seats_nobody_who_was_not_invited(self, tiktok: Client, priya: str):
        answer = press(tiktok, email="eve@northlight.example", decision="join")
        assert "This has changed" in answer.text
        assert "eve@northlight.example" not in self.status(tiktok, priya)

    @pytest.mark.parametrize(
        ("decision", "status"), [("join", "BOUND"), ("refuse", "REJECTED")]
    )
    def test_it_takes_the_answer_once(
        self, tiktok: Client, priya: str, decision: str, status: str
    ):
        assert self.EMAIL in show(tiktok).text
        assert press(tiktok, email=self.EMAIL, decision=decision).status == 303
        assert self.status(tiktok, priya)[self.EMAIL] == status
        assert (
            "This has changed" in press(tiktok, email=self.EMAIL, decision="join").text
        )
