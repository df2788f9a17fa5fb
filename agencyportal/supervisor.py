"""Runs several processes in one terminal and lets running jobs finish at the end.

Each process leads a session of its own, so Ctrl-C reaches the supervisor alone. At the
end every leader gets SIGTERM, last started first, and time to finish; what is then
left of its group is killed. A group that got SIGTERM as a whole would lose the job in
hand: the queue's workers die at once and their master waits for them for ever.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import TextIO
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

TICK_SECONDS = 0.1
READY_SECONDS = 60.0
NAME_WIDTH = 10


class Stopped(Exception):
    """The run is over; the message says why. `failed` is False if somebody asked."""

    def __init__(self, reason: str, *, failed: bool) -> None:
        super().__init__(reason)
        self.failed = failed


@dataclass
class Part:
    """A process that was started; its name prefixes every line it prints."""

    name: str
    process: subprocess.Popen[str]

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None


class Supervisor:
    """Start parts, watch them, stop them; use as a context manager.

    `grace` is how many seconds the parts get to finish together. It must outlast the
    longest job, or a job that is doing well is killed. `env` is the parts' whole
    environment, this process's own if it is left out.
    """

    def __init__(
        self,
        *,
        grace: float,
        out: TextIO = sys.stdout,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.grace = grace
        self.out = out
        self.env = env
        self.parts: list[Part] = []
        self._asked = False
        self._impatient = False
        self._printing = threading.Lock()

    def __enter__(self) -> Supervisor:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def say(self, line: str, name: str = "demo") -> None:
        """Print one prefixed line; a terminal that has gone away is no error."""
        with self._printing, suppress(OSError, ValueError):
            print(f"{name:<{NAME_WIDTH}}| {line}", file=self.out, flush=True)

    def run(self, name: str, command: Sequence[str]) -> None:
        """Run a command to its end; raise Stopped if it fails."""
        step = self._spawn(name, command)
        self._wait(lambda: step.has_ended)
        self.parts.remove(step)
        if step.process.returncode:
            raise Stopped(f"{name} failed; its last lines say why.", failed=True)

    def start(
        self, name: str, command: Sequence[str], *, ready: str | None = None
    ) -> None:
        """Start a part that stays; with `ready`, wait until that address answers."""
        self._spawn(name, command)
        if ready:
            late = time.monotonic() + READY_SECONDS
            self._wait(lambda: answers(ready) or time.monotonic() > late)
            if time.monotonic() > late:
                raise Stopped(f"{name} does not answer at {ready}.", failed=True)

    def watch(self) -> None:
        """Wait until somebody asks to stop or a part ends, then raise Stopped."""
        self._wait(lambda: False)

    def stop(self) -> None:
        """End every part: last started first, leaders only, then what is left."""
        deadline = time.monotonic() + self.grace
        for part in reversed(self.parts):
            with suppress(ProcessLookupError):
                part.process.terminate()
            while not (
                part.has_ended or self._impatient or time.monotonic() > deadline
            ):
                time.sleep(TICK_SECONDS)
        for part in self.parts:
            with suppress(ProcessLookupError):
                os.killpg(part.process.pid, signal.SIGKILL)
            part.process.wait()
        self.parts.clear()

    def _spawn(self, name: str, command: Sequence[str]) -> Part:
        process = subprocess.Popen(  # noqa: S603 (commands are our own literals)
            command,
            env={**(self.env or os.environ), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        part = Part(name, process)
        self.parts.append(part)
        threading.Thread(target=self._relay, args=(part,), daemon=True).start()
        return part

    def _relay(self, part: Part) -> None:
        """Print a part's lines until its pipe closes; an unread pipe would stop it."""
        for line in part.process.stdout or ():
            self.say(line.rstrip(), part.name)

    def _wait(self, done: Callable[[], bool]) -> None:
        while not done():
            if self._asked:
                raise Stopped("Stopping; a running job may finish.", failed=False)
            for part in self.parts:
                if part.has_ended and not done():
                    status = part.process.returncode
                    raise Stopped(f"{part.name} ended ({status}).", failed=True)
            time.sleep(TICK_SECONDS)

    def _ask_to_stop(self, number: int, _frame: FrameType | None) -> None:
        # Only a second Ctrl-C means hurry: a closing terminal sends SIGHUP twice, once
        # itself and once through make.
        self._impatient = self._asked and number == signal.SIGINT
        self._asked = True


def answers(url: str) -> bool:
    """Return True if a server answers there, whatever it says."""
    try:
        urlopen(url, timeout=5).close()  # noqa: S310 (addresses are our own literals)
    except HTTPError:
        return True
    except (URLError, OSError):
        return False
    return True
