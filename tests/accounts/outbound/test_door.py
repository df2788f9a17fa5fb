from __future__ import annotations

import gzip
import logging
import socket
import time
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from accounts.outbound import (
    Answer,
    Call,
    Door,
    InsideTransactionError,
    OutboundError,
    Patience,
    Pause,
    address,
    transport,
)
from accounts.outbound.secret import Secret
from tests.accounts.outbound.stub import (
    Handler,
    Seen,
    Stub,
    breaks_off,
    breaks_off_a_chunk,
    hangs_up,
    says,
)

TOKEN = "act.CANARY-7f3a"


def judge(answer: Answer) -> Any:
    answer.require_ok()
    body = answer.read_json()
    answer.code, answer.trace_id = str(body["code"]), body.get("request_id", "")
    if body["code"]:
        raise OutboundError(
            "Refused.",
            permanent=body["code"] < 50000,
            code=answer.code,
            outcome_unknown=not answer.call.is_read,
        )
    return body["data"]


GOOD = says({"code": 0, "data": "value", "request_id": "R1"})
FAULT = says({"code": 50000})


def failed(door: Door, call: Call) -> OutboundError:
    with pytest.raises(OutboundError) as caught:
        door.call(call, judge)
    return caught.value


# What is refused before anything leaves ---------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/read/",
        "http://127.0.0.1/read/",
        "http://localhost:{port}/read/",
        "https://127.0.0.1:{port}/read/",
        "http://127.0.0.1:{port}@evil.example/",
        "http://user:pass@127.0.0.1:{port}/read/",
        "ftp://127.0.0.1:{port}/read/",
        "//127.0.0.1:{port}/read/",
        "http://127.0.0.1:{port}0000/read/",
        "http://[::1/read/",
        "",
    ],
)
def test_it_calls_no_other_host(stub: Stub, door: Door, url: str) -> None:
    port = stub.url.rpartition(":")[2]
    if url.startswith("https"):
        # Same host and port: the certificate check refuses it, not the list.
        assert failed(door, Call("GET", url.format(port=port))).outcome_unknown is False
    else:
        error = failed(door, Call("GET", url.format(port=port), is_read=True))
        assert error.permanent
    assert stub.seen == []


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_work_inside_a_transaction(
    stub: Stub, door: Door, read: Call
) -> None:
    with transaction.atomic(), pytest.raises(InsideTransactionError, match="Commit"):
        door.call(read, judge)
    assert stub.seen == []


@pytest.mark.django_db
def test_it_refuses_a_block_inside_a_test_as_well(door: Door, read: Call) -> None:
    with transaction.atomic(), pytest.raises(InsideTransactionError):
        door.call(read, judge)


# What is refused of what comes back -------------------------------------------------


def test_it_does_not_follow_a_redirect(stub: Stub, door: Door, read: Call) -> None:
    stub.will(says(b"", status=302, Location=f"{stub.url}/elsewhere/"))
    error = failed(door, read)
    assert error.permanent
    assert "redirect" in str(error)
    assert [seen.path for seen in stub.seen] == ["/read/"]


def test_it_stops_reading_at_five_megabytes(stub: Stub, door: Door, read: Call) -> None:
    stub.will(says(b"x" * (transport.LARGEST_BODY + 1)))
    error = failed(door, read)
    assert error.permanent
    assert "5 MB" in str(error)


def test_it_counts_the_unpacked_size(stub: Stub, door: Door, read: Call) -> None:
    packed = gzip.compress(b"0" * (transport.LARGEST_BODY + 1))
    stub.will(says(packed, Content_Encoding="gzip"))
    assert "5 MB" in str(failed(door, read))


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"code": 0', b"\xff", b"[" * 100_000, b'{"code": NaN}']
)
def test_it_refuses_a_body_that_is_not_json(
    stub: Stub, door: Door, read: Call, naps: list[float], body: bytes
) -> None:
    stub.will(says(body))
    error = failed(door, read)
    assert not error.permanent
    assert error.kind == "malformed"


