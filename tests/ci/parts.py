"""Runs named parts one after another, times each and sums up what happened."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# Many processes follow one another: none compiles again what another has compiled.
KEPT = {"PYTHONDONTWRITEBYTECODE": ""}


@dataclass(frozen=True)
class Part:
    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    needed: bool = False  # the parts after it make no sense without it


@dataclass(frozen=True)
class Outcome:
    name: str
    status: int
    seconds: float
    left_out: Sequence[str] = ()


def run_parts(parts: Sequence[Part]) -> int:
    """Run every part, print the summary, return 0 if all of them passed."""
    outcomes = []
    for part in parts:
        print(f"\n== {part.name}: {' '.join(part.command)}", flush=True)
        outcomes.append(_run(part))
        if part.needed and outcomes[-1].status:
            break
    print(f"\n{summary(outcomes, planned=len(parts))}", flush=True)
    return int(len(outcomes) < len(parts) or any(one.status for one in outcomes))


def summary(outcomes: Sequence[Outcome], *, planned: int) -> str:
    """Return one line a part, then what was left out."""
    lines = [
        f"{'ok' if one.status == 0 else 'FAILED':<7} {one.seconds:7.1f} s  {one.name}"
        for one in outcomes
    ]
    lines.append(f"{'':7} {sum(one.seconds for one in outcomes):7.1f} s  in all")
    if missing := planned - len(outcomes):
        lines.append(f"Not run after the failure: {missing} parts")
    for one in outcomes:
        lines += [f"Left out ({one.name}): {what}" for what in one.left_out]
    return "\n".join(lines)


def _run(part: Part) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder) / "left-out"
        env = {**os.environ, **KEPT, **part.env, "LEFT_OUT_NOTE": str(note)}
        began = time.monotonic()
        status = subprocess.run(part.command, env=env).returncode
        seconds = time.monotonic() - began
        left_out = note.read_text().splitlines() if note.exists() else []
    return Outcome(part.name, status, seconds, left_out)
