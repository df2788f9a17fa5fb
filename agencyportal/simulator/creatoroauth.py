"""`tt_user/*` and `business/get`: creators' codes, tokens, names (TikTok facts 3)."""

from __future__ import annotations

import secrets
from typing import Any

from agencyportal.simulator.calls import Call, Endpoint
from agencyportal.simulator.creatorstate import Creator, CreatorCode, Pair
from agencyportal.simulator.oauth import check_app
from agencyportal.simulator.pairs import (
    REFRESH,
    end_of,
    end_pairs,
    find_pair,
    make_pair,
    new_token,
    newest,
    told,
)
from agencyportal.simulator.state import World
from agencyportal.simulator.wire import (
    APP_UNKNOWN,
    BAD_GRANT_TYPE,
    CODE_DEAD,
    NO_PERMISSION,
    REFRESH_EXPIRED,
    TOKEN_EXPIRED,
    TOKEN_MISSING,
    TOKEN_WRONG,
    ApiError,
)

CODE_LIFE = 600.0
GRACE = 60.0
# Which field of business/get needs which scope.
PROFILE_FIELDS = {
    "display_name": "user.info.basic",
    "username": "user.info.username",
    "profile_image": "user.info.profile",
}


def make_code(
    world: World, creator: Creator, scopes: list[str], redirect_uri: str, *, now: float
) -> CreatorCode:
    """Record what a creator consented to."""
    code = CreatorCode(
        secrets.token_hex(20), creator.open_id, scopes, redirect_uri, now + CODE_LIFE
    )
    world.creator_codes[code.value] = code
    return code


def holder(call: Call, value: str) -> Pair:
    """Return the pair whose access token this is, else say 40104, 40105 or 40102."""
    if not value:
        raise ApiError(TOKEN_MISSING, "Access token is empty in the request header.")
    pair = find_pair(call.world, value, "act")
    if pair is None or value not in pair.access:
        raise ApiError(TOKEN_WRONG, "Access token is incorrect or has been revoked.")
    if call.now >= pair.access[value]:
        raise ApiError(TOKEN_EXPIRED, "Access token has expired.")
    return pair


def holder_of_business(call: Call, scope: str) -> Pair:
    """Return the pair of the call's token, for its own `business_id` and a scope."""
    pair = holder(call, call.header)
    if call.params.text("business_id") != pair.open_id:
        raise ApiError(NO_PERMISSION, "business_id is not the token's account.")
    if scope not in pair.scopes:
        raise ApiError(NO_PERMISSION, f"The access token lacks the scope {scope}.")
    return pair


def user_token(call: Call) -> dict[str, Any]:
    _check_client(call, "authorization_code")
    value = call.params.text("auth_code")
    uri = call.params.text("redirect_uri")
    world, now = call.world, call.now
    code = world.creator_codes.get(value)
    if code is None or code.is_used or now >= code.expires_at:
        raise ApiError(CODE_DEAD, "Authorization code is cancelled, used or expired.")
    if uri != code.redirect_uri:
        raise ApiError(CODE_DEAD, "redirect_uri is not the one that was consented at.")
    code.is_used = True
    if call.switch("reauthorization") == "new_old_dead":
        end_pairs(world, code.open_id)
    return told(call, make_pair(call, code.open_id, code.scopes))


def refresh_token(call: Call) -> dict[str, Any]:
    """Give the next pair, by the rule of `refresh_rotation`."""
    _check_client(call, "refresh_token")
    value, world = call.params.text("refresh_token"), call.world
    pair, rotation = find_pair(world, value, "rft"), call.switch("refresh_rotation")
    if pair is None:
        raise _dead_refresh(call)
    if value != pair.refresh:
        is_in_grace = call.now < pair.replaced.get(value, 0.0) + GRACE
        call.traffic.reused(pair.open_id)
        if rotation == "grace" and is_in_grace:
            return told(call, pair)
        pair.is_alive = rotation != "strict"
        raise _dead_refresh(call)
    if call.now >= end_of(call, pair.refresh_until):
        raise ApiError(REFRESH_EXPIRED, "Refresh token has expired.")
    if rotation != "none":
        pair.replaced = newest(pair.replaced | {value: call.now})
        pair.refresh = new_token("rft", pair.key)
    call.traffic.renewed(pair.open_id)
    return told(call, pair)


def revoke(call: Call) -> dict[str, Any]:
    """End the app's access: pairs of earlier consents die along."""
    check_app(call, "client_id", "client_secret")
    end_pairs(call.world, holder(call, call.params.text("access_token")).open_id)
    return {}


def token_info(call: Call) -> dict[str, Any]:
    if call.params.text("app_id") != call.world.app.app_id:
        raise ApiError(APP_UNKNOWN, "The app does not exist or is blocked.")
    pair = holder(call, call.params.text("access_token"))
    return {
        "app_id": call.world.app.app_id,
        "scope": ",".join(pair.scopes),
        "creator_id": pair.open_id,
    }


def business_get(call: Call) -> dict[str, Any]:
    """Tell of the creator what the token's scopes allow, and was asked for."""
    asked = call.params.texts("fields") or list(PROFILE_FIELDS)
    pair = holder_of_business(call, "user.info.basic")
    creator = call.world.creator(pair.open_id)
    if creator is None:
        raise ApiError(TOKEN_WRONG, "The access token's user does not exist.")
    known = {
        "display_name": creator.name,
        "username": creator.username,
        "profile_image": "",
    }
    return {
        name: known[name] for name in asked if PROFILE_FIELDS.get(name) in pair.scopes
    }


def _check_client(call: Call, grant_type: str) -> None:
    check_app(call, "client_id", "client_secret")
    if call.params.text("grant_type") != grant_type:
        raise ApiError(BAD_GRANT_TYPE, f"grant_type must be {grant_type}.")


def _dead_refresh(call: Call) -> ApiError:
    code = int(call.switch("dead_refresh_code"))
    return ApiError(code, "Refresh token is invalid.")


ENDPOINTS = {
    "tt_user/oauth2/token/": Endpoint(("POST",), user_token, needs_token=False),
    REFRESH: Endpoint(("POST",), refresh_token, needs_token=False),
    "tt_user/oauth2/revoke/": Endpoint(("POST",), revoke, needs_token=False),
    "tt_user/token_info/get/": Endpoint(("POST",), token_info, needs_token=False),
    "business/get/": Endpoint(("GET",), business_get, needs_token=False),
}