@pytest.mark.parametrize("cut", [hangs_up, breaks_off, breaks_off_a_chunk])
def test_it_takes_a_cut_off_answer_for_none(
    stub: Stub, door: Door, read: Call, naps: list[float], cut: Any
) -> None:
    stub.will(cut)
    error = failed(door, read)
    assert not error.permanent
    assert not error.outcome_unknown
    assert len(stub.seen) == 3


# Time -------------------------------------------------------------------------------


def test_it_waits_no_longer_than_told_for_an_answer(
    stub: Stub, door: Door, read: Call, naps: list[float], monkeypatch: Any
) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", 0.1)
    stub.will(lambda handler, seen: time.sleep(0.5))
    assert "in time" in str(failed(door, read))


def test_it_waits_as_long_as_its_own_patience(
    stub: Stub, read: Call, naps: list[float]
) -> None:
    stub.will(lambda handler, seen: time.sleep(0.5))
    hasty = Door({address(stub.url)}, patience=Patience(1, 0.1, 1))
    assert "in time" in str(failed(hasty, read))


def drip(handler: Handler, seen: Seen) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(100):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return
        time.sleep(0.02)


def test_it_ends_an_answer_that_only_drips(
    stub: Stub, door: Door, write: Call, monkeypatch: Any
) -> None:
    monkeypatch.setattr(transport, "TOTAL_SECONDS", 0.1)
    stub.will(drip)
    started = time.monotonic()
    error = failed(door, write)
    assert error.outcome_unknown
    assert time.monotonic() - started < 1


# Repetition -------------------------------------------------------------------------


@pytest.mark.parametrize("fate", [hangs_up, breaks_off, FAULT, says(b"<html>")])
def test_it_never_repeats_a_write(
    stub: Stub, door: Door, write: Call, fate: Any
) -> None:
    stub.will(fate, GOOD)
    error = failed(door, write)
    assert error.outcome_unknown
    assert len(stub.seen) == 1


def test_it_says_a_write_that_never_left_was_not_done(write: Call) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        error = failed(Door({address(url)}), Call("POST", f"{url}/write/", json={}))
    assert not error.outcome_unknown
    assert not error.permanent
    assert "cannot be reached" in str(error)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_it_leaves_a_write_open_after_a_fault_of_the_server(
    stub: Stub, door: Door, write: Call, status: int
) -> None:
    stub.will(says(b"oops", status=status))
    assert failed(door, write).outcome_unknown


def test_it_does_not_repeat_a_read_that_is_refused_for_good(
    stub: Stub, door: Door, read: Call, naps: list[float]
) -> None:
    stub.will(says({"code": 40105}), GOOD)
    assert failed(door, read).permanent
    assert len(stub.seen) == 1
    assert naps == []


def test_it_gives_up_a_read_after_three_tries(
    stub: Stub, door: Door, read: Call, naps: list[float]
) -> None:
    stub.will(FAULT)
    assert not failed(door, read).permanent
    assert len(stub.seen) == 3
    assert len(naps) == 2
    assert all(0 <= nap <= bound for nap, bound in zip(naps, (1, 2), strict=True))


def test_it_repeats_a_read_that_failed_for_now(
    stub: Stub, door: Door, read: Call, naps: list[float]
) -> None:
    stub.will(FAULT, hangs_up, GOOD)
    assert door.call(read, judge) == "value"


class Brake:
    """A throttle that writes down what it is told."""

    def __init__(self, refuses: bool = False) -> None:
        self.said: list[Any] = []
        self.refuses = refuses

    def take(self) -> None:
        self.said.append("take")
        if self.refuses:
            raise OutboundError("Paused.", permanent=False)

    def rest(self, pause: Pause, reason: str) -> None:
        self.said.append(pause)

    def ease(self) -> None:
        self.said.append("ease")


def test_it_sends_nothing_the_brake_refuses(stub: Stub, read: Call) -> None:
    brake = Brake(refuses=True)
    assert str(failed(Door({address(stub.url)}, brake), read)) == "Paused."
    assert brake.said == ["take"]
    assert stub.seen == []


