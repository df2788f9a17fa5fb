from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest

from agencyportal.simulator import mishaps
from agencyportal.simulator.faults import FAULTS
from agencyportal.simulator.meanwhile import MEANWHILE
from agencyportal.simulator.server import Simulator
from tests.agencyportal.simulator.client import AGENCY, Answer, Client

ADD = "bc/partner/add/"
REFRESH = "tt_user/oauth2/refresh_token/"
LIST = "bc/asset/admin/get/"
CODES = {
    "rate_second": 40100,
    "rate_minute": 40100,
    "rate_day": 40100,
    "system_fault": 50000,
    "service_timeout": 50002,
    "key_expired": 40102,
    "key_refused": 40105,
}
STATUSES = {"page_for_answer": 200, "http_500": 500, "http_502": 502, "redirect": 302}


def read(tiktok: Client, token: str, bc_id: str) -> Answer:
    return tiktok.get(LIST, token, bc_id=bc_id, asset_type="ADVERTISER")


def shares(tiktok: Client) -> list[str]:
    return [
        one["asset_id"] for one in tiktok.see("shares") if one["receiver"] == AGENCY
    ]


class TestArming:
    @pytest.mark.parametrize(
        "values",
        [
            {"endpoint": LIST},
            {"fault": "slow"},
            {"endpoint": "bc/nothing/", "fault": "slow"},
            {"endpoint": LIST, "fault": "nothing"},
            {"endpoint": LIST, "fault": "slow", "times": 0},
            {"endpoint": LIST, "fault": "slow", "after": -1},
        ],
    )
    def test_it_refuses_what_it_does_not_know(
        self, tiktok: Client, values: dict[str, object]
    ):
        assert tiktok.control("faults", **values).status == 400
        assert tiktok.see("faults")["waiting"] == []

    def test_it_leaves_other_endpoints_alone(
        self, tiktok: Client, sofia: str, halden: str
    ):
        tiktok.control("faults", endpoint=ADD, fault="system_fault")
        assert read(tiktok, sofia, halden).code == 0

    def test_it_spoils_so_many_calls_after_so_many(
        self, tiktok: Client, sofia: str, halden: str
    ):
        tiktok.control("faults", endpoint=LIST, fault="system_fault", times=2, after=1)
        codes = [read(tiktok, sofia, halden).code for _ in range(5)]
        assert codes == [0, 50000, 50000, 0, 0]

    def test_it_spoils_a_share_of_the_calls(self, tiktok: Client):
        tiktok.control("faults", endpoint=REFRESH, fault="system_fault", percent=40)
        codes = [tiktok.refresh("nothing").code for _ in range(10)]
        assert codes.count(50000) == 4
        assert codes[:5] == [40107, 40107, 50000, 40107, 50000]

    def test_it_spoils_every_call_until_it_is_cleared(
        self, tiktok: Client, sofia: str, halden: str
    ):
        tiktok.control("faults", endpoint="*", fault="system_fault")
        assert [read(tiktok, sofia, halden).code for _ in range(3)] == [50000] * 3
        assert tiktok.get("bc/get/", sofia).code == 50000
        tiktok.control("faults/clear")
        assert read(tiktok, sofia, halden).code == 0

    def test_a_reset_clears_them(self, tiktok: Client):
        tiktok.control("faults", endpoint="*", fault="system_fault")
        tiktok.control("reset")
        assert tiktok.see("faults")["waiting"] == []

    def test_they_are_seen_on_the_front_page_and_in_the_document(self, tiktok: Client):
        assert "every call goes well" in tiktok.send("GET", "/").text
        tiktok.control("faults", endpoint=ADD, fault="stalled", times=3)
        page = tiktok.send("GET", "/").text
        assert FAULTS["stalled"].does in page
        assert ADD in page
        document = tiktok.see("")["faults"]
        assert set(document["scenarios"]) == set(FAULTS)
        assert document["waiting"] == [
            {
                "endpoint": ADD,
                "fault": "stalled",
                "times": 3,
                "after": 0,
                "percent": 100,
                "met": 0,
            }
        ]
        assert document["endpoints"][0] == "*"
        for endpoint in document["endpoints"]:
            armed = tiktok.control("faults", endpoint=endpoint, fault="slow")
            assert armed.status == 200, endpoint

    def test_spoilt_calls_are_counted(self, tiktok: Client, sofia: str, halden: str):
        tiktok.control("counters/reset")
        tiktok.control("faults", endpoint=LIST, fault="http_502")
        read(tiktok, sofia, halden)
        assert tiktok.see("counters") == {LIST: {"calls": 1, "errors": 1}}


