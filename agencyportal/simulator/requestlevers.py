"""The control door's hold on requests for access: ask, approve, refuse, cancel, end."""

from __future__ import annotations

from functools import partial
from typing import Any

from agencyportal.simulator import requesting, views
from agencyportal.simulator.calls import ADVERTISER_ROLES
from agencyportal.simulator.context import Context
from agencyportal.simulator.levers import ControlError, find_center
from agencyportal.simulator.params import Params


def ask(context: Context, params: Params, argument: str) -> Any:
    world, asset_id = context.store.world, params.id("asset_id")
    center = find_center(context, params.id("bc_id"))
    role = params.choice("advertiser_role", ADVERTISER_ROLES, default="OPERATOR")
    account = world.account(asset_id)
    no = requesting.why_not(world, center.bc_id, asset_id)
    if no or account is None:
        raise ControlError(no, 404 if account is None else 400)
    requesting.ask(world, center.bc_id, account, role, now=context.store.now())
    return views.relations(context, params, argument)


def _decide(decision: str, context: Context, params: Params, argument: str) -> Any:
    world = context.store.world
    asked = requesting.find(world, params.id("bc_id"), params.id("asset_id"))
    now = context.store.now()
    if asked is None or not requesting.decide(world, asked, decision, now=now):
        raise ControlError("No such request in that state. GET /_control/access.", 404)
    return views.relations(context, params, argument)


approve = partial(_decide, requesting.APPROVE)
refuse = partial(_decide, requesting.REFUSE)
cancel = partial(_decide, requesting.CANCEL)
unlink = partial(_decide, requesting.UNLINK)