def test_it_asks_the_brake_before_every_try(
    stub: Stub, read: Call, naps: list[float]
) -> None:
    brake = Brake()
    stub.will(FAULT, GOOD)
    Door({address(stub.url)}, brake).call(read, judge)
    assert brake.said == ["take", "take", "ease"]


@pytest.mark.parametrize(
    ("pause", "tries"), [(Pause.SECOND, 3), (Pause.MINUTE, 1), (Pause.DAY, 1)]
)
def test_it_tells_the_brake_of_a_limit(
    stub: Stub, read: Call, naps: list[float], pause: Pause, tries: int
) -> None:
    def limited(answer: Answer) -> Any:
        raise OutboundError("Slow.", permanent=False, pause=pause)

    brake = Brake()
    stub.will(GOOD)
    with pytest.raises(OutboundError):
        Door({address(stub.url)}, brake).call(read, limited)
    assert brake.said == ["take", pause] * tries


# Secrets ----------------------------------------------------------------------------


def test_it_reveals_secrets_to_the_platform_alone(stub: Stub, door: Door) -> None:
    stub.will(GOOD)
    call = Call(
        "POST",
        f"{stub.url}/write/",
        params={"secret": Secret("in-query")},
        json={"deep": [{"code": Secret("in-body")}]},
        headers={"Access-Token": Secret(TOKEN)},
    )
    door.call(call, judge)
    (seen,) = stub.seen
    assert seen.query == {"secret": ["in-query"]}
    assert seen.json == {"deep": [{"code": "in-body"}]}
    assert seen.headers["access-token"] == TOKEN
    assert TOKEN not in repr(call)


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


@pytest.mark.parametrize(
    "fate",
    [GOOD, FAULT, hangs_up, says(b"<html>"), says(b"", status=302, Location="/x")],
)
def test_it_leaks_no_secret_into_logs_and_errors(
    stub: Stub, door: Door, naps: list[float], written: Any, fate: Any
) -> None:
    stub.will(fate)
    call = Call(
        "GET",
        f"{stub.url}/read/",
        params={"secret": Secret(TOKEN)},
        headers={"Access-Token": Secret(TOKEN)},
        is_read=True,
    )
    told = ""
    try:
        door.call(call, judge)
    except OutboundError as error:
        told = "".join(traceback.format_exception(error)) + repr(vars(error))
        told += repr(error.__context__)
    assert TOKEN not in told
    assert TOKEN not in written.text


def test_it_sends_no_broken_header(stub: Stub, door: Door) -> None:
    call = Call("GET", stub.url, headers={"Access-Token": Secret(f"{TOKEN}\r\nX: 1")})
    error = failed(door, call)
    assert error.permanent
    assert TOKEN not in "".join(traceback.format_exception(error))
    assert stub.seen == []


def test_it_keeps_no_cookie(stub: Stub, door: Door, read: Call) -> None:
    stub.will(says({"code": 0, "data": 1}, Set_Cookie="a=b"))
    door.call(read, judge)
    door.call(read, judge)
    assert "cookie" not in stub.seen[1].headers


def test_it_takes_no_password_from_the_environment(
    stub: Stub, read: Call, monkeypatch: Any, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    stub.will(GOOD)
    Door({address(stub.url)}).call(read, judge)
    assert "authorization" not in stub.seen[0].headers


def test_it_leaves_one_line_per_call(
    stub: Stub, door: Door, written: pytest.LogCaptureFixture
) -> None:
    stub.will(GOOD)
    call = Call(
        "GET", f"{stub.url}/read/", {"q": "hidden"}, is_read=True, trace="attempt 7"
    )
    assert door.call(call, judge) == "value"
    (line,) = [r.getMessage() for r in written.records if r.name == "accounts.outbound"]
    assert line.startswith(f"GET {stub.host}/read/ for attempt 7: 200 in ")
    assert line.endswith("ms, native 0, trace R1")
    assert "hidden" not in line
