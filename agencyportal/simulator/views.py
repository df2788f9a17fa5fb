"""What the control door shows. Tokens and codes appear as fingerprints only."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from agencyportal.simulator import api, creatorviews
from agencyportal.simulator.arming import EVERY
from agencyportal.simulator.context import Context
from agencyportal.simulator.faults import FAULTS
from agencyportal.simulator.params import Params
from agencyportal.simulator.scenarios import SCENARIOS
from agencyportal.simulator.switches import SWITCHES
from agencyportal.simulator.wire import fingerprint


def app(context: Context, params: Params, argument: str) -> dict[str, Any]:
    return asdict(context.store.world.app)


def people(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    world = context.store.world
    return [
        {
            "id": person.slug,
            "user_id": person.user_id,
            "name": person.name,
            "email": person.email,
            "scenario": person.scenario,
            "withheld_scopes": person.withheld_scopes,
            "reauthorization": person.reauthorization,
            "centers": [
                {"bc_id": member.bc_id, "user_role": member.user_role}
                for member in world.members
                if member.user_id == person.user_id
            ],
            "individual_accounts": [
                account.advertiser_id
                for account in world.accounts
                if account.owner_user_id == person.user_id
            ],
        }
        for person in world.people
    ]


def centers(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    world = context.store.world
    return [
        asdict(center)
        | {
            "members": [
                {
                    "user_id": member.user_id,
                    "name": member.name,
                    "email": member.email,
                    "user_role": member.user_role,
                    "relation_status": member.relation_status,
                }
                for member in world.members
                if member.bc_id == center.bc_id
            ],
            "owned_accounts": [
                account.advertiser_id
                for account in world.accounts
                if account.owner_bc_id == center.bc_id
            ],
        }
        for center in world.centers
    ]


def accounts(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    return [asdict(account) for account in context.store.world.accounts]


def shares(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    return [asdict(share) for share in context.store.world.shares]


def relations(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    return [asdict(relation) for relation in context.store.world.relations]


def tokens(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    world = context.store.world
    found = []
    for token in world.tokens:
        person = world.person(token.user_id)
        found.append(
            {
                "fingerprint": fingerprint(token.value),
                "person": person.slug if person else None,
                "scopes": token.scopes,
                "advertiser_ids": token.advertiser_ids,
                "created_at": token.created_at,
                "is_alive": token.is_alive,
            }
        )
    return found


def switches(context: Context, params: Params, argument: str) -> dict[str, Any]:
    values = context.store.world.switches
    return {
        name: {
            "value": values[name],
            "default": switch.default,
            "allowed": list(switch.values) or f"0 to {switch.most}",
            "decides": switch.sentence,
        }
        for name, switch in SWITCHES.items()
    }


def scenarios(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    return [asdict(scenario) for scenario in SCENARIOS]


def faults(context: Context, params: Params, argument: str) -> dict[str, Any]:
    return {
        "scenarios": {name: fault.does for name, fault in FAULTS.items()},
        "endpoints": [EVERY, *sorted(api.ENDPOINTS)],
        "waiting": [asdict(armed) for armed in context.ambush.waiting],
    }


def counters(context: Context, params: Params, argument: str) -> dict[str, Any]:
    return context.journal.counters()


def requests(context: Context, params: Params, argument: str) -> list[dict[str, Any]]:
    last = params.integer("last", default=50, least=0, most=500)
    return context.journal.last(last)


def world(context: Context, params: Params, argument: str) -> dict[str, Any]:
    parts = {
        "app": app,
        "people": people,
        "centers": centers,
        "accounts": accounts,
        "shares": shares,
        "relations": relations,
        "tokens": tokens,
        "creators": creatorviews.creators,
        "pairs": creatorviews.pairs,
        "holds": creatorviews.holds,
        "posts": creatorviews.posts,
        "ads": creatorviews.ads,
        "switches": switches,
        "counters": counters,
    }
    store = context.store
    return {
        "world": store.world.name,
        "now": store.now(),
        "partnerships": [asdict(one) for one in store.world.partnerships],
        "unused_codes": sum(not code.is_used for code in store.world.codes),
        **{name: part(context, params, argument) for name, part in parts.items()},
    }
