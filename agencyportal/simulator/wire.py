"""Requests, answers, envelope and error codes on the wire (TikTok facts 1 and 8.1)."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any

OK = 0
PARTLY = 20001
NO_PERMISSION = 40001
BAD_PARAMETER = 40002
NOT_FOUND = 40007
TOO_MANY_IDS = 40011
RATE = 40100
APP_MISMATCH = 40101
TOKEN_EXPIRED = 40102
REFRESH_EXPIRED = 40103
TOKEN_MISSING = 40104
TOKEN_WRONG = 40105
BAD_GRANT_TYPE = 40108
CODE_DEAD = 40110
APP_UNKNOWN = 40113
INTERNAL = 50000

SECRET_NAMES = frozenset(
    {
        "secret",
        "client_secret",
        "auth_code",
        "code",
        "access_token",
        "refresh_token",
        "ticket",
    }
)


class ApiError(Exception):
    """A refusal told with HTTP 200 and a code that is not zero."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass
class Request:
    """One HTTP request; header names are lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    is_second_origin: bool = False


class Ending(Enum):
    """What becomes of an answer on its way."""

    ARRIVES = "arrives"
    IS_CUT = "is cut in the middle"
    IS_RESET = "is lost: the connection is reset"
    NEVER_COMES = "never comes: the connection stays open"


@dataclass
class Response:
    """One HTTP answer, sent after `delay` seconds; `on_sent` is called once it left."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    code: int | None = None
    delay: float = 0.0
    ending: Ending = Ending.ARRIVES
    on_sent: Callable[[], None] | None = None


def fingerprint(value: str) -> str:
    """Return a name for a secret that does not give it away."""
    return "sha256:" + hashlib.sha256(value.encode(errors="replace")).hexdigest()[:12]


def redact(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with every secret replaced by its fingerprint."""
    return {
        name: fingerprint(str(value)) if _is_secret(name) else value
        for name, value in values.items()
    }


def _is_secret(name: str) -> bool:
    return name.lower().replace("-", "_") in SECRET_NAMES


def make_log_id(now: float) -> str:
    """Return an id in the form of TikTok's log ids: the UTC time, then hex."""
    moment = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d%H%M%S")
    return moment + secrets.token_hex(9).upper()


def answer(
    data: Mapping[str, Any], *, log_id: str, code: int = OK, message: str = "OK"
) -> Response:
    """Wrap data in the envelope; HTTP is 200 whatever the code (TikTok facts 1)."""
    envelope = {"code": code, "message": message, "request_id": log_id, "data": data}
    return Response(
        json.dumps(envelope).encode(),
        headers={"X-Tt-Logid": log_id, "X-Tt-Trace-Id": log_id[-16:]},
        code=code,
    )


def as_json(value: Any, status: int = 200) -> Response:
    """Answer plain JSON, readable by a person (used by the control endpoints)."""
    return Response(json.dumps(value, indent=2).encode() + b"\n", status)


def paginate(
    rows: Sequence[dict[str, Any]], page: int, page_size: int, *, key: str = "list"
) -> dict[str, Any]:
    """Return one page of rows and `page_info`; a page past the end is empty."""
    start = (page - 1) * page_size
    return {
        key: list(rows[start : start + page_size]),
        "page_info": {
            "page": page,
            "page_size": page_size,
            "total_number": len(rows),
            "total_page": -(-len(rows) // page_size),
        },
    }
