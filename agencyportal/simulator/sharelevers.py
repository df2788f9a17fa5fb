"""The control door's hold on shares: accept, decline, take back."""

from __future__ import annotations

from typing import Any

from agencyportal.simulator import views
from agencyportal.simulator.context import Context
from agencyportal.simulator.levers import ControlError
from agencyportal.simulator.params import Params
from agencyportal.simulator.shares import admin_of, decide_share, end_share
from agencyportal.simulator.state import Share


def _shares(context: Context, params: Params, statuses: tuple[str, ...]) -> list[Share]:
    giver, receiver = params.id("giver"), params.id("receiver")
    ids = params.ids("asset_ids")
    found = [
        share
        for share in context.store.world.shares
        if (share.giver, share.receiver) == (giver, receiver)
        and share.status in statuses
        and (not ids or share.asset_id in ids)
    ]
    if not found or (ids and len(found) != len(ids)):
        raise ControlError("No such share in that state. GET /_control/shares.", 404)
    return found


def _decide(context: Context, params: Params, *, accept: bool) -> Any:
    for share in _shares(context, params, ("PENDING",)):
        now = context.store.now()
        decide_share(context.store.world, share, accept=accept, now=now)
    return views.shares(context, params, "")


def accept_shares(context: Context, params: Params, argument: str) -> Any:
    return _decide(context, params, accept=True)


def decline_shares(context: Context, params: Params, argument: str) -> Any:
    return _decide(context, params, accept=False)


def undo_shares(context: Context, params: Params, argument: str) -> Any:
    world = context.store.world
    for share in _shares(context, params, ("PENDING", "ACCEPTED")):
        by = admin_of(world, share.giver)
        end_share(world, share, by=by, now=context.store.now())
    return views.shares(context, params, "")