class TestTold:
    def test_every_scenario_can_be_played(self):
        assert set(FAULTS) == {*mishaps.PLAYS, *MEANWHILE}

    @pytest.mark.parametrize("fault", CODES)
    def test_it_refuses_with_a_code_and_does_nothing(
        self, tiktok: Client, sofia: str, halden: str, fault: str
    ):
        tiktok.control("faults", endpoint=ADD, fault=fault)
        answer = tiktok.share(sofia, halden, tiktok.owned(halden)[:1])
        assert (answer.status, answer.code) == (200, CODES[fault])
        assert shares(tiktok) == []

    @pytest.mark.parametrize("fault", STATUSES)
    def test_a_gateway_answers_and_nothing_is_done(
        self, tiktok: Client, sofia: str, halden: str, fault: str
    ):
        tiktok.control("faults", endpoint=ADD, fault=fault)
        answer = tiktok.share(sofia, halden, tiktok.owned(halden)[:1])
        assert answer.status == STATUSES[fault]
        assert answer.headers["content-type"].startswith("text/html")
        assert shares(tiktok) == []

    def test_a_part_is_told_of_what_was_done(
        self, tiktok: Client, sofia: str, halden: str
    ):
        tiktok.control("faults", endpoint=ADD, fault="partly")
        answer = tiktok.share(sofia, halden, tiktok.owned(halden)[:1])
        assert answer.code == 20001
        assert shares(tiktok) == tiktok.owned(halden)[:1]


class TestSpoilt:
    def test_ids_are_floats(self, tiktok: Client, sofia: str, halden: str):
        tiktok.control("faults", endpoint=LIST, fault="wrong_types")
        row = read(tiktok, sofia, halden).list[0]
        assert type(row["asset_id"]) is float

    def test_data_without_ids_is_a_list(self, tiktok: Client, sofia: str, halden: str):
        tiktok.control("faults", endpoint=ADD, fault="wrong_types")
        assert tiktok.share(sofia, halden, tiktok.owned(halden)[:1]).data == []

    def test_words_are_new(self, tiktok: Client, sofia: str, halden: str):
        tiktok.control("faults", endpoint=LIST, fault="new_words")
        row = read(tiktok, sofia, halden).list[0]
        assert row["relation_type"] == row["relation_status"] == mishaps.NEW_WORD

    def test_rows_come_twice(self, tiktok: Client, sofia: str, halden: str):
        usual = read(tiktok, sofia, halden).data
        tiktok.control("faults", endpoint=LIST, fault="rows_twice")
        twice = read(tiktok, sofia, halden).data
        assert twice["list"] == usual["list"] * 2
        assert twice["page_info"]["total_number"] == len(twice["list"])

    def test_the_first_page_comes_again(self, tiktok: Client, sofia: str, halden: str):
        tiktok.control("faults", endpoint=LIST, fault="page_twice")
        pages = [read(tiktok, sofia, halden).data for _ in range(2)]
        assert pages[0] == pages[1]
        assert pages[0]["page_info"]["total_page"] == 2


