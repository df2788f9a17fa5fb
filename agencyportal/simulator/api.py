"""The API door: path, method, token, permission, then the endpoint."""

from __future__ import annotations

import json
import logging
import time
from functools import partial
from typing import Any

from agencyportal.simulator import (
    advertisers,
    assets,
    assigning,
    centers,
    creatorassets,
    creatorlinks,
    creatoroauth,
    members,
    oauth,
    partners,
    postcodes,
    posts,
)
from agencyportal.simulator.calls import Call, Endpoint, find_token
from agencyportal.simulator.context import Context
from agencyportal.simulator.mishaps import Turn, play
from agencyportal.simulator.pairs import under_way
from agencyportal.simulator.params import Params, read_params
from agencyportal.simulator.scopes import NAMES, grants
from agencyportal.simulator.wire import (
    INTERNAL,
    NO_PERMISSION,
    ApiError,
    Request,
    Response,
    answer,
    fingerprint,
    make_log_id,
    redact,
)

PREFIX = "/open_api/v1.3/"
ENDPOINTS: dict[str, Endpoint] = {
    **oauth.ENDPOINTS,
    **advertisers.ENDPOINTS,
    **centers.ENDPOINTS,
    **assets.ENDPOINTS,
    **assigning.ENDPOINTS,
    **partners.ENDPOINTS,
    **members.ENDPOINTS,
    **creatoroauth.ENDPOINTS,
    **creatorassets.ENDPOINTS,
    **creatorlinks.ENDPOINTS,
    **posts.ENDPOINTS,
    **postcodes.ENDPOINTS,
}
UNKNOWN = "(unknown path)"
logger = logging.getLogger("agencyportal.simulator")


def handle(context: Context, request: Request) -> Response:
    """Answer one API call. Without its trailing slash a path does not exist."""
    name = request.path.removeprefix(PREFIX)
    endpoint = ENDPOINTS.get(name)
    leave = under_way(context, name, request)
    half = int(context.store.world.switches["latency_ms"]) / 2000
    try:
        time.sleep(half)
        response = _answer(context, request, name, endpoint)
    except BaseException:
        leave()
        raise
    response.delay += half
    response.on_sent = leave
    return response


def _answer(
    context: Context, request: Request, name: str, endpoint: Endpoint | None
) -> Response:
    with context.store.lock:
        now = context.store.now()
        log_id = make_log_id(now)
        fault = _over_limit(context) or context.ambush.take(name)
        methods = _methods(context, endpoint) if endpoint else ()
        if endpoint is None:
            name, endpoint = UNKNOWN, Endpoint((), lambda call: {})
            response = Response(b"404 page not found", 404, "text/plain; charset=utf-8")
        elif request.method not in methods:
            response = Response(
                b"405 method not allowed", 405, "text/plain; charset=utf-8"
            )
            response.headers["Allow"] = ", ".join(methods)
        else:
            run = partial(_run, context, endpoint, request, now=now, log_id=log_id)
            response = play(fault, Turn(context, request, log_id, run))
        _record(context, name, endpoint, request, response, now=now, log_id=log_id)
        context.store.save()
    return response


def _over_limit(context: Context) -> str:
    limit = int(context.store.world.switches["app_calls_per_second"])
    return "rate_second" if context.traffic.is_over(limit, time.time()) else ""


def _methods(context: Context, endpoint: Endpoint) -> tuple[str, ...]:
    chosen = context.store.world.switches.get(endpoint.method_switch, "both")
    return endpoint.methods if chosen == "both" else (str(chosen),)


def _run(
    context: Context, endpoint: Endpoint, request: Request, *, now: float, log_id: str
) -> Response:
    header = request.headers.get("access-token", "")
    call = Call(
        context.store,
        Params({}),
        now,
        header=header,
        base_url=context.base_url,
        traffic=context.traffic,
    )
    try:
        if endpoint.needs_token:
            call.token = find_token(context.store.world, header)
            _check_scope(call, endpoint)
        if endpoint.methods == ("GET", "POST") and not request.body:
            call.params = Params(request.query, is_text=True)
        else:
            call.params = read_params(request, allows_form=endpoint.allows_form)
        data = endpoint.run(call)
        context.store.is_dirty |= request.method == "POST"
    except ApiError as error:
        return answer({}, log_id=log_id, code=error.code, message=error.message)
    except Exception:
        logger.exception("%s failed inside the simulator", request.path)
        return answer({}, log_id=log_id, code=INTERNAL, message="Internal error.")
    response = answer(data, log_id=log_id, code=call.code, message=call.message)
    if endpoint.may_be_flat and call.switch("oauth_token_shape") == "top":
        values = json.loads(response.body)
        response.body = json.dumps(values.pop("data") | values).encode()
    return response


def _check_scope(call: Call, endpoint: Endpoint) -> None:
    needed = endpoint.scope
    if needed is None or (call.token and grants(call.token.scopes, needed)):
        return
    raise ApiError(
        NO_PERMISSION,
        f"The access token lacks permission {needed} ({NAMES[needed]}).",
    )


def _record(
    context: Context,
    name: str,
    endpoint: Endpoint,
    request: Request,
    response: Response,
    *,
    now: float,
    log_id: str,
) -> None:
    token = request.headers.get("access-token", "")
    record: dict[str, Any] = {
        "time": now,
        "method": request.method,
        "endpoint": name,
        "status": response.status,
        "code": response.code,
        "log_id": log_id,
        "token": fingerprint(token) if token else None,
        "params": {},
    }
    try:
        params = read_params(request, allows_form=endpoint.allows_form)
        record["params"] = redact(params.values)
    except ApiError:
        record["params"] = None
    context.journal.add(name, record)
