"""The control door's hold on creators: consent for them, let a center in, withdraw."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from agencyportal.simulator import creatorviews
from agencyportal.simulator.calls import Call
from agencyportal.simulator.context import Context
from agencyportal.simulator.creatorask import CreatorAsk
from agencyportal.simulator.creatorcast import add_creator
from agencyportal.simulator.creatorconsent import grant
from agencyportal.simulator.creatorstate import Creator
from agencyportal.simulator.holds import ROLES, approve, end_hold, find_hold
from agencyportal.simulator.levers import ControlError, find_center
from agencyportal.simulator.pairs import end_pairs, make_pair, told
from agencyportal.simulator.params import Params
from agencyportal.simulator.scenarios import CREATORS

MOST = 10_000
REFUSING = {one.name for one in CREATORS if one.button == "refuse"}


def find_creator(context: Context, ref: str) -> Creator:
    creator = context.store.world.creator(ref)
    if creator is None:
        raise ControlError(f"There is no creator {ref}. GET /_control/creators.", 404)
    return creator


def add(context: Context, params: Params, argument: str) -> dict[str, Any]:
    world, slug = context.store.world, params.text("id")
    if not slug.replace("-", "").isalnum() or not slug.isascii():
        raise ControlError("id: use letters, digits and hyphens.")
    if world.creator(slug):
        raise ControlError(f"There is a creator {slug} already.")
    name = params.text("name", default="")
    return asdict(add_creator(world, slug, name, params.text("username", default=slug)))


def consent(context: Context, params: Params, argument: str) -> dict[str, Any]:
    """Grant or refuse as the page would; raise ControlError where it would not show.

    What is withheld, and the button, follow the creator's scenario unless named.
    """
    world, app = context.store.world, context.store.world.app
    creator = find_creator(context, params.text("creator"))
    ask = CreatorAsk(
        {
            "client_key": app.app_id,
            "redirect_uri": params.text(
                "redirect_uri", default=(app.redirect_uris or [""])[-1]
            ),
            "response_type": "code",
        }
    )
    ask.scopes = params.texts("scopes") or list(app.creator_scopes)
    if "state" in params.values:
        ask.state = params.text("state", default="")
    if ask.refused_by(world) is not None:
        raise ControlError(f"The app may not send creators to {ask.redirect_uri}.")
    if wrong := ask.answer(world):
        return {"location": wrong}
    if params.boolean("refuse", default=creator.scenario in REFUSING):
        return {"location": ask.refused()}
    withheld = creator.withheld_scopes
    if "withhold" in params.values:
        withheld = params.texts("withhold")
    given = [one for one in ask.scopes if one not in withheld]
    return {"location": grant(context, creator, ask, given)}


def withdraw(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    """End a creator's consent as they would in the app: every token is dead."""
    end_pairs(
        context.store.world, find_creator(context, params.text("creator")).open_id
    )
    return creatorviews.pairs(context, params, "")


def make_pairs(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    """Add creators who have all consented; return their tokens, in clear."""
    world = context.store.world
    count = params.integer("count", default=1, least=1, most=MOST)
    call = Call(context.store, Params({}), context.store.now())
    first, scopes = len(world.creators), list(world.app.creator_scopes)
    made = []
    for number in range(first, first + count):
        creator = add_creator(world, f"creator-{number}")
        made.append(told(call, make_pair(call, creator.open_id, scopes)))
    return made


def approve_center(context: Context, params: Params, argument: str) -> dict[str, Any]:
    """Approve as the page behind a center's QR code would."""
    world, creator = context.store.world, find_creator(context, params.text("creator"))
    center = find_center(context, params.id("bc_id"))
    roles = params.texts("roles") or ["POST"]
    if not set(roles) <= set(ROLES):
        raise ControlError(f"roles: some of {', '.join(ROLES)}.")
    return asdict(approve(world, center.bc_id, creator, roles, now=context.store.now()))


def leave_center(context: Context, params: Params, argument: str) -> list[Any]:
    """Take an account out of a center, as its owner does in the app."""
    world, creator = context.store.world, find_creator(context, params.text("creator"))
    center = find_center(context, params.id("bc_id"))
    hold = find_hold(world, center.bc_id, creator.open_id)
    if hold is None:
        raise ControlError(f"{center.name} does not have {creator.name}.", 404)
    end_hold(world, hold, by="", now=context.store.now())
    return creatorviews.holds(context, params, "")
