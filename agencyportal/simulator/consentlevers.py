"""The control door's hold on consent: give it without a browser, end it."""

from __future__ import annotations

from typing import Any

from agencyportal.simulator import views
from agencyportal.simulator.consent import Ask, location
from agencyportal.simulator.context import Context
from agencyportal.simulator.levers import ControlError, find_person, numbers
from agencyportal.simulator.oauth import make_code
from agencyportal.simulator.params import Params
from agencyportal.simulator.scenarios import SCENARIOS

REFUSING = {one.name for one in SCENARIOS if one.button == "refuse"}


def revoke_tokens(context: Context, params: Params, argument: str) -> Any:
    person = find_person(context, params.text("person"))
    for token in context.store.world.tokens:
        if token.user_id == person.user_id:
            token.is_alive = False
    return views.tokens(context, params, "")


def consent(context: Context, params: Params, argument: str) -> dict[str, Any]:
    """Mint what a click would; raise ControlError where the page would refuse."""
    world = context.store.world
    person = find_person(context, params.text("person"))
    uri = params.text("redirect_uri", default=(world.app.redirect_uris or [""])[0])
    scopes = numbers(params, "scopes")
    accounts = None
    if "advertiser_ids" in params.values:
        accounts = params.ids("advertiser_ids")
    ask = Ask({"app_id": world.app.app_id, "redirect_uri": uri})
    if "state" in params.values:
        ask.state = params.text("state", default="")
    if ask.refused_by(world) is not None:
        raise ControlError(f"The app does not list the redirect address {uri}.")
    refuses = params.boolean("refuse", default=person.scenario in REFUSING)
    if refuses:
        return {"location": location(world, ask, None)}
    code = make_code(
        world,
        person,
        now=context.store.now(),
        scopes=scopes,
        advertiser_ids=accounts,
    )
    return {"location": location(world, ask, code.value)}
