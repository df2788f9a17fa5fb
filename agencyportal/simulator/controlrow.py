"""One address of the control door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agencyportal.simulator.context import Context
from agencyportal.simulator.params import Params

Lever = Callable[[Context, Params, str], Any]


@dataclass(frozen=True)
class Control:
    """One control endpoint. `<id>` in the path is handed to `run`."""

    method: str
    path: str
    run: Lever
    sentence: str
    body: str = ""
