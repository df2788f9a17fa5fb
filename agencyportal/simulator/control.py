"""The control door: `/_control/` says in JSON what it can do (GET /_control/)."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from agencyportal.simulator import views
from agencyportal.simulator.api import ENDPOINTS, PREFIX
from agencyportal.simulator.context import Context
from agencyportal.simulator.controlrow import Control
from agencyportal.simulator.controls import CONTROLS
from agencyportal.simulator.levers import ControlError
from agencyportal.simulator.params import Params, read_params
from agencyportal.simulator.scenarios import CREATORS, SCENARIOS
from agencyportal.simulator.wire import ApiError, Request, Response, as_json
from agencyportal.simulator.worlds import WORLDS


def handle(context: Context, request: Request) -> Response:
    """Answer a control call: 400 and 404 carry {"error": sentence}.

    A body must say it is JSON, which no foreign page can send without asking.
    """
    if request.path == "/_control/" and request.method == "GET":
        return as_json(describe(context))
    methods = []
    for control in CONTROLS:
        pattern = re.escape(control.path).replace("<id>", r"([^/]+)") + "/?"
        match = re.fullmatch(pattern, request.path)
        if match and control.method == request.method:
            return _run(context, request, control, "".join(match.groups()))
        if match:
            methods.append(control.method)
    if methods:
        return as_json({"error": f"Use {' or '.join(methods)} here."}, 405)
    return as_json({"error": "No such control. GET /_control/ lists them."}, 404)


def _run(
    context: Context, request: Request, control: Control, argument: str
) -> Response:
    try:
        params = read_params(request)
        with context.store.lock:
            result = control.run(context, params, argument)
            context.store.is_dirty |= request.method == "POST"
            context.store.save()
    except ControlError as error:
        return as_json({"error": str(error)}, error.status)
    except ApiError as error:
        return as_json({"error": error.message}, 400)
    return as_json(result)


def describe(context: Context) -> dict[str, Any]:
    """Return all that an outside client needs to know."""
    with context.store.lock:
        world = context.store.world
        return {
            "what": "Simulated TikTok API for Business v1.3. It keeps state.",
            "world": world.name,
            "addresses": {
                "api": context.base_url + PREFIX,
                "auth": context.base_url + "/portal/auth",
                "creator_auth": context.base_url + "/v2/auth/authorize",
                "second_origin": context.second_url,
                "center_page": context.base_url + "/bc/<bc_id>/",
                "requests_page": context.base_url + "/bc/<bc_id>/requests/",
                "account_page": context.base_url + "/account/<advertiser_id>/",
                "creator_page": context.base_url + "/creator/<id>/",
            },
            "app": asdict(world.app),
            "controls": [
                {
                    "method": control.method,
                    "path": control.path,
                    "does": control.sentence,
                    "body": control.body,
                }
                for control in CONTROLS
            ],
            "switches": views.switches(context, Params({}), ""),
            "worlds": {
                name: " ".join((builder.__doc__ or "").split())
                for name, builder in WORLDS.items()
            },
            "scenarios": [asdict(scenario) for scenario in SCENARIOS],
            "creators": [asdict(scenario) for scenario in CREATORS],
            "faults": views.faults(context, Params({}), ""),
            "people": views.people(context, Params({}), ""),
            "centers": views.centers(context, Params({}), ""),
            "accounts": views.accounts(context, Params({}), ""),
            "counters": {
                "now": context.journal.counters(),
                "names": sorted(ENDPOINTS),
                "each": {"calls": "all", "errors": "HTTP not 200 or code not 0"},
            },
        }
