"""A creator's tokens: made, found, told, ended, counted (TikTok facts 3.2)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

from agencyportal.simulator.calls import Call
from agencyportal.simulator.context import Context
from agencyportal.simulator.creatorstate import Pair
from agencyportal.simulator.state import World
from agencyportal.simulator.wire import Request, fingerprint

REFRESH = "tt_user/oauth2/refresh_token/"
KEPT = 5
FIXED_EXPIRY = 2_592_000


def find_pair(world: World, value: str, kind: str) -> Pair | None:
    """Return the living pair a token belongs to, whether or not it is its newest."""
    parts = value.split(".")
    if len(parts) != 3 or parts[0] != kind:
        return None
    pair = world.pairs.get(parts[1])
    return pair if pair is not None and pair.is_alive else None


def under_way(context: Context, name: str, request: Request) -> Callable[[], None]:
    """Note a refresh that has come in; return what notes that it is answered."""
    if name != REFRESH:
        return lambda: None
    try:
        value = str(json.loads(request.body)["refresh_token"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return lambda: None
    pair, token = find_pair(context.store.world, value, "rft"), fingerprint(value)
    context.traffic.enter(token, pair.open_id if pair else "")
    return lambda: context.traffic.leave(token)


def make_pair(call: Call, open_id: str, scopes: list[str]) -> Pair:
    key = secrets.token_hex(8)
    until = call.now + int(call.switch("creator_refresh_seconds"))
    pair = Pair(key, open_id, scopes, new_token("rft", key), until, call.now)
    call.world.pairs[key] = pair
    return pair


def end_pairs(world: World, open_id: str) -> None:
    """Every token of a creator dies, as when they withdraw in the app."""
    for pair in world.pairs.values():
        pair.is_alive = pair.is_alive and pair.open_id != open_id


def told(call: Call, pair: Pair) -> dict[str, Any]:
    """Make an access token and tell the pair; older ones work until their end."""
    value, life = new_token("act", pair.key), int(call.switch("creator_access_seconds"))
    pair.access = newest(pair.access | {value: end_of(call, call.now + life)})
    values: dict[str, Any] = {
        "access_token": value,
        "token_type": "Bearer",
        "scope": ",".join(pair.scopes),
        "refresh_token": pair.refresh,
        "open_id": pair.open_id,
    }
    if call.switch("refresh_tells_expiry"):
        left = max(0, int(pair.refresh_until - call.now))
        is_fixed = call.switch("refresh_expiry") == "fixed"
        values["expires_in"] = life
        values["refresh_token_expires_in"] = FIXED_EXPIRY if is_fixed else left
    return values


def end_of(call: Call, moment: float) -> float:
    return moment - int(call.switch("clock_skew_seconds"))


def new_token(kind: str, key: str) -> str:
    return f"{kind}.{key}.{secrets.token_hex(20)}"


def newest(times: dict[str, float]) -> dict[str, float]:
    return dict(list(times.items())[-KEPT:])
