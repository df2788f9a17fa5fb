"""The supervisor with real processes: what ends it, and what a job in hand gets."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agencyportal.demo.__main__ import GRACE_SECONDS
from agencyportal.supervisor import Stopped, Supervisor

ROOT = Path(__file__).resolve().parent.parent
SLEEPER = "import time; time.sleep(60)"
# A worker with a job in hand: on SIGTERM it finishes, then says so.
BUSY = (
    "import signal, sys, time\n"
    "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(1), print('job finished'),"
    " sys.exit()))\n"
    "print('working')\n"
    "time.sleep(60)"
)
STUBBORN = (
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print('child', child.pid)\n"
    "time.sleep(60)"
)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def wait_for(out: io.StringIO, words: str) -> None:
    deadline = time.monotonic() + 10
    while words not in out.getvalue() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert words in out.getvalue()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(out: io.StringIO):
    before = {number: signal.getsignal(number) for number in (1, 2, 15)}
    with Supervisor(grace=5, out=out) as supervisor:
        yield supervisor
    for number, handler in before.items():
        signal.signal(number, handler)


def test_it_stops_when_a_step_fails(supervisor: Supervisor) -> None:
    with pytest.raises(Stopped, match="books failed") as stopped:
        supervisor.run("books", python("raise SystemExit(3)"))
    assert stopped.value.failed


def test_it_stops_when_a_part_ends_by_itself(supervisor: Supervisor) -> None:
    supervisor.start("web", python(SLEEPER))
    supervisor.start("worker", python("raise SystemExit(4)"))
    with pytest.raises(Stopped, match=r"worker ended \(4\)") as stopped:
        supervisor.watch()
    assert stopped.value.failed


def test_it_notices_a_part_that_ends_before_it_answers(supervisor: Supervisor) -> None:
    with pytest.raises(Stopped, match="web ended"):
        supervisor.start("web", python("pass"), ready="http://127.0.0.1:9/")


def test_it_prefixes_every_line(supervisor: Supervisor, out: io.StringIO) -> None:
    supervisor.run("books", python("print('one'); print('two')"))
    wait_for(out, "two")
    assert out.getvalue().splitlines() == ["books     | one", "books     | two"]


def test_it_lets_a_job_in_hand_finish(supervisor: Supervisor, out: io.StringIO) -> None:
    supervisor.start("worker", python(BUSY))
    wait_for(out, "working")
    supervisor.stop()
    wait_for(out, "job finished")


def test_it_stops_what_started_last_first(supervisor: Supervisor, out) -> None:
    """A job in hand may still need the platform that was started before it."""
    supervisor.start("simulator", python(SLEEPER))
    supervisor.start("worker", python(BUSY))
    simulator, worker = (part.process for part in supervisor.parts)
    wait_for(out, "working")
    supervisor.stop()
    wait_for(out, "job finished")
    assert worker.returncode == 0
    assert simulator.returncode == -signal.SIGTERM


def test_it_leaves_no_process_behind(out: io.StringIO) -> None:
    supervisor = Supervisor(grace=0.5, out=out)
    supervisor.start("worker", python(STUBBORN))
    wait_for(out, "child")
    child = int(out.getvalue().split()[-1])
    supervisor.stop()
    time.sleep(0.2)
    assert not is_alive(child)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_well_when_asked_to(
    supervisor: Supervisor, number: signal.Signals
) -> None:
    supervisor.start("web", python(SLEEPER))
    os.kill(os.getpid(), number)
    with pytest.raises(Stopped) as stopped:
        supervisor.watch()
    assert not stopped.value.failed


def test_it_hurries_on_a_second_ctrl_c_only(out: io.StringIO) -> None:
    program = (
        "import signal, sys\n"
        "from agencyportal.supervisor import Stopped, Supervisor\n"
        "with Supervisor(grace=30) as supervisor:\n"
        f"    supervisor.start('stubborn', [sys.executable, '-c', {STUBBORN!r}])\n"
        "    try: supervisor.watch()\n"
        "    except Stopped as stopped: supervisor.say(str(stopped))\n"
    )
    process = subprocess.Popen(
        python(program), cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert "child" in process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    assert "Stopping" in process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=5) == 0
    process.stdout.close()


def test_the_demo_waits_longer_than_its_longest_job(settings) -> None:
    assert settings.Q_CLUSTER["timeout"] < GRACE_SECONDS


def test_it_gives_the_parts_no_environment_but_the_one_it_was_told(
    out: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OURS", "1")
    supervisor = Supervisor(grace=5, out=out, env={"THEIRS": "2"})
    supervisor.run("step", python("import os; print(sorted(os.environ))"))
    wait_for(out, "THEIRS")
    assert "OURS" not in out.getvalue()
