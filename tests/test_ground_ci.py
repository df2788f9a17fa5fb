"""The runner behind `make test` and `make ci`."""

from __future__ import annotations

import sys

import pytest

from tests.bench.table import Row, draw
from tests.ci.__main__ import VERBS, main
from tests.ci.parts import Outcome, Part, run_parts, summary


def part(name: str, code: str, *, needed: bool = False) -> Part:
    return Part(name, (sys.executable, "-c", code), needed=needed)


def test_it_fails_when_one_part_fails(capfd: pytest.CaptureFixture[str]) -> None:
    status = run_parts([part("bad", "raise SystemExit(3)"), part("good", "pass")])
    told = capfd.readouterr().out
    assert status == 1
    assert "FAILED" in told
    assert "ok" in told


def test_it_goes_no_further_without_a_part_that_is_needed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    bad = part("install", "raise SystemExit(3)", needed=True)
    assert run_parts([bad, part("after", "print('never')")]) == 1
    told = capfd.readouterr().out
    assert "\nnever" not in told
    assert "Not run after the failure: 1 parts" in told


def test_it_refuses_an_unknown_verb() -> None:
    assert main(["everything"]) == 2


def test_it_passes_when_every_part_passes(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_parts([part("good", "pass")]) == 0
    assert "FAILED" not in capfd.readouterr().out


def test_it_says_what_a_part_left_out(capfd: pytest.CaptureFixture[str]) -> None:
    code = "import os; open(os.environ['LEFT_OUT_NOTE'], 'w').write('2 tests: why')"
    run_parts([part("suite", code)])
    assert "Left out (suite): 2 tests: why" in capfd.readouterr().out


def test_it_adds_up_the_time() -> None:
    told = summary([Outcome("a", 0, 1.5), Outcome("b", 0, 2.0)], planned=2)
    assert "3.5 s  in all" in told


def test_ci_leaves_nothing_out() -> None:
    suites = [one for one in VERBS["ci"]() if one.name.startswith("suite")]
    assert [one.env for one in suites] == [{"NOTHING_LEFT_OUT": "1"}] * 2
    assert all("browser" not in " ".join(one.command) for one in suites)


def test_the_bench_prints_aligned_columns_and_what_was_missed() -> None:
    late = Row("public page", "12 ms", "median of 50", "<= 10 ms", is_met=False)
    told = draw([late]).splitlines()
    assert told[0] == "What         Result  Bound            How"
    assert told[2] == "public page  12 ms   <= 10 ms MISSED  median of 50"
