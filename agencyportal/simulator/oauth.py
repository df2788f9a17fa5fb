"""`oauth2/*` and `oauth/token`: codes, tokens and their reach (TikTok facts 2.2)."""

from __future__ import annotations

import hmac
import secrets
from typing import Any

from agencyportal.simulator.calls import Call, Endpoint, is_held
from agencyportal.simulator.state import Account, Code, Person, Token, World
from agencyportal.simulator.wire import (
    APP_MISMATCH,
    APP_UNKNOWN,
    BAD_GRANT_TYPE,
    CODE_DEAD,
    TOKEN_WRONG,
    ApiError,
)

CODE_LIFE = 3600.0


def make_code(
    world: World,
    person: Person,
    *,
    now: float,
    scopes: list[int] | None = None,
    advertiser_ids: list[str] | None = None,
) -> Code:
    """Record a consent to the app's permissions, or others, less those withheld."""
    wanted = world.app.scopes if scopes is None else scopes
    code = Code(
        secrets.token_hex(20),
        person.user_id,
        [one for one in wanted if one not in person.withheld_scopes],
        advertiser_ids,
        now + CODE_LIFE,
    )
    world.codes.append(code)
    return code


def check_app(call: Call, id_name: str = "app_id", secret_name: str = "secret") -> None:  # noqa: S107
    app_id, secret = call.params.text(id_name), call.params.text(secret_name)
    app = call.world.app
    if app_id != app.app_id:
        raise ApiError(APP_UNKNOWN, "The app does not exist or is blocked.")
    if not hmac.compare_digest(secret.encode(), app.secret.encode()):
        raise ApiError(APP_MISMATCH, "App id and secret do not match.")


def exchange_code(call: Call, value: str) -> Token:
    """Use up a code and return its token (40110 for a dead code)."""
    world = call.world
    code = next((one for one in world.codes if one.value == value), None)
    if code is None or code.is_used or call.now >= code.expires_at:
        raise ApiError(CODE_DEAD, "Authorization code is cancelled, used or expired.")
    code.is_used = True
    person = world.person(code.user_id)
    rule = (person and person.reauthorization) or call.switch("reauthorization")
    earlier = [t for t in world.tokens if t.user_id == code.user_id and t.is_alive]
    if earlier and rule == "same":
        token = earlier[-1]
        token.scopes, token.advertiser_ids = code.scopes, code.advertiser_ids
        return token
    for one in earlier:
        one.is_alive = rule != "new_old_dead"
    token = Token(
        secrets.token_hex(20),
        code.user_id,
        code.scopes,
        code.advertiser_ids,
        call.now,
    )
    world.tokens.append(token)
    return token


def reachable(call: Call, token: Token) -> list[Account]:
    """Return the ad accounts of a token: the user's own and those assigned.

    An assignment counts while the seat and the center's hold on the account last.
    """
    world = call.world
    through = {
        (a.bc_id, a.asset_id)
        for a in world.assignments
        if a.user_id == token.user_id
        and (seat := world.member(a.bc_id, a.user_id)) is not None
        and seat.relation_status == "BOUND"
    }
    found = []
    for account in world.accounts:
        centers = [b for b, asset in through if asset == account.advertiser_id]
        is_own = account.owner_user_id == token.user_id
        if (is_own or any(is_held(call, b, account) for b in centers)) and (
            token.advertiser_ids is None
            or account.advertiser_id in token.advertiser_ids
        ):
            found.append(account)
    return found


def access_token(call: Call) -> dict[str, Any]:
    check_app(call)
    value = call.params.text("auth_code")
    wants_ids = call.params.boolean("return_advertiser_ids", default=True)
    token = exchange_code(call, value)
    ids = [a.advertiser_id for a in reachable(call, token)] if wants_ids else []
    return {"access_token": token.value, "advertiser_ids": ids, "scope": token.scopes}


def oauth_token(call: Call) -> dict[str, Any]:
    check_app(call, "client_id", "client_secret")
    if call.params.text("grant_type") != "authorization_code":
        raise ApiError(BAD_GRANT_TYPE, "grant_type must be authorization_code.")
    token = exchange_code(call, call.params.text("code"))
    ids = [account.advertiser_id for account in reachable(call, token)]
    return {"access_token": token.value, "advertiser_ids": ids, "scope": token.scopes}


def advertiser_get(call: Call) -> dict[str, Any]:
    check_app(call)
    assert call.token is not None
    return {
        "list": [
            {"advertiser_id": a.advertiser_id, "advertiser_name": a.name}
            for a in reachable(call, call.token)
        ]
    }


def revoke_token(call: Call) -> dict[str, Any]:
    check_app(call)
    value = call.params.text("access_token")
    for token in call.world.tokens:
        if token.value == value and token.is_alive:
            ids = [account.advertiser_id for account in reachable(call, token)]
            token.is_alive = False
            return {"app_id": call.world.app.app_id, "advertiser_ids": ids}
    raise ApiError(TOKEN_WRONG, "Access token is incorrect or has been revoked.")


ENDPOINTS = {
    "oauth2/access_token/": Endpoint(("POST",), access_token, needs_token=False),
    "oauth/token/": Endpoint(
        ("POST",), oauth_token, needs_token=False, allows_form=True, may_be_flat=True
    ),
    "oauth2/advertiser/get/": Endpoint(("GET",), advertiser_get),
    "oauth2/revoke_token/": Endpoint(("POST",), revoke_token, needs_token=False),
}
