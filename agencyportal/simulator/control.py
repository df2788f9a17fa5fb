"""The control door: `/_control/` says in JSON what it can do (GET /_control/)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from agencyportal.simulator import levers, views
from agencyportal.simulator.api import ENDPOINTS, PREFIX
from agencyportal.simulator.context import Context
from agencyportal.simulator.levers import ControlError
from agencyportal.simulator.params import Params, read_params
from agencyportal.simulator.scenarios import SCENARIOS
from agencyportal.simulator.wire import ApiError, Request, Response, as_json
from agencyportal.simulator.worlds import WORLDS

Lever = Callable[[Context, Params, str], Any]


@dataclass(frozen=True)
class Control:
    """One control endpoint. `<id>` in the path is handed to `run`."""

    method: str
    path: str
    run: Lever
    sentence: str
    body: str = ""


CONTROLS: tuple[Control, ...] = (
    Control("GET", "/_control/world", views.world, "Everything below in one answer."),
    Control("GET", "/_control/app", views.app, "App credentials, in clear."),
    Control(
        "POST",
        "/_control/app",
        levers.set_app,
        "Change the registered redirect addresses or the app's permissions.",
        '{"redirect_uris"?: [text], "scopes"?: [int]}',
    ),
    Control("GET", "/_control/people", views.people, "People and their scenarios."),
    Control(
        "POST",
        "/_control/people",
        levers.add_person,
        "Add a person, with what a scenario gives them.",
        '{"id": slug, "name": text, "email": text, "scenario"?: name}',
    ),
    Control(
        "POST",
        "/_control/people/<id>",
        levers.set_person,
        "Choose a person's scenario (their centers and accounts are made anew) or"
        " change one trait.",
        '{"scenario"?: name, "withheld_scopes"?: [int], "reauthorization"?: value}',
    ),
    Control("GET", "/_control/centers", views.centers, "Centers and their members."),
    Control(
        "POST",
        "/_control/centers",
        levers.add_center,
        "Add a center with its members.",
        '{"name": text, "company"?: text, "admins"?: [person], "standards"?: [person],'
        ' "receives_by_hand"?: bool, "shares_wait"?: bool}',
    ),
    Control(
        "POST",
        "/_control/centers/<id>",
        levers.set_center,
        "Say whether shares to it, or shares it gives, wait for the receiver.",
        '{"receives_by_hand"?: bool, "shares_wait"?: bool}',
    ),
    Control("GET", "/_control/accounts", views.accounts, "Ad accounts."),
    Control(
        "POST",
        "/_control/accounts",
        levers.add_account,
        "Add an ad account to a center, or to a person without one.",
        '{"name": text, "bc_id": id | "person": person, "company"?: text}',
    ),
    Control(
        "POST",
        "/_control/accounts/<id>",
        levers.set_account,
        "Change an ad account's status, or its owner center's hold on it.",
        '{"status"?: text, "relation_status"?: value}',
    ),
    Control(
        "POST",
        "/_control/members/accept",
        levers.accept_member,
        "Accept an invitation by e-mail as the person of that address.",
        '{"bc_id": id, "email": text}',
    ),
    Control("GET", "/_control/shares", views.shares, "Shares between centers."),
    Control(
        "POST",
        "/_control/shares/accept",
        levers.accept_shares,
        "Accept waiting shares as the receiver.",
        '{"giver": id, "receiver": id, "asset_ids"?: [id]}',
    ),
    Control(
        "POST",
        "/_control/shares/decline",
        levers.decline_shares,
        "Decline waiting shares as the receiver.",
        '{"giver": id, "receiver": id, "asset_ids"?: [id]}',
    ),
    Control(
        "POST",
        "/_control/shares/undo",
        levers.undo_shares,
        "Take shares back as the giver, on the website.",
        '{"giver": id, "receiver": id, "asset_ids"?: [id]}',
    ),
    Control("GET", "/_control/tokens", views.tokens, "Tokens as fingerprints."),
    Control(
        "POST",
        "/_control/tokens/revoke",
        levers.revoke_tokens,
        "Withdraw a person's authorization; every token dies.",
        '{"person": person}',
    ),
    Control(
        "POST",
        "/_control/consent",
        levers.consent,
        "Consent without a browser. Redirect address: the first registered one;"
        ' "refuse" defaults to what the person\'s scenario presses.',
        '{"person": person, "redirect_uri"?: text, "state"?: text, "scopes"?: [int],'
        ' "advertiser_ids"?: [id], "refuse"?: bool} -> {"location": address}',
    ),
    Control("GET", "/_control/switches", views.switches, "Switches and their values."),
    Control(
        "POST",
        "/_control/switches",
        levers.set_switches,
        "Set switches by name, all or none.",
        '{"<switch>": value}',
    ),
    Control("GET", "/_control/scenarios", views.scenarios, "The scenario table."),
    Control(
        "GET",
        "/_control/counters",
        views.counters,
        "Calls and errors per endpoint since start or reset.",
    ),
    Control(
        "POST", "/_control/counters/reset", levers.reset_counters, "Count from zero."
    ),
    Control(
        "GET",
        "/_control/requests",
        views.requests,
        "The last API requests, secrets as fingerprints. Query: last=50 (most 500).",
    ),
    Control(
        "POST",
        "/_control/clock",
        levers.advance_clock,
        "Move the simulated time forward, for codes that expire.",
        '{"advance_seconds": int}',
    ),
    Control(
        "POST",
        "/_control/reset",
        levers.reset,
        "Start again with a named world, switches at their defaults, counters at 0.",
        '{"world"?: name}',
    ),
)


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
                "second_origin": context.second_url,
                "center_page": context.base_url + "/bc/<bc_id>/",
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
            "people": views.people(context, Params({}), ""),
            "centers": views.centers(context, Params({}), ""),
            "accounts": views.accounts(context, Params({}), ""),
            "counters": {
                "now": context.journal.counters(),
                "names": sorted(ENDPOINTS),
                "each": {"calls": "all", "errors": "HTTP not 200 or code not 0"},
            },
        }
