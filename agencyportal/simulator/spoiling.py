"""The control door's hold on faults: arm one, clear all."""

from __future__ import annotations

from typing import Any

from agencyportal.simulator import api, views
from agencyportal.simulator.arming import EVERY, Armed
from agencyportal.simulator.context import Context
from agencyportal.simulator.faults import FAULTS
from agencyportal.simulator.levers import ControlError
from agencyportal.simulator.meanwhile import MEANWHILE
from agencyportal.simulator.params import Params

MOST = 10**6


def arm(context: Context, params: Params, argument: str) -> dict[str, Any]:
    """What people do on the website happens once; all else lasts until cleared."""
    endpoint, name = params.text("endpoint"), params.text("fault")
    if endpoint != EVERY and endpoint not in api.ENDPOINTS:
        raise ControlError(f"endpoint: {EVERY} or one of {', '.join(api.ENDPOINTS)}.")
    if name not in FAULTS:
        raise ControlError(f"fault: one of {', '.join(FAULTS)}.")
    times: int | None = 1 if name in MEANWHILE else None
    if params.values.get("times") is not None:
        times = params.integer("times", default=1, least=1, most=MOST)
    after = params.integer("after", default=0, least=0, most=MOST)
    percent = params.integer("percent", default=100, least=1, most=100)
    context.ambush.waiting.append(Armed(endpoint, name, times, after, percent))
    return views.faults(context, params, "")


def clear(context: Context, params: Params, argument: str) -> dict[str, Any]:
    context.ambush.waiting.clear()
    return views.faults(context, params, "")