class TestLost:
    def ask(self, tiktok: Client, token: str, bc_id: str) -> http.client.HTTPConnection:
        address = urlsplit(tiktok.simulator.base_url).netloc
        caller = http.client.HTTPConnection(address, timeout=0.2)
        path = f"/open_api/v1.3/{LIST}?bc_id={bc_id}&asset_type=ADVERTISER"
        caller.request("GET", path, headers={"Access-Token": token})
        return caller

    def test_the_connection_is_reset(self, tiktok: Client, sofia: str, halden: str):
        tiktok.control("faults", endpoint=LIST, fault="reset_before")
        caller = self.ask(tiktok, sofia, halden)
        with pytest.raises(ConnectionError):
            caller.getresponse()

    @pytest.mark.parametrize(
        ("fault", "done"), [("reset_before", 0), ("reset_after", 1)]
    )
    def test_it_is_reset_before_or_after_the_share(
        self, tiktok: Client, sofia: str, halden: str, fault: str, done: int
    ):
        tiktok.control("faults", endpoint=ADD, fault=fault)
        with pytest.raises(ConnectionError):
            tiktok.share(sofia, halden, tiktok.owned(halden)[:1])
        assert len(shares(tiktok)) == done

    def test_the_answer_breaks_off(self, tiktok: Client, sofia: str, halden: str):
        tiktok.control("faults", endpoint=LIST, fault="cut")
        answer = self.ask(tiktok, sofia, halden).getresponse()
        with pytest.raises(http.client.IncompleteRead):
            answer.read()

    def test_the_answer_never_comes(self, tiktok: Client, sofia: str, halden: str):
        tiktok.control("faults", endpoint=LIST, fault="stalled")
        caller = self.ask(tiktok, sofia, halden)
        with pytest.raises(TimeoutError):
            caller.getresponse()

    def test_the_answer_comes_late(
        self,
        tiktok: Client,
        sofia: str,
        halden: str,
        monkeypatch: pytest.MonkeyPatch,
    ):
        slept: list[float] = []
        clock = type("Clock", (), {"sleep": slept.append, "perf_counter": lambda: 0.0})
        monkeypatch.setattr("agencyportal.simulator.server.time", clock)
        tiktok.control("faults", endpoint=LIST, fault="slow")
        assert read(tiktok, sofia, halden).code == 0
        assert mishaps.SLOW_SECONDS in slept


class TestMeanwhile:
    """What people do on the website as a call arrives; once, unless told otherwise."""

    @pytest.fixture
    def shared(self, tiktok: Client, sofia: str, halden: str) -> str:
        account_id = tiktok.owned(halden)[0]
        assert tiktok.share(sofia, halden, [account_id]).code == 0
        return account_id

    def test_the_key_is_revoked(self, tiktok: Client, sofia: str, halden: str):
        tiktok.control("faults", endpoint=LIST, fault="key_revoked", after=1)
        codes = [read(tiktok, sofia, halden).code for _ in range(2)]
        assert codes == [0, 40105]
        tiktok.control("faults/clear")
        assert read(tiktok, sofia, halden).code == 40105

    def test_the_role_is_lowered(
        self, tiktok: Client, priya: str, halden: str, shared: str
    ):
        tiktok.control("faults", endpoint="bc/partner/asset/get/", fault="role_changed")
        assert tiktok.shared(priya, halden) == {shared: "ANALYST"}

    def test_the_share_is_undone(
        self, tiktok: Client, priya: str, halden: str, shared: str
    ):
        tiktok.control("faults", endpoint="bc/partner/asset/get/", fault="share_undone")
        assert tiktok.shared(priya, halden) == {}

    def test_the_center_is_gone(
        self, tiktok: Client, priya: str, halden: str, shared: str
    ):
        tiktok.control("faults", endpoint=LIST, fault="center_gone")
        assert shared not in tiktok.held(priya, AGENCY)
        assert halden not in {one["bc_id"] for one in tiktok.see("centers")}
        assert AGENCY in {one["bc_id"] for one in tiktok.see("centers")}

    def test_it_happens_once(self, tiktok: Client, sofia: str, halden: str):
        tiktok.control("faults", endpoint=ADD, fault="share_undone")
        ids = tiktok.owned(halden)
        tiktok.share(sofia, halden, ids[:1])
        tiktok.share(sofia, halden, ids[1:2])
        assert shares(tiktok) == ids[:2]


def test_a_caller_that_leaves_ends_a_stalled_call(running: Simulator, tiktok: Client):
    """Nothing is left behind that would hold up whoever calls next."""
    tiktok.control("faults", endpoint="bc/get/", fault="stalled", times=1)
    address = urlsplit(running.base_url).netloc
    caller = http.client.HTTPConnection(address, timeout=0.2)
    caller.request("GET", "/open_api/v1.3/bc/get/")
    with pytest.raises(TimeoutError):
        caller.getresponse()
    caller.close()
    assert tiktok.get("bc/get/", tiktok.token("sofia")).code == 0
