"""How each fault is played on one call: told, spoilt, held back or lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agencyportal.simulator.context import Context
from agencyportal.simulator.meanwhile import MEANWHILE
from agencyportal.simulator.wire import (
    PARTLY,
    RATE,
    TOKEN_EXPIRED,
    TOKEN_WRONG,
    Ending,
    Request,
    Response,
    answer,
)

# Within the 20 seconds the portal waits for an answer.
SLOW_SECONDS = 8.0
SYSTEM_FAULT, SERVICE_TIMEOUT = 50000, 50002
NEW_WORD = "SOMETHING_NEW"
WORDS = {
    "ad_auth_status",
    "advertiser_role",
    "auth_code_status",
    "available_status",
    "relation_status",
    "relation_type",
    "status",
    "tt_account_roles",
    "user_role",
}
LONG_ID = 10**14
HTML = b"<!doctype html><title>Gateway</title><h1>Something is being repaired</h1>"


@dataclass(frozen=True)
class Turn:
    """One call that a fault may befall; `run` does what was asked and answers."""

    context: Context
    request: Request
    log_id: str
    run: Callable[[], Response]


Play = Callable[[Turn], Response]


def play(fault: str, turn: Turn) -> Response:
    """Answer a call as the fault of that name would; without one, as asked."""
    if fault in MEANWHILE:
        MEANWHILE[fault](turn.context, turn.request)
        turn.context.store.is_dirty = True
    return PLAYS[fault](turn) if fault in PLAYS else turn.run()


def _tells(code: int, message: str) -> Play:
    """Refuse with a code; nothing was done."""
    return lambda turn: answer({}, log_id=turn.log_id, code=code, message=message)


def _shows(status: int, body: bytes, **headers: str) -> Play:
    """Answer as a gateway in front of TikTok would; nothing was done."""
    kind = "text/html; charset=utf-8"
    return lambda turn: Response(body, status, kind, dict(headers))


def _tells_partly(turn: Turn) -> Response:
    """Say 20001 of what was done."""
    return _altered(turn, lambda told: told | {"code": PARTLY, "message": "Partly."})


def _ends(ending: Ending, *, is_done: bool) -> Play:
    def play(turn: Turn) -> Response:
        response = turn.run() if is_done else Response()
        response.ending = ending
        return response

    return play


def _is_slow(turn: Turn) -> Response:
    response = turn.run()
    response.delay = SLOW_SECONDS
    return response


def _mistypes(turn: Turn) -> Response:
    """Give ids as floats, which lose digits, and data without ids as a list."""

    def alter(told: dict[str, Any]) -> dict[str, Any]:
        data = _each(
            told["data"], lambda _, value: float(value) if _is_id(value) else value
        )
        return told | {"data": data if data != told["data"] else []}

    return _altered(turn, alter)


def _uses_new_words(turn: Turn) -> Response:
    def alter(told: dict[str, Any]) -> dict[str, Any]:
        return _each(told, lambda name, value: NEW_WORD if name in WORDS else value)

    return _altered(turn, alter)


def _repeats_rows(turn: Turn) -> Response:
    """Tell every row twice, and as many rows as that makes."""

    def alter(told: dict[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = {
            name: value + value if isinstance(value, list) else value
            for name, value in told["data"].items()
        }
        if info := data.get("page_info"):
            total = 2 * info["total_number"]
            data["page_info"] = info | {"total_number": total}
        return told | {"data": data}

    return _altered(turn, alter)


def _repeats_the_page(turn: Turn) -> Response:
    """Promise a second page, and give the first one again in its place."""

    def alter(told: dict[str, Any]) -> dict[str, Any]:
        data = told["data"]
        if info := data.get("page_info"):
            twice = {"total_number": 2 * info["total_number"], "total_page": 2}
            data = data | {"page_info": info | twice | {"page": 1}}
        return told | {"data": data}

    return _altered(turn, alter)


def _altered(turn: Turn, alter: Callable[[dict[str, Any]], dict[str, Any]]) -> Response:
    """Do what was asked; a good answer is altered on its way."""
    response = turn.run()
    if response.code == 0:
        told = alter(json.loads(response.body))
        response.body, response.code = json.dumps(told).encode(), told["code"]
    return response


def _each(told: dict[str, Any], change: Callable[[str, Any], Any]) -> dict[str, Any]:
    """Return the JSON object with every leaf changed by its name."""

    def changed(name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return _each(value, change)
        if isinstance(value, list):
            return [changed(name, item) for item in value]
        return change(name, value)

    return {name: changed(name, value) for name, value in told.items()}


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and value.isdigit() and int(value) > LONG_ID


PLAYS: dict[str, Play] = {
    "rate_second": _tells(RATE, "Too many requests: the QPS limit is reached."),
    "rate_minute": _tells(RATE, "Too many requests: the QPM limit is reached."),
    "rate_day": _tells(RATE, "Too many requests: the QPD limit is reached."),
    "system_fault": _tells(SYSTEM_FAULT, "System error."),
    "service_timeout": _tells(SERVICE_TIMEOUT, "A service timed out."),
    "key_expired": _tells(TOKEN_EXPIRED, "The access token has expired."),
    "key_refused": _tells(TOKEN_WRONG, "The access token is incorrect or revoked."),
    "partly": _tells_partly,
    "slow": _is_slow,
    "stalled": _ends(Ending.NEVER_COMES, is_done=False),
    "reset_before": _ends(Ending.IS_RESET, is_done=False),
    "reset_after": _ends(Ending.IS_RESET, is_done=True),
    "cut": _ends(Ending.IS_CUT, is_done=True),
    "page_for_answer": _shows(200, HTML),
    "http_500": _shows(500, HTML),
    "http_502": _shows(502, HTML),
    "empty": _shows(200, b""),
    "redirect": _shows(302, b"", Location="https://www.tiktok.com/business/"),
    "wrong_types": _mistypes,
    "new_words": _uses_new_words,
    "rows_twice": _repeats_rows,
    "page_twice": _repeats_the_page,
}
